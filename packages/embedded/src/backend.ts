import type { ClientConnection } from './client-connection.ts'
import { queryEngine } from './engine-query.ts'
import type { Engine } from './engine.ts'
import { SessionSettings } from './session-settings.ts'
import { inspectSql } from './statement-guard.ts'
import type { Refusal } from './statement-guard.ts'
import { statementNameIn, statementPrefix, withPrefix } from './statement-names.ts'
import {
  backendMessages,
  closeStatementMessage,
  encodeMessage,
  errorResponse,
  messageType,
  parseMessage,
  queryMessage,
  readCString,
  syncMessage,
  trailingStatus,
} from './wire-messages.ts'

export interface Served {
  readonly reply: Buffer
  /** The backend is idle again: neither in a transaction nor inside an extended sequence. */
  readonly endsTurn: boolean
  readonly wasRefused: boolean
}

// Postgres answers it with a syntax error in every state, which aborts an open transaction as a refusal has to.
const refusedSql = 'refused by the embedded database'

/**
 * The single backend as several clients see it: it refuses what the engine cannot do, keeps the clients' prepared
 * statements apart, swaps session parameters, and cleans up behind a client that is gone.
 *
 * A turn: `beginTurn`, then `serve` for each message until one `endsTurn`, then `endTurn`; or `abandon` at any time.
 */
export class Backend {
  readonly engine: Engine
  readonly settings: SessionSettings
  #unnamedOwner: ClientConnection | undefined

  constructor(engine: Engine) {
    this.engine = engine
    // The extension adds planner hooks that are needed from the first statement on, so load it before any client.
    queryEngine(engine, "create extension if not exists timescaledb; load 'timescaledb'")
    this.settings = new SessionSettings(engine)
  }

  beginTurn(client: ClientConnection): void {
    this.settings.apply(client.settings)
  }

  serve(client: ClientConnection, message: Buffer): Served {
    const type = messageType(message)
    // COPY data outside of COPY: Postgres drops it, too. It comes from clients whose COPY was refused.
    if (type === 'd' || type === 'c' || type === 'f') {
      return { reply: nothing, endsTurn: !client.isMidSequence && !client.isInTransaction, wasRefused: false }
    }
    const { reply, wasRefused } = this.#run(client, type, message)
    const status = trailingStatus(reply)
    client.isMidSequence = status === undefined
    if (status !== undefined) client.isInTransaction = status !== 'I'
    return { reply: withoutAbortNotice(reply), endsTurn: status === 'I', wasRefused }
  }

  endTurn(client: ClientConnection): void {
    if (!client.mayHaveChangedSettings) return
    client.mayHaveChangedSettings = false
    client.settings = this.settings.capture()
  }

  /** Rolls back whatever the holder of the turn has open, wherever in a sequence it is. */
  abandon(client: ClientConnection): void {
    if (client.isMidSequence || client.isInTransaction) {
      // A bare Sync would commit what was executed before it, so make the sequence fail first.
      this.engine.run(parseMessage('', refusedSql))
      const status = trailingStatus(this.engine.run(syncMessage))
      if (status !== 'I') this.engine.run(queryMessage('rollback'))
      this.#unnamedOwner = undefined
    }
    client.isMidSequence = false
    client.isInTransaction = false
    this.endTurn(client)
  }

  /** Frees what a disconnected client has left. Call it while the backend is idle. */
  forget(client: ClientConnection, isLastWithTempTables: boolean): void {
    for (const name of client.statements) {
      this.engine.run(closeStatementMessage(statementPrefix(client.id) + name))
    }
    if (client.statements.size > 0) this.engine.run(syncMessage)
    if (client.hasTempTables && isLastWithTempTables) queryEngine(this.engine, 'discard temp')
    if (this.#unnamedOwner === client) this.#unnamedOwner = undefined
  }

  #run(client: ClientConnection, type: string, message: Buffer): { reply: Buffer; wasRefused: boolean } {
    switch (type) {
      case 'Q':
        return this.#simpleQuery(client, message)
      case 'P':
        return this.#parse(client, message)
      case 'B':
      case 'D':
      case 'C':
        return { reply: this.#useStatement(client, type, message), wasRefused: false }
      default:
        return { reply: this.engine.run(message), wasRefused: false }
    }
  }

  #simpleQuery(client: ClientConnection, message: Buffer): { reply: Buffer; wasRefused: boolean } {
    // A simple query discards the unnamed statement.
    client.unnamedParse = undefined
    this.#unnamedOwner = undefined
    const verdict = inspectSql(textAt(message, 5))
    if (verdict.refusal !== undefined) return this.#refuse(queryMessage(refusedSql), verdict.refusal)
    client.mayHaveChangedSettings ||= verdict.changesSettings
    client.hasTempTables ||= verdict.createsTemp
    return { reply: this.engine.run(message), wasRefused: false }
  }

