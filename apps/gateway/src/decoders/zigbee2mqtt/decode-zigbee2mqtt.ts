import { measured, refused, said, type Decoded, type Decoder } from '../decoder.ts'
import { foreignKey } from '../foreign-key.ts'
import { readJson, readText } from '../limits.ts'
import { isRecord, takeNumbers, type Names } from '../take-numbers.ts'

/** A friendly name may have levels of its own. What is said to a device (`/set`, `/get`) is not ours. */
const topicPattern = /^zigbee2mqtt\/(?!.*\/(?:set|get)(?:\/|$))(.+?)(\/availability)?$/

/** Source: the zigbee2mqtt pages of residual-current breakers (TOWSMR1) and of three-phase meters. */
const names: Names = {
  leakage_current: ['residual', 1],
  voltage: ['ua', 1],
  voltage_phase_b: ['ub', 1],
  voltage_phase_c: ['uc', 1],
  current: ['ia', 1],
  current_phase_b: ['ib', 1],
  current_phase_c: ['ic', 1],
  power: ['p', 0.001],
  power_factor: ['pf', 1],
  ac_frequency: ['f', 1],
  energy: ['kwh', 1],
  temperature: ['temp', 1],
  battery: ['battery', 1],
}

/** Devices behind zigbee2mqtt, residual-current breakers above all. Device key: `zigbee2mqtt:<friendly name>`. */
export const zigbee2mqtt: Decoder = {
  name: 'zigbee2mqtt',
  matches: (topic) => topicPattern.test(topic),
  decode: ({ topic, bytes }) => {
    const [, name = '', availability] = topicPattern.exec(topic) ?? []
    // The bridge's own state and log: no device.
    if (/^bridge(\/|$)/.test(name)) return { deviceKey: null, items: [], rejections: [], isList: false }
    const key = foreignKey('zigbee2mqtt', name)
    if (key === null) return refused(null, 'unknown-topic', 'expected zigbee2mqtt/<friendly name>')
    return availability === undefined ? decodeState(key, bytes) : decodeAvailability(key, bytes)
  },
}

function decodeState(key: string, bytes: Uint8Array): Decoded {
  const read = readJson(bytes)
  if (!read.ok) return { deviceKey: key, items: [], rejections: [read.rejection], isList: false }
  if (!isRecord(read.content)) return refused(key, 'wrong-type', 'expected an object')
  const { state, event, last_seen: lastSeen } = read.content
  const taken = takeNumbers(read.content, names)
  if (!taken.ok) return refused(key, 'wrong-type', taken.detail)
  const v = {
    ...taken.values,
    ...(state === 'ON' ? { pos: 2 } : state === 'OFF' ? { pos: 1 } : {}),
    // The last event is repeated with every state: kept beside the reading, since nothing tells a new one from an old one.
    ...(typeof event === 'string' ? { event } : {}),
  }
  return measured(key, v, readTime(lastSeen))
}

/** ISO 8601 or milliseconds, as the bridge is set; without it the arrival counts. */
function readTime(lastSeen: unknown): number | undefined {
  const ms = typeof lastSeen === 'string' ? Date.parse(lastSeen) : lastSeen
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : undefined
}

/** `{"state": "online"}`, from older bridges the bare word. */
function decodeAvailability(key: string, bytes: Uint8Array): Decoded {
  const text = readText(bytes)
  const state = /^\s*(?:\{\s*"state"\s*:\s*)?"?(online|offline)"?\s*\}?\s*$/.exec(
    text.ok ? text.content : '',
  )?.[1]
  if (state === undefined) return refused(key, 'wrong-type', 'expected online or offline')
  return said(key, [{ channel: 'status', payload: { online: state === 'online' } }])
}
