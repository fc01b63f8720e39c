import { refused, said, type DecodedItem, type Decoder } from '../decoder.ts'
import { keyOn } from '../keyed-topic.ts'
import { readJsonList } from '../limits.ts'
import { resolveRecords, type ResolvedRecord } from './senml-records.ts'
import { toMetricUnit } from './senml-units.ts'

const channel = 'senml'

/**
 * SenML JSON (RFC 8428) on `gk/v1/<device key>/senml`. The topic says who speaks; what stands behind the last `:` or `/` of a name is the metric, and what stands
 * before it is the same in the whole pack. One reading for each instant. A pack is taken whole or not at all.
 */
export const senml: Decoder = {
  name: 'senml',
  matches: (topic) => keyOn(topic, channel) !== null,
  decode: ({ topic, bytes, receivedAtMs }) => {
    const key = keyOn(topic, channel)
    if (key === null) return refused(null, 'unknown-topic', 'expected gk/v1/<device key>/senml')
    const list = readJsonList(bytes)
    if (!list.ok) return { deviceKey: key, items: [], rejections: [list.rejection], isList: false }
    const resolved = resolveRecords(list.content, receivedAtMs)
    if (!resolved.ok) return refused(key, 'wrong-type', resolved.detail)
    const read = toReadings(resolved.records)
    return typeof read === 'string' ? refused(key, 'wrong-type', read) : said(key, read)
  },
}

/** A text says why not. */
function toReadings(records: readonly ResolvedRecord[]): DecodedItem[] | string {
  const byTime = new Map<number | undefined, Record<string, unknown>>()
  const speakers = new Set<string>()
  for (const { name, unit, timeMs, value } of records) {
    const [, speaker = '', metric = ''] = /^(.*[:/])?([^:/]*)$/.exec(name) ?? []
    speakers.add(speaker)
    if (speakers.size > 1) return `${name.slice(0, 64)}: a second speaker in one pack`
    const v = byTime.get(timeMs) ?? {}
    byTime.set(timeMs, v)
    const said = typeof value === 'number' ? toMetricUnit(metric, value, unit) : value
    if (metric === '' || said === undefined)
      return `${name.slice(0, 64)}: not a metric in ${unit?.slice(0, 16)}`
    v[metric] = said
  }
  return Array.from(byTime, ([t, v]) => ({
    channel: 'readings',
    payload: { ...(t === undefined ? {} : { t }), v },
  }))
}
