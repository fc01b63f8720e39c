import { convert } from '../convert.ts'
import { measured, refused, said, type Decoded, type Decoder } from '../decoder.ts'
import { foreignKey } from '../foreign-key.ts'
import { readJson, readText } from '../limits.ts'
import { isRecord } from '../take-numbers.ts'

const topicPattern = /^tele\/(.+)\/(SENSOR|STATE|LWT)$/

/** One number, or one a phase. */
type Spoken = readonly number[]

/** Plugs and meters with Tasmota firmware: `tele/<topic>/SENSOR` and `LWT`. Device key: `tasmota:<topic>`. */
export const tasmota: Decoder = {
  name: 'tasmota',
  matches: (topic) => topicPattern.test(topic),
  decode: ({ topic, bytes }) => {
    const [, name = '', channel] = topicPattern.exec(topic) ?? []
    const key = foreignKey('tasmota', name)
    if (key === null) return refused(null, 'unknown-topic', 'expected tele/<topic>/SENSOR')
    // Uptime and signal strength.
    if (channel === 'STATE') return said(key, [])
    return channel === 'LWT' ? decodeWill(key, bytes) : decodeSensor(key, bytes)
  },
}

function decodeWill(key: string, bytes: Uint8Array): Decoded {
  const text = readText(bytes)
  const state = text.ok ? text.content : ''
  if (state !== 'Online' && state !== 'Offline')
    return refused(key, 'wrong-type', 'expected Online or Offline')
  return said(key, [{ channel: 'status', payload: { online: state === 'Online' } }])
}

function decodeSensor(key: string, bytes: Uint8Array): Decoded {
  const read = readJson(bytes)
  if (!read.ok) return { deviceKey: key, items: [], rejections: [read.rejection], isList: false }
  const energy = isRecord(read.content) ? read.content['ENERGY'] : undefined
  if (!isRecord(read.content) || !isRecord(energy))
    return refused(key, 'wrong-type', 'ENERGY: expected an object')
  const wrong = measures.find((name) => energy[name] !== undefined && spoken(energy[name]) === undefined)
  if (wrong !== undefined)
    return refused(key, 'wrong-type', `ENERGY.${wrong}: expected a number, or one a phase`)
  return measured(
    key,
    toValues((name) => spoken(energy[name]) ?? []),
    readTime(read.content['Time']),
  )
}

const measures = [
  'Voltage',
  'Current',
  'Power',
  'ReactivePower',
  'Factor',
  'Frequency',
  'Total',
  'ExportTotal',
] as const

function toValues(of: (name: (typeof measures)[number]) => Spoken): Record<string, number> {
  const v: Record<string, number> = {}
  const put = (key: string, value: number | undefined) => {
    if (value !== undefined) v[key] = value
  }
  const total = (values: Spoken, factor: number) =>
    values.length === 0
      ? undefined
      : convert(
          values.reduce((sum, value) => sum + value, 0),
          factor,
        )
  const only = (values: Spoken) => (values.length === 1 ? values[0] : undefined)
  for (const [at, phase] of ['a', 'b', 'c'].entries()) {
    put(`u${phase}`, of('Voltage')[at])
    put(`i${phase}`, of('Current')[at])
  }
  put('p', total(of('Power'), 0.001))
  put('q', total(of('ReactivePower'), 0.001))
  // Factors of phases have no sum.
  put('pf', only(of('Factor')))
  put('f', of('Frequency')[0])
  put('kwh', total(of('Total'), 1))
  put('kwh_reverse', total(of('ExportTotal'), 1))
  return v
}

function spoken(value: unknown): Spoken | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.length <= 3 && list.every((part) => typeof part === 'number') ? (list as Spoken) : undefined
}

/** The device's time is local and has no zone unless it is set so: then the arrival counts. */
function readTime(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}