  #parse(client: ClientConnection, message: Buffer): { reply: Buffer; wasRefused: boolean } {
    const { text: name, end } = readCString(message, 5)
    const verdict = inspectSql(textAt(message, end))
    if (verdict.refusal !== undefined) return this.#refuse(parseMessage('', refusedSql), verdict.refusal)
    client.hasTempTables ||= verdict.createsTemp
    client.settingStatements.delete(name)
    if (verdict.changesSettings) client.settingStatements.add(name)
    if (name === '') {
      client.unnamedParse = message
      this.#unnamedOwner = client
      return { reply: this.engine.run(message), wasRefused: false }
    }
    client.statements.add(name)
    return {
      reply: this.engine.run(...withPrefix(message, 5, statementPrefix(client.id))),
      wasRefused: false,
    }
  }

  #useStatement(client: ClientConnection, type: string, message: Buffer): Buffer {
    const statement = statementNameIn(message)
    if (statement === undefined) return this.engine.run(message)
    const { name, nameAt } = statement
    if (type === 'B' && client.settingStatements.has(name)) client.mayHaveChangedSettings = true
    if (name === '') {
      this.#restoreUnnamed(client)
      return this.engine.run(message)
    }
    if (type === 'C') client.statements.delete(name)
    return this.engine.run(...withPrefix(message, nameAt, statementPrefix(client.id)))
  }

  /** Clients may Parse and Sync in one turn and Bind in a later one; another's unnamed statement is there by then. */
  #restoreUnnamed(client: ClientConnection): void {
    if (this.#unnamedOwner === client) return
    const parse = client.unnamedParse ?? parseMessage('', '')
    if (client.unnamedParse === undefined) {
      // It has none. Leave none to be found, so that the engine says so in its own words.
      this.engine.run(encodeMessage('C', Buffer.from('S'), ''))
    } else {
      this.engine.run(parse)
    }
    this.#unnamedOwner = client
  }

  #refuse(failing: Buffer, refusal: Refusal): { reply: Buffer; wasRefused: boolean } {
    this.#unnamedOwner = undefined
    const parts: Buffer[] = []
    const reply = this.engine.run(failing)
    let at = 0
    for (const { type, body } of backendMessages(reply)) {
      const length = body.length + 5
      parts.push(
        type === 'E' ? errorResponse({ code: '0A000', ...refusal }) : reply.subarray(at, at + length),
      )
      at += length
    }
    return { reply: Buffer.concat(parts), wasRefused: true }
  }
}

const nothing = Buffer.alloc(0)

const abortNotice = Buffer.from('\0RRecordTransactionAbort\0')

/** This build of the engine warns at each abort of a transaction that has written; no Postgres client expects that. */
function withoutAbortNotice(reply: Buffer): Buffer {
  if (!reply.includes(abortNotice)) return reply
  const parts: Buffer[] = []
  let at = 0
  for (const { type, body } of backendMessages(reply)) {
    const message = reply.subarray(at, at + body.length + 5)
    if (type !== 'N' || !body.includes(abortNotice)) parts.push(message)
    at += message.length
  }
  return Buffer.concat(parts)
}

function textAt(message: Buffer, offset: number): string {
  const end = message.indexOf(0, offset)
  // latin1 keeps every ASCII word where it is and costs no decoding; the guard looks for nothing else.
  return message.toString('latin1', offset, end === -1 ? message.length : end)
}
