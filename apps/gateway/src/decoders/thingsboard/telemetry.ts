import type { Rejection } from '../decoder.ts'
import { isRecord } from '../take-numbers.ts'
import type { Sample } from '../readings-by-time.ts'

export interface Telemetry {
  readonly samples: readonly Sample[]
  readonly rejections: readonly Rejection[]
}

/**
 * The four forms of telemetry: `{k: v}`, `{ts, values: {k: v}}`, and arrays of either. A time is in ms. Good items of an array are taken, bad ones refused one
 * by one, in the words of the protocol.
 */
export function readTelemetry(content: unknown, path = 'telemetry'): Telemetry {
  const samples: Sample[] = []
  const rejections: Rejection[] = []
  for (const entry of Array.isArray(content) ? (content as readonly unknown[]) : [content]) {
    const sample = readSample(entry)
    if (typeof sample !== 'string') samples.push(sample)
    else
      rejections.push({
        reason: 'wrong-type',
        detail: `${path}: ${sample}`,
        item: entry === content ? null : JSON.stringify(entry),
      })
  }
  return { samples, rejections }
}

function readSample(entry: unknown): Sample | string {
  if (!isRecord(entry)) return 'expected an object'
  const { ts, values } = entry
  if (!isRecord(values)) return { v: toValues(entry) }
  if (ts === undefined) return { v: toValues(values) }
  return typeof ts === 'number' && Number.isFinite(ts)
    ? { t: ts, v: toValues(values) }
    : 'ts: expected milliseconds'
}

const decimal = /^-?(?:0|[1-9]\d{0,15})(?:\.\d{1,15})?$/

/**
 * A number in a text is a number: ThingsBoard casts it so unless told otherwise (`transport.json.type_cast_enabled`), and firmware relies on it. A text with
 * a leading zero is a name, not a number.
 */
const toValues = (said: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(said).map(([key, value]) => [
      key,
      typeof value === 'string' && decimal.test(value) ? Number(value) : value,
    ]),
  )
