import { setImmediate as breathe } from 'node:timers/promises'
import { isPlace } from '@gridkeeper/domain'

/** One row that will not load. `line` counts from 1; in GeoJSON it is the feature's place in the file. */
export interface RowProblem {
  readonly line: number
  readonly code: string | null
  readonly reason: string
}

/** Rows that are good so far, each with where it stands in its file. */
export interface Parsed<Row> {
  readonly rows: readonly Placed<Row>[]
  readonly problems: readonly RowProblem[]
}
export type Placed<Row> = Row & { readonly line: number }

/** What is wrong with one row; caught where rows are gone through, and never leaves this folder. */
export class RowError extends Error {}

/** The file as a whole cannot be read. */
export class FileError extends Error {
  readonly code = 'unreadable-file'
}

const maxCode = 64
const maxName = 200
// eslint-disable-next-line no-control-regex -- control characters are exactly what a code must not have
const oddCharacters = /[\u0000-\u001f\u007f]/

export function checkCode(value: unknown): string {
  const code = typeof value === 'number' ? String(value) : value
  if (typeof code !== 'string' || code.trim() === '') throw new RowError('has no code')
  const trimmed = code.trim()
  if (trimmed.length > maxCode) throw new RowError(`the code is longer than ${maxCode} characters`)
  if (oddCharacters.test(trimmed)) throw new RowError('the code has control characters')
  return trimmed
}

export function checkName(value: unknown): string {
  const name = checkText(value, 'name')
  if (name === null) throw new RowError('has no name')
  return name
}

/** Null for nothing. */
export function checkText(value: unknown, what: string): string | null {
  if (value === null || value === undefined) return null
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string') throw new RowError(`${what} is not a text`)
  if (text.length > maxName) throw new RowError(`${what} is longer than ${maxName} characters`)
  return text.trim() === '' ? null : text.trim()
}

export function checkPlace(value: unknown): [number, number] {
  if (!Array.isArray(value)) throw new RowError('a place is not [lon, lat]')
  // A third number is the height, which the map does not need.
  const [lon, lat] = value as unknown[]
  if (typeof lon !== 'number' || typeof lat !== 'number') throw new RowError('a place is not [lon, lat]')
  if (!isPlace(lon, lat)) throw new RowError(`${lon}, ${lat} is no place in degrees`)
  if (lon === 0 && lat === 0) throw new RowError('the place is 0, 0: an unknown place, not a real one')
  return [lon, lat]
}

/** Lets good rows through and lists the others; of two rows with one code the first counts. */
export function collectRows<Raw, Row extends { readonly code: string }>(
  raws: Iterable<{ readonly line: number; readonly code: string | null; readonly raw: Raw }>,
  check: (raw: Raw) => Row,
): Parsed<Row> {
  const rows: Placed<Row>[] = []
  const problems: RowProblem[] = []
  const lines = new Map<string, number>()
  for (const { line, code, raw } of raws) {
    try {
      const row = check(raw)
      const first = lines.get(row.code)
      if (first !== undefined) throw new RowError(`the code stands in line ${first} already`)
      lines.set(row.code, line)
      rows.push({ ...row, line })
    } catch (error) {
      if (!(error instanceof RowError)) throw error
      problems.push({ line, code, reason: error.message })
    }
  }
  return { rows, problems }
}

/** Refuses rows after they were parsed, for what they refer to. */
export function sift<Row extends { readonly code: string }, Good>(
  parsed: Parsed<Row>,
  check: (row: Placed<Row>) => Good,
): { rows: Good[]; problems: RowProblem[] } {
  const rows: Good[] = []
  const problems = [...parsed.problems]
  for (const row of parsed.rows) {
    try {
      rows.push(check(row))
    } catch (error) {
      if (!(error instanceof RowError)) throw error
      problems.push({ line: row.line, code: row.code, reason: error.message })
    }
  }
  return { rows, problems }
}

const turnRows = 500

/** As {@link sift}, letting others run in between: 20,000 places to look up must not hold up the live stream. */
export async function siftInTurns<Row extends { readonly code: string }, Good>(
  parsed: Parsed<Row>,
  check: (row: Placed<Row>) => Good,
): Promise<{ rows: Good[]; problems: RowProblem[] }> {
  const rows: Good[] = []
  const problems = [...parsed.problems]
  for (let at = 0; at < parsed.rows.length; at += turnRows) {
    const sifted = sift({ rows: parsed.rows.slice(at, at + turnRows), problems: [] }, check)
    rows.push(...sifted.rows)
    problems.push(...sifted.problems)
    await breathe()
  }
  return { rows, problems }
}
