/**
 * The part of the Postgres frontend/backend protocol 3.0 that a server in front of one backend needs.
 * Source: PostgreSQL 17 documentation, chapters 53.2 (flow) and 53.7 (formats).
 *
 * Words: a *message* is one length-prefixed unit with its type byte; a *unit of work* is the run of messages that
 * ends with a ReadyForQuery: one simple Query, or an extended sequence up to its Sync.
 */

export type TransactionStatus = 'I' | 'T' | 'E'

/** The message types a client may send after the handshake. Any other byte traps the engine, so it never gets there. */
export const frontendTypes: ReadonlySet<string> = new Set([...'QPBDECSHFXpdcf'])

/** After one of these a reply is due, so a client that has sent one is worth a turn. */
export const closingTypes: ReadonlySet<string> = new Set([...'QSFHX'])

export function messageType(message: Buffer): string {
  return String.fromCharCode(message[0] ?? 0)
}

export class ProtocolViolation extends Error {
  readonly code = 'protocol-violation'

  constructor(message: string) {
    super(message)
    this.name = 'ProtocolViolation'
  }
}

/**
 * Cuts a byte stream into messages at any chunk boundaries. A message inside one chunk is a view of it; one that
 * spans chunks is copied once, into a buffer of its exact size.
 */
export class MessageSplitter {
  readonly #maxMessageBytes: number
  #chunks: Buffer[] = []
  #firstOffset = 0
  #bytes = 0

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes
  }

  get bufferedBytes(): number {
    return this.#bytes
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
  }

  /** The next message, or undefined until it is complete. Startup packets have no type byte (`isTyped` false). */
  next(isTyped = true): Buffer | undefined {
    const lengthAt = isTyped ? 1 : 0
    if (this.#bytes < lengthAt + 4) return undefined
    let length = 0
    for (let index = 0; index < 4; index += 1) length = length * 256 + this.#byteAt(lengthAt + index)
    const total = length + lengthAt
    if (isTyped && !frontendTypes.has(String.fromCharCode(this.#byteAt(0)))) {
      throw new ProtocolViolation(`invalid frontend message type ${this.#byteAt(0)}`)
    }
    if (length < 4 || total > this.#maxMessageBytes) {
      throw new ProtocolViolation(`invalid message length ${length}`)
    }
    return this.#bytes < total ? undefined : this.#take(total)
  }

  #byteAt(position: number): number {
    let left = position + this.#firstOffset
    for (const chunk of this.#chunks) {
      if (left < chunk.length) return chunk[left] ?? 0
      left -= chunk.length
    }
    return 0
  }

  #take(total: number): Buffer {
    this.#bytes -= total
    const first = this.#chunks[0]
    if (first !== undefined && first.length - this.#firstOffset >= total) {
      const message = first.subarray(this.#firstOffset, this.#firstOffset + total)
      this.#firstOffset += total
      if (this.#firstOffset === first.length) this.#dropFirst(1)
      return message
    }
    const message = Buffer.allocUnsafe(total)
    let filled = 0
    let used = 0
    for (const chunk of this.#chunks) {
      const copied = chunk.copy(message, filled, this.#firstOffset)
      filled += copied
      this.#firstOffset += copied
      if (this.#firstOffset < chunk.length) break
      this.#firstOffset = 0
      used += 1
      if (filled === total) break
    }
    const offset = this.#firstOffset
    this.#dropFirst(used)
    this.#firstOffset = offset
    return message
  }

  #dropFirst(count: number): void {
    this.#chunks.splice(0, count)
    this.#firstOffset = 0
  }
}

/** The text of a cstring that starts at `offset`, and where the next field starts. */
export function readCString(message: Buffer, offset: number): { text: string; end: number } {
  const zero = message.indexOf(0, offset)
  if (zero === -1) throw new ProtocolViolation('invalid string in message')
  return { text: message.toString('utf8', offset, zero), end: zero + 1 }
}

export function encodeMessage(type: string, ...fields: readonly (Buffer | string)[]): Buffer {
  const parts = fields.map((field) => (typeof field === 'string' ? cString(field) : field))
  const length = parts.reduce((sum, part) => sum + part.length, 4)
  const head = Buffer.allocUnsafe(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(length, 1)
  return Buffer.concat([head, ...parts], length + 1)
}

export function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'utf8')
}

export function int16(value: number): Buffer {
  const field = Buffer.allocUnsafe(2)
  field.writeInt16BE(value)
  return field
}

export function int32(value: number): Buffer {
  const field = Buffer.allocUnsafe(4)
  field.writeInt32BE(value)
  return field
}

export const syncMessage = encodeMessage('S')

export function queryMessage(sql: string): Buffer {
  return encodeMessage('Q', sql)
}

export function parseMessage(name: string, sql: string): Buffer {
  return encodeMessage('P', name, sql, int16(0))
}

export function closeStatementMessage(name: string): Buffer {
  return encodeMessage('C', Buffer.from('S'), name)
}

export interface ErrorFields {
  readonly severity?: 'ERROR' | 'FATAL'
  /** SQLSTATE, five characters. */
  readonly code: string
  readonly message: string
  readonly hint?: string
}

export function errorResponse({ severity = 'ERROR', code, message, hint }: ErrorFields): Buffer {
  const text = `S${severity}\0V${severity}\0C${code}\0M${message}\0${hint === undefined ? '' : `H${hint}\0`}`
  return encodeMessage('E', text)
}

export function parameterStatus(name: string, value: string): Buffer {
  return encodeMessage('S', name, value)
}

/** The status in the ReadyForQuery that ends a reply, or undefined when the reply does not end with one. */
export function trailingStatus(reply: Buffer): TransactionStatus | undefined {
  const at = reply.length - 6
  if (at < 0 || reply[at] !== 0x5a || reply.readInt32BE(at + 1) !== 5) return undefined
  const status = String.fromCharCode(reply[at + 5] ?? 0)
  return status === 'I' || status === 'T' || status === 'E' ? status : undefined
}

/** Each backend message of a reply: its type and its body. */
export function* backendMessages(reply: Buffer): Generator<{ type: string; body: Buffer }> {
  let at = 0
  while (at + 5 <= reply.length) {
    const length = reply.readInt32BE(at + 1)
    yield { type: messageType(reply.subarray(at)), body: reply.subarray(at + 5, at + 1 + length) }
    at += 1 + length
  }
}

/** The fields of an ErrorResponse or NoticeResponse by their letter: C is the SQLSTATE, M the message. */
export function noticeFields(body: Buffer): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const field of body.toString('utf8').split('\0')) {
    if (field !== '') fields.set(field.charAt(0), field.slice(1))
  }
  return fields
}
