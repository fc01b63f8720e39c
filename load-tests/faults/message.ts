import { deviceTopic } from '@gridkeeper/contracts'
import type { Device, Stream } from './ledger.ts'

/** One PUBLISH: what is on the wire, and which entries of the ledger it stands for. */
export interface Message {
  readonly device: number
  readonly numbers: readonly number[]
  readonly topic: string
  readonly payload: string | Buffer
}

/** The same number gives the same bytes, so that a repetition is one. Each value repeats the number: a row that was altered shows. */
const contents: Readonly<Record<Stream, (timeMs: number, number: number) => object>> = {
  readings: (timeMs, number) => ({
    t: timeMs,
    id: number,
    v: { ua: 215 + (number % 100) / 10, ia: (number % 60) / 2, p: (number % 70) / 10, kwh: number },
  }),
  fixes: (timeMs, number) => ({
    t: timeMs,
    id: number,
    lon: 113.3 + (number % 1_000) / 1e5,
    lat: 30.1,
    alt: number,
    acc: 5,
  }),
  events: (timeMs, number) => ({ t: timeMs, id: number, event: 'door-open', data: { n: number } }),
}

/** A device's clock ticks a millisecond a message, from `fromMs` on. */
export function makeMessage(
  devices: readonly Device[],
  device: number,
  number: number,
  fromMs: number,
): Message {
  const { key, stream } = devices[device] ?? { key: '', stream: 'readings' }
  return {
    device,
    numbers: [number],
    topic: deviceTopic(key, stream),
    payload: JSON.stringify(contents[stream](fromMs + number, number)),
  }
}
