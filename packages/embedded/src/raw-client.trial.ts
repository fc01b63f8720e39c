// A client that speaks the wire protocol by hand, for tests that a well-behaved driver cannot make.
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { cString, encodeMessage, int16, int32, noticeFields } from './wire-messages.ts'

export interface Reply {
  readonly type: string
  readonly body: Buffer
}

export class RawClient {
  readonly socket: Socket
  #bytes = Buffer.alloc(0)
  #replies: Reply[] = []
  #wakers: (() => void)[] = []
  isClosed = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#cut()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.isClosed = true
      this.#wake()
    })
  }

  static async open(port: number, parameters: Record<string, string> = {}): Promise<RawClient> {
    const client = await RawClient.connect(port)
    client.socket.write(startupPacket({ user: 'postgres', database: 'postgres', ...parameters }))
    await client.until('Z')
    return client
  }

  static connect(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      const client = new RawClient(socket)
      socket.once('connect', () => resolve(client))
      socket.once('error', reject)
    })
  }

  /** Sends and gives what comes back up to the next ReadyForQuery, e.g. `['1', '2', 'D:7', 'C:SELECT 1', 'Z:I']`. */
  async ask(...messages: readonly Buffer[]): Promise<string[]> {
    this.socket.write(Buffer.concat(messages))
    return (await this.until('Z')).map(shown)
  }

  async query(sql: string): Promise<string[]> {
    return this.ask(encodeMessage('Q', sql))
  }

  /** Replies up to and with the first of this type; throws when the connection ends before it. */
  async until(type: string): Promise<Reply[]> {
    for (;;) {
      const at = this.#replies.findIndex((reply) => reply.type === type)
      if (at !== -1) return this.#replies.splice(0, at + 1)
      if (this.isClosed) throw new Error(`closed before ${type}: ${this.#replies.map(shown).join(' ')}`)
      await new Promise<void>((resolve) => this.#wakers.push(resolve))
    }
  }

  /** What was received and not asked for yet, once the other side has closed. */
  async farewell(): Promise<string[]> {
    while (!this.isClosed) await new Promise<void>((resolve) => this.#wakers.push(resolve))
    return this.#replies.map(shown)
  }

  #cut(): void {
    while (this.#bytes.length >= 5) {
      const length = this.#bytes.readInt32BE(1)
      if (this.#bytes.length < length + 1) break
      this.#replies.push({
        type: String.fromCharCode(this.#bytes[0] ?? 0),
        body: this.#bytes.subarray(5, length + 1),
      })
      this.#bytes = this.#bytes.subarray(length + 1)
    }
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#wakers.splice(0)) wake()
  }
}

function shown({ type, body }: Reply): string {
  if (type === 'E' || type === 'N') return `${type}:${noticeFields(body).get('C') ?? ''}`
  if (type === 'D') return `D:${body.toString('utf8', 6)}`
  if (type === 'C') return `C:${body.toString('utf8', 0, body.length - 1)}`
  if (type === 'Z') return `Z:${body.toString('utf8')}`
  return type
}

export function startupPacket(parameters: Record<string, string>, version = 196_608): Buffer {
  const fields = Object.entries(parameters).flatMap(([name, value]) => [cString(name), cString(value)])
  const body = Buffer.concat([int32(version), ...fields, Buffer.from([0])])
  return Buffer.concat([int32(body.length + 4), body])
}

export const query = (sql: string) => encodeMessage('Q', sql)
export const parse = (name: string, sql: string) => encodeMessage('P', name, sql, int16(0))
export const bind = (statement: string, ...values: readonly string[]) =>
  encodeMessage(
    'B',
    '',
    statement,
    int16(0),
    int16(values.length),
    ...values.flatMap((value) => [int32(Buffer.byteLength(value)), Buffer.from(value)]),
    int16(0),
  )
export const execute = encodeMessage('E', '', int32(0))
export const flush = encodeMessage('H')
export const sync = encodeMessage('S')
