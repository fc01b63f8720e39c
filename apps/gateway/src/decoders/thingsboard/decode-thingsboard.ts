import { deviceKeyPattern } from '@gridkeeper/contracts'
import { refused, said, type Decoded, type Decoder, type Undecoded } from '../decoder.ts'
import { foreignKey } from '../foreign-key.ts'
import { checkCount, readJson } from '../limits.ts'
import { readingsByTime } from '../readings-by-time.ts'
import { isRecord } from '../take-numbers.ts'
import { readTelemetry } from './telemetry.ts'

const topicPattern =
  /^v1\/(?:(devices)\/me|(gateway))\/(telemetry|attributes|connect|disconnect|rpc|claim|(?:attributes|rpc)\/(?:request|response)(?:\/[^/]+)?)$/

const nothing: Decoded = { deviceKey: null, items: [], rejections: [], isList: false }

/**
 * The MQTT API of ThingsBoard for devices (`v1/devices/me/…`) and gateways (`v1/gateway/…`), so that existing firmware may move over. No topic names who
 * speaks: a device is its login, a device behind a gateway is `thingsboard:<login>:<name>`.
 *
 * Attributes are facts about a device, not measurements, and calls are answered by nobody: both are acknowledged and not kept.
 */
export const thingsBoard: Decoder = {
  name: 'thingsboard',
  matches: (topic) => topicPattern.test(topic),
  decode: (message) => {
    const [, devices, , channel = ''] = topicPattern.exec(message.topic) ?? []
    const login = message.login ?? null
    if (devices === undefined) return decodeGateway(channel, message, login)
    return channel === 'telemetry' ? decodeDevice(message, login) : nothing
  },
}

const noLogin = (login: string | null): Decoded =>
  refused(
    null,
    'no-login',
    login === null
      ? 'this topic names nobody: log in with a user name'
      : 'the user name is not a device key: 1 to 64 of A–Z a–z 0–9 . _ : -',
  )

function decodeDevice({ bytes }: Undecoded, login: string | null): Decoded {
  if (login === null || !deviceKeyPattern.test(login)) return noLogin(login)
  const read = readJson(bytes)
  if (!read.ok) return { ...nothing, deviceKey: login, rejections: [read.rejection] }
  const { samples, rejections } = readTelemetry(read.content)
  return { ...nothing, deviceKey: login, items: readingsByTime(samples), rejections }
}

function decodeGateway(channel: string, { bytes }: Undecoded, login: string | null): Decoded {
  if (channel !== 'telemetry' && channel !== 'connect' && channel !== 'disconnect') return nothing
  if (login === null) return noLogin(login)
  const read = readJson(bytes)
  if (!read.ok) return { ...nothing, rejections: [read.rejection] }
  if (!isRecord(read.content)) return refused(null, 'wrong-type', 'expected an object')
  if (channel === 'telemetry') return decodeTelemetryOfMany(read.content, login)
  const { device } = read.content
  const key = typeof device === 'string' ? foreignKey('thingsboard', login, device) : null
  if (key === null) return refused(null, 'wrong-type', 'device: expected a name')
  return said(key, [{ channel: 'status', payload: { online: channel === 'connect' } }])
}

/** `{"Dev A": [{ts, values}, …], …}`. */
function decodeTelemetryOfMany(content: Readonly<Record<string, unknown>>, login: string): Decoded {
  const names = Object.keys(content)
  // Each name is looked up: thousands of empty ones are one dead letter.
  const tooMany = checkCount(names.length)
  if (tooMany !== null) return { ...nothing, rejections: [tooMany] }
  const others = names.flatMap((name): Decoded[] => {
    const deviceKey = foreignKey('thingsboard', login, name)
    if (deviceKey === null) return [refused(null, 'wrong-type', 'a device without a name')]
    const { samples, rejections } = readTelemetry(content[name], name.slice(0, 64))
    const items = readingsByTime(samples)
    const own = rejections.map(({ reason, detail, item }) => ({
      reason,
      detail,
      // So that it may run again by itself.
      item: JSON.stringify({ [name]: item === null ? content[name] : [JSON.parse(item) as unknown] }),
    }))
    return items.length + own.length === 0 ? [] : [{ ...nothing, deviceKey, items, rejections: own }]
  })
  return { ...nothing, others }
}
