import { convert, secondsToMs } from '../convert.ts'
import { measured, refused, said, type Decoded, type Decoder } from '../decoder.ts'
import { foreignKey } from '../foreign-key.ts'
import { readJson, readText } from '../limits.ts'
import { isRecord, takeNumbers, type Names } from '../take-numbers.ts'

const statusPattern = /^(.+)\/status\/(em|em1|emdata|em1data|pm1|switch):(\d{1,3})$/
const rpcPattern = /^(.+)\/events\/rpc$/
const onlinePattern = /^(.+)\/online$/
/** Prefixes that belong to other protocols. */
const foreign = /^(?:gk|owntracks|zigbee2mqtt|tele|\$[^/]*)\//

const onePhase: Names = { voltage: ['ua', 1], current: ['ia', 1], pf: ['pf', 1], freq: ['f', 1] }

/** Sources: Shelly's component pages EM, EM1, EMData, EM1Data, PM1, Switch. Powers in W, energies in Wh. */
const namesOf: Readonly<Record<string, Names>> = {
  em: {
    a_voltage: ['ua', 1],
    b_voltage: ['ub', 1],
    c_voltage: ['uc', 1],
    a_current: ['ia', 1],
    b_current: ['ib', 1],
    c_current: ['ic', 1],
    a_freq: ['f', 1],
    total_act_power: ['p', 0.001],
  },
  em1: { ...onePhase, act_power: ['p', 0.001] },
  emdata: { total_act: ['kwh', 0.001], total_act_ret: ['kwh_reverse', 0.001] },
  em1data: { total_act_energy: ['kwh', 0.001], total_act_ret_energy: ['kwh_reverse', 0.001] },
  pm1: { ...onePhase, apower: ['p', 0.001] },
  switch: { ...onePhase, apower: ['p', 0.001] },
}

/**
 * Shelly of the second generation and later: `<prefix>/status/<component>:<n>`, `<prefix>/events/rpc`, `<prefix>/online`. Device key: `shelly:<prefix>` for
 * the first channel of a device, `shelly:<prefix>:<n>` for the others.
 */
export const shelly: Decoder = {
  name: 'shelly',
  matches: (topic) =>
    !foreign.test(topic) &&
    (statusPattern.test(topic) || rpcPattern.test(topic) || onlinePattern.test(topic)),
  decode: ({ topic, bytes }) => {
    const [, prefix, component = '', channel = ''] = statusPattern.exec(topic) ?? []
    if (prefix !== undefined)
      return withObject(keyOf(prefix, channel), bytes, (key, status) => decodeStatus(key, component, status))
    const [, rpcPrefix] = rpcPattern.exec(topic) ?? []
    if (rpcPrefix !== undefined)
      return withObject(keyOf(rpcPrefix, '0'), bytes, (key, rpc) => decodeRpc(rpcPrefix, key, rpc))
    return decodeOnline(keyOf(onlinePattern.exec(topic)?.[1] ?? '', '0'), bytes)
  },
}

const keyOf = (prefix: string, channel: string): string =>
  (Number(channel) === 0
    ? foreignKey('shelly', prefix)
    : foreignKey('shelly', prefix, String(Number(channel)))) ?? 'shelly'

type Said = Readonly<Record<string, unknown>>

function withObject(
  key: string,
  bytes: Uint8Array,
  decode: (key: string, content: Said) => Decoded,
): Decoded {
  const read = readJson(bytes)
  if (!read.ok) return { deviceKey: key, items: [], rejections: [read.rejection], isList: false }
  return isRecord(read.content) ? decode(key, read.content) : refused(key, 'wrong-type', 'expected an object')
}

function decodeStatus(key: string, component: string, status: Said, t?: number): Decoded {
  const taken = takeNumbers(status, namesOf[component] ?? {})
  if (!taken.ok) return refused(key, 'wrong-type', `${component}: ${taken.detail}`)
  const counter = isRecord(status['aenergy']) ? status['aenergy']['total'] : undefined
  const kwh = typeof counter === 'number' ? { kwh: convert(counter, 0.001) } : {}
  return measured(key, { ...taken.values, ...kwh }, t)
}

/** A notification has only what changed, with a time in seconds. One of several channels would be of several devices: those send `status`. */
function decodeRpc(prefix: string, firstKey: string, { method, params }: Said): Decoded {
  if (method !== 'NotifyStatus' || !isRecord(params)) return said(firstKey, [])
  const parts = Object.entries(params).flatMap(([name, status]) => {
    const [, component = '', channel = ''] = /^([a-z0-9]+):(\d{1,3})$/.exec(name) ?? []
    return namesOf[component] !== undefined && isRecord(status) ? [{ component, channel, status }] : []
  })
  const channels = new Set(parts.map(({ channel }) => channel))
  if (channels.size > 1)
    return refused(firstKey, 'wrong-type', 'several channels at once: turn on the generic status update')
  const t = typeof params['ts'] === 'number' ? secondsToMs(params['ts']) : undefined
  const v: Record<string, unknown> = {}
  const key = keyOf(prefix, parts[0]?.channel ?? '0')
  for (const { component, status } of parts) {
    const decoded = decodeStatus(key, component, status)
    if (decoded.rejections.length > 0) return decoded
    for (const item of decoded.items) if (item.channel === 'readings') Object.assign(v, item.payload.v)
  }
  return measured(key, v, t)
}

function decodeOnline(key: string, bytes: Uint8Array): Decoded {
  const text = readText(bytes)
  const state = text.ok ? text.content : ''
  if (state !== 'true' && state !== 'false') return refused(key, 'wrong-type', 'expected true or false')
  return said(key, [{ channel: 'status', payload: { online: state === 'true' } }])
}
