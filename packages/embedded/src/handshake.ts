import { createHash, randomInt, timingSafeEqual } from 'node:crypto'
import type { ClientConnection } from './client-connection.ts'
import { parseStartupPacket, requestedSettings } from './startup-packet.ts'
import type { ErrorFields } from './wire-messages.ts'
import { encodeMessage, int32, parameterStatus, readCString } from './wire-messages.ts'

export type HandshakeStep =
  /** More bytes are needed. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'send'; readonly bytes: Buffer }
  /** Accepted; `settings` are the session parameters it asks for. */
  | { readonly kind: 'accepted'; readonly settings: ReadonlyMap<string, string>; readonly preface: Buffer }
  | { readonly kind: 'refused'; readonly error: ErrorFields }
  | { readonly kind: 'cancel-request' }

const databaseName = 'postgres'
const userName = 'postgres'

/**
 * One connection's way to being served. Encryption is declined (it listens on the loopback unless told otherwise);
 * a password, if one is set, is asked for in clear text.
 */
export class Handshake {
  readonly #password: string | undefined
  #settings: ReadonlyMap<string, string> = new Map()
  #preface: Buffer = Buffer.alloc(0)

  constructor(password: string | undefined) {
    this.#password = password
  }

  /** @throws ProtocolViolation */
  advance(client: ClientConnection): HandshakeStep {
    return client.phase === 'password' ? this.#checkPassword(client) : this.#readStartup(client)
  }

  #readStartup(client: ClientConnection): HandshakeStep {
    const bytes = client.nextPacket()
    if (bytes === undefined) return { kind: 'wait' }
    const packet = parseStartupPacket(bytes)
    if (packet.kind === 'cancel-request') return packet
    if (packet.kind === 'encryption-request') return { kind: 'send', bytes: Buffer.from('N') }

    const user = packet.parameters.get('user') ?? ''
    const database = packet.parameters.get('database') ?? user
    if (user !== userName) {
      return refused(
        '28000',
        `role "${user}" does not exist: the embedded database has one user, "${userName}"`,
      )
    }
    if (database !== databaseName) {
      return refused(
        '3D000',
        `database "${database}" does not exist: the embedded database has one, "${databaseName}"`,
      )
    }
    if (packet.parameters.has('replication')) return refused('0A000', 'replication is not supported')

    this.#settings = requestedSettings(packet.parameters)
    this.#preface = negotiation(packet.minorVersion, packet.parameters)
    if (this.#password === undefined) return this.#accept()
    client.phase = 'password'
    return { kind: 'send', bytes: encodeMessage('R', int32(3)) }
  }

  #checkPassword(client: ClientConnection): HandshakeStep {
    const message = client.nextHandshakeMessage()
    if (message === undefined) return { kind: 'wait' }
    if (message[0] !== 0x70) return refused('08P01', 'expected a password')
    const given = readCString(message, 5).text
    return isSame(given, this.#password ?? '')
      ? this.#accept()
      : refused('28P01', `password authentication failed for user "${userName}"`)
  }

  #accept(): HandshakeStep {
    return { kind: 'accepted', settings: this.#settings, preface: this.#preface }
  }
}

/** AuthenticationOk, the parameters drivers rely on, the key for a CancelRequest. ReadyForQuery is sent apart. */
export function welcome(client: ClientConnection, serverVersion: string, preface: Buffer): Buffer {
  return Buffer.concat([
    preface,
    encodeMessage('R', int32(0)),
    parameterStatus('server_version', serverVersion),
    parameterStatus('server_encoding', 'UTF8'),
    parameterStatus('client_encoding', 'UTF8'),
    parameterStatus('DateStyle', client.settings.get('DateStyle') ?? 'ISO, MDY'),
    parameterStatus('IntervalStyle', client.settings.get('IntervalStyle') ?? 'postgres'),
    parameterStatus('TimeZone', client.settings.get('TimeZone') ?? 'UTC'),
    parameterStatus('integer_datetimes', 'on'),
    parameterStatus('standard_conforming_strings', 'on'),
    parameterStatus('is_superuser', 'on'),
    parameterStatus('session_authorization', userName),
    encodeMessage('K', int32(client.id), int32(randomInt(2 ** 31))),
    encodeMessage('Z', Buffer.from('I')),
  ])
}

/** NegotiateProtocolVersion, for a client that asks for more than 3.0 or for protocol options. */
function negotiation(minorVersion: number, parameters: ReadonlyMap<string, string>): Buffer {
  const options = [...parameters.keys()].filter((name) => name.startsWith('_pq_.'))
  if (minorVersion === 0 && options.length === 0) return Buffer.alloc(0)
  return encodeMessage('v', int32(0x30000), int32(options.length), ...options)
}

function refused(code: string, message: string): HandshakeStep {
  return { kind: 'refused', error: { severity: 'FATAL', code, message } }
}

function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
