import { createReadStream } from 'node:fs'
import { fixPayload } from '@gridkeeper/contracts'
import { findKind } from '@gridkeeper/domain'
import { parse } from 'csv-parse'
import type { ColumnMap, MapWish } from './column-map.ts'
import { chooseMap } from './column-map.ts'
import { parseTime } from './parse-time.ts'
import type { Sample, SampleBody } from './sample.ts'
import { RecordingError } from './sample.ts'

interface Record {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

/** Reads row by row, so that the size of the file does not matter. Throws RecordingError for a file that has no such columns. */
export async function* readCsv(file: string, kindKey: string, wish: MapWish): AsyncGenerator<Sample> {
  const rows = createReadStream(file).pipe(
    parse({
      delimiter: await delimiterOf(file),
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      info: true,
    }),
  ) as AsyncIterable<Record>
  let header: readonly string[] | undefined
  let map: ColumnMap | undefined
  for await (const { record, info } of rows) {
    if (header === undefined || map === undefined) {
      header = record.map((column) => column.trim())
      const chosen = chooseMap(header, kindKey, wish)
      if (!chosen.ok) throw new RecordingError(chosen.reason)
      map = chosen.map
      continue
    }
    yield toSample(record, header, map, kindKey, info.lines)
  }
  if (header === undefined) throw new RecordingError('the file is empty')
}

async function delimiterOf(file: string): Promise<string> {
  let head = ''
  for await (const chunk of createReadStream(file, { encoding: 'utf8', end: 4_095 })) head += String(chunk)
  const first = head.split(/\r?\n/, 1)[0] ?? ''
  const counts = [',', ';', '\t'].map((mark) => ({ mark, count: first.split(mark).length }))
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).mark
}

export function toSample(
  record: readonly string[],
  header: readonly string[],
  map: ColumnMap,
  kindKey: string,
  line: number,
): Sample {
  if (record.length !== header.length) {
    return { ok: false, line, reason: `${record.length} columns instead of ${header.length}` }
  }
  const cell = (column: string) => record[header.indexOf(column)]!.trim()
  const time = parseTime(map.time.map(cell).join(' '), map.timeFormat, map.zone)
  if (!time.ok) return { ok: false, line, reason: time.reason }
  const values: { [key: string]: number | boolean } = {}
  for (const { key, column } of map.values) {
    const text = cell(column)
    // How recordings say "nothing measured".
    if (text === '' || text === '?' || /^(nan|null|na)$/i.test(text)) continue
    const value = toValue(kindKey, key, text)
    if (value === null) return { ok: false, line, reason: `${column}: “${text}” is not a value of ${key}` }
    values[key] = value
  }
  if (Object.keys(values).length === 0) return { ok: false, line, reason: 'nothing was measured' }
  const body = toBody(kindKey, values)
  return body.ok
    ? { ok: true, line, timeMs: time.timeMs, body: body.body }
    : { ok: false, line, reason: body.reason }
}

function toBody(
  kindKey: string,
  values: { [key: string]: number | boolean },
): { ok: true; body: SampleBody } | { ok: false; reason: string } {
  if (kindKey !== 'keeper') return { ok: true, body: { channel: 'readings', values } }
  const fix = fixPayload.safeParse(values)
  if (fix.success) return { ok: true, body: { channel: 'fixes', fix: fix.data } }
  return {
    ok: false,
    reason: fix.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
  }
}

function toValue(kindKey: string, key: string, text: string): number | boolean | null {
  const type = findKind(kindKey)?.metrics.find((metric) => metric.key === key)?.type
  if (type === 'boolean') return /^(true|1)$/i.test(text) ? true : /^(false|0)$/i.test(text) ? false : null
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}
