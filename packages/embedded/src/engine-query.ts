import type { Engine } from './engine.ts'
import { backendMessages, noticeFields, queryMessage } from './wire-messages.ts'

export type Row = Readonly<Record<string, string | null>>

export class QueryFailure extends Error {
  /** SQLSTATE */
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'QueryFailure'
    this.code = code
  }
}

/**
 * Runs the server's own SQL by the simple protocol and gives the rows of its last result, values as text.
 * @throws QueryFailure, with the engine back to idle
 */
export function queryEngine(engine: Engine, sql: string): Row[] {
  let columns: string[] = []
  let rows: Row[] = []
  let failure: QueryFailure | undefined
  for (const { type, body } of backendMessages(engine.run(queryMessage(sql)))) {
    if (type === 'T') {
      columns = columnNames(body)
      rows = []
    } else if (type === 'D') {
      rows.push(Object.fromEntries(values(body).map((value, index) => [columns[index] ?? '', value])))
    } else if (type === 'E') {
      const fields = noticeFields(body)
      failure ??= new QueryFailure(fields.get('C') ?? 'XX000', fields.get('M') ?? 'unknown error')
    }
  }
  if (failure !== undefined) throw failure
  return rows
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function columnNames(body: Buffer): string[] {
  const names: string[] = []
  const count = body.readInt16BE(0)
  let at = 2
  for (let index = 0; index < count; index += 1) {
    const end = body.indexOf(0, at)
    names.push(body.toString('utf8', at, end))
    at = end + 1 + 18
  }
  return names
}

function values(body: Buffer): (string | null)[] {
  const found: (string | null)[] = []
  const count = body.readInt16BE(0)
  let at = 2
  for (let index = 0; index < count; index += 1) {
    const length = body.readInt32BE(at)
    at += 4
    found.push(length === -1 ? null : body.toString('utf8', at, at + length))
    at += Math.max(length, 0)
  }
  return found
}
