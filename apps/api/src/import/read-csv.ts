import { setImmediate as breathe } from 'node:timers/promises'
import { parse, type Info } from 'csv-parse'
import { FileError, type RowProblem } from './row-check.ts'

export interface CsvRecord {
  readonly line: number
  readonly cells: Readonly<Record<string, string>>
}
export interface CsvFile {
  readonly columns: readonly string[]
  readonly records: readonly CsvRecord[]
  readonly problems: readonly RowProblem[]
}

const chunkCharacters = 64 * 1024

/** The parser quotes the cell that it stumbled over, which may be a secret. */
const withoutValue = (message: string) => message.replace(/,? value is [\s\S]*$/i, '')

/**
 * Reads a CSV with a header row (RFC 4180; a BOM and CRLF are fine). A row with another number of cells than the header is a problem. Throws
 * {@link FileError} without the needed columns. Lets others run between chunks: a large file must not hold up the live stream.
 */
export async function readCsv(text: string, needed: readonly string[]): Promise<CsvFile> {
  const problems: RowProblem[] = []
  const lines: { record: string[]; line: number }[] = []
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    trim: true,
    // A quote left open must not take the rest of a large file for one cell.
    max_record_size: 64 * 1024,
  })
  parser.on('skip', (error: { message: string; lines?: number }) =>
    problems.push({ line: error.lines ?? 0, code: null, reason: withoutValue(error.message) }),
  )
  let failure: Error | undefined
  const ended = new Promise<void>((resolve) => {
    parser.on('end', resolve).on('error', (error) => {
      failure = error
      resolve()
    })
  })
  parser.on('data', ({ record, info }: { record: string[]; info: Info }) =>
    lines.push({ record, line: info.lines }),
  )
  for (let at = 0; at < text.length && failure === undefined; at += chunkCharacters) {
    parser.write(text.slice(at, at + chunkCharacters))
    await breathe()
  }
  if (failure === undefined) parser.end()
  await ended
  if (failure !== undefined) throw new FileError(`the text is not CSV: ${withoutValue(failure.message)}`)

  const columns = (lines.shift()?.record ?? []).map((name) => name.toLowerCase())
  const missing = needed.filter((name) => !columns.includes(name))
  if (missing.length > 0) throw new FileError(`the header row has no ${missing.join(', ')}`)
  const records: CsvRecord[] = []
  for (const { record, line } of lines) {
    if (record.length === columns.length)
      records.push({
        line,
        cells: Object.fromEntries(columns.map((name, index) => [name, record[index] ?? ''])),
      })
    else {
      const reason = `has ${record.length} cells where the header has ${columns.length}`
      problems.push({ line, code: record[columns.indexOf('code')] ?? null, reason })
    }
  }
  return { columns, records, problems }
}
