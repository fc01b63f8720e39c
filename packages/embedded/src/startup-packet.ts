import { ProtocolViolation } from './wire-messages.ts'

/** The first packet of a connection. Source: PostgreSQL documentation, 53.7, StartupMessage and its three siblings. */
export type StartupPacket =
  | { readonly kind: 'encryption-request' }
  | { readonly kind: 'cancel-request' }
  | {
      readonly kind: 'startup'
      readonly minorVersion: number
      readonly parameters: ReadonlyMap<string, string>
    }

const cancelCode = 80_877_102
const sslCode = 80_877_103
const gssCode = 80_877_104

/** @throws ProtocolViolation for anything that is none of them */
export function parseStartupPacket(packet: Buffer): StartupPacket {
  if (packet.length < 8) throw new ProtocolViolation('startup packet too short')
  const code = packet.readInt32BE(4)
  if (code === sslCode || code === gssCode) return { kind: 'encryption-request' }
  if (code === cancelCode) return { kind: 'cancel-request' }
  if (code >> 16 !== 3)
    throw new ProtocolViolation(`unsupported frontend protocol ${code >> 16}.${code & 0xffff}`)
  return { kind: 'startup', minorVersion: code & 0xffff, parameters: parseParameters(packet) }
}

function parseParameters(packet: Buffer): ReadonlyMap<string, string> {
  const fields = packet.toString('utf8', 8).split('\0')
  const parameters = new Map<string, string>()
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index] ?? ''
    if (name === '') break
    parameters.set(name.toLowerCase(), fields[index + 1] ?? '')
  }
  return parameters
}

// They name the connection, not a session parameter. application_name is taken and not applied: nobody could see it.
const connectionParameters = new Set(['user', 'database', 'replication', 'options', 'application_name'])

/** The session parameters a client asks for at connect, from the packet itself and from `options=-c name=value`. */
export function requestedSettings(parameters: ReadonlyMap<string, string>): Map<string, string> {
  const settings = new Map<string, string>()
  for (const [name, value] of parameters) {
    if (!connectionParameters.has(name) && !name.startsWith('_pq_.')) settings.set(name, value)
  }
  for (const match of (parameters.get('options') ?? '').matchAll(optionPattern)) {
    const [, name, value] = match
    if (name !== undefined && value !== undefined)
      settings.set(name.toLowerCase(), value.replace(/\\(.)/g, '$1'))
  }
  // The engine speaks UTF8 only; every client of ours does, too.
  settings.delete('client_encoding')
  return settings
}

const optionPattern = /(?:-c\s*|--)([\w.-]+)=((?:\\.|[^\\\s])*)/g
