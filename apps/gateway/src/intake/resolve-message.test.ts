import { AHEAD_LIMIT_MS, flag, LATE_AFTER_MS } from '@gridkeeper/domain'
import { describe, expect, it } from 'vitest'
import type { DecodedItem } from '../decoders/decoder.ts'
import { createDecoders } from '../decoders/decoders.ts'
import { decodeMessage } from './decode-message.ts'
import { makeEntry, splitEntry } from './intake-entry.ts'
import { keeperDevice, meterDevice, nowMs, raw } from './intake-rows.trial.ts'
import { keptBytes, resolveMessage } from './resolve-message.ts'

const decoders = createDecoders()

const resolve = (
  topic: string,
  content: unknown,
  device = topic.includes('K-') ? keeperDevice : meterDevice,
) => {
  const message = raw(topic, content)
  return resolveMessage(message, decodeMessage(message, decoders), device)
}

describe('resolveMessage', () => {
  it('puts a name and a time to a reading', () => {
    const { readings, deadLetters } = resolve('gk/v1/M-1/readings', { t: nowMs - 5, id: 3, v: { p: 1.5 } })
    expect(deadLetters).toEqual([])
    expect(readings).toMatchObject([
      {
        deviceKey: 'M-1',
        assetId: 1,
        timeMs: nowMs - 5,
        messageId: 3n,
        receivedAtMs: nowMs,
        flags: 0,
        claimedMs: null,
        extra: null,
      },
    ])
  })

  it('places fixes, events and statuses', () => {
    expect(resolve('gk/v1/K-1/fixes', { lon: 1, lat: 2, acc: 3, speed: 1e-50 }).fixes).toMatchObject([
      { keeperId: 1, lon: 1, lat: 2, accuracyM: 3, speedMps: 0, altM: null, timeMs: nowMs },
    ])
    expect(resolve('gk/v1/M-1/events', { event: 'trip' }).events).toMatchObject([
      { assetId: 1, keeperId: null, event: 'trip', data: null },
    ])
    expect(resolve('gk/v1/K-1/events', { event: 'sos' }).events).toMatchObject([
      { assetId: null, keeperId: 1 },
    ])
    expect(resolve('gk/v1/M-1/status', { online: false }).statuses).toEqual([
      { deviceKey: 'M-1', online: false, receivedAtMs: nowMs },
    ])
  })

  it('flags what is odd about a message', () => {
    const flagsOf = (content: object) =>
      resolve('gk/v1/M-1/readings', { v: {}, ...content }).readings[0]?.flags
    expect(flagsOf({ t: nowMs + AHEAD_LIMIT_MS })).toBe(0)
    expect(flagsOf({ t: nowMs + AHEAD_LIMIT_MS + 1 })).toBe(flag.clockNotBelieved)
    expect(flagsOf({ t: nowMs - LATE_AFTER_MS })).toBe(0)
    expect(flagsOf({ t: nowMs - LATE_AFTER_MS - 1, v: { ua: -1, x: 1 } })).toBe(
      flag.late | flag.outOfRange | flag.unknownKeys,
    )
  })

  it('flags what a device says that it had kept back', () => {
    const message = raw('gk/v1/M-1/readings', { v: { p: 1 } })
    const { items, ...rest } = decodeMessage(message, decoders)
    const history = items.map((item) => ({ ...item, isHistorical: true }) as DecodedItem)
    const { readings } = resolveMessage(message, { ...rest, items: history }, meterDevice)
    expect(readings).toMatchObject([{ flags: flag.historical, timeMs: nowMs }])
  })

  it('tells which values no rule may look at', () => {
    const { readings, outOfRange } = resolve('gk/v1/M-1/readings', { v: { ua: 501, ub: 220 } })
    expect(outOfRange.get(readings[0]!)).toEqual(['ua'])
  })

  it('makes one dead letter of a message of an unknown device, however many items it has', () => {
    const message = raw('gk/v1/X/readings', [{ v: {} }, { v: {} }])
    const { deadLetters, readings } = resolveMessage(message, decodeMessage(message, decoders), undefined)
    expect(readings).toEqual([])
    expect(deadLetters).toMatchObject([{ reason: 'unknown-device', detail: 'X', size: message.bytes.length }])
  })

  it('refuses what this device cannot say', () => {
    expect(resolve('gk/v1/M-1/fixes', { lon: 1, lat: 2 }).deadLetters).toMatchObject([
      { reason: 'wrong-channel' },
    ])
    expect(resolve('gk/v1/K-1/readings', { v: {} }).deadLetters).toMatchObject([{ reason: 'wrong-channel' }])
    const odd = { ...meterDevice, key: 'O-1', asset: { assetId: 9, kind: 'of-another-version' } }
    expect(resolve('gk/v1/O-1/readings', { v: {} }, odd).deadLetters).toMatchObject([
      { reason: 'wrong-channel' },
    ])
  })

  it('keeps of an array only the item that was refused, of anything else the first 4 KiB', () => {
    const two = resolve('gk/v1/M-1/readings', [{ v: { p: 'x' } }, { v: { p: 1 } }])
    expect(two.readings).toHaveLength(1)
    expect(two.deadLetters.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['{"v":{"p":"x"}}'])
    const mixed = resolve('gk/v1/M-1/readings', ['not a reading', { v: { p: 'x' } }])
    expect(mixed.deadLetters.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
      '"not a reading"',
      '{"v":{"p":"x"}}',
    ])
    const large = resolve('gk/v1/M-1/readings', 'x'.repeat(50_000))
    expect(large.deadLetters).toMatchObject([{ size: 50_000 }])
    expect(large.deadLetters[0]?.bytes).toHaveLength(keptBytes)
  })
})

describe('splitEntry', () => {
  const entryOf = (content: unknown) => {
    const message = raw('gk/v1/M-1/readings', content)
    return makeEntry(message, [{ decoded: decodeMessage(message, decoders), device: meterDevice }])
  }

  it('makes of each item what it would be alone, and keeps what was refused', () => {
    const items = [
      { t: nowMs, v: { p: 1 } },
      'odd',
      { t: nowMs, v: { p: 'x' } },
      { t: 1, id: 8, v: { p: 2 } },
    ]
    const entry = entryOf(items)
    const parts = splitEntry(entry)
    expect(parts.flatMap(({ message }) => message.readings)).toEqual(entry.message.readings)
    const texts = (letters: typeof entry.message.deadLetters) =>
      letters.map(({ reason, bytes }) => `${reason} ${Buffer.from(bytes).toString()}`).sort()
    expect(texts(parts.flatMap(({ message }) => message.deadLetters))).toEqual(
      texts(entry.message.deadLetters),
    )
    expect(parts.map(({ raw: own }) => own.bytes.byteLength).slice(0, 3)).toEqual(
      [items[0], items[2], items[3]].map((item) => JSON.stringify(item).length),
    )
  })

  it('leaves a single item whole', () => {
    expect(splitEntry(entryOf({ v: {} }))).toHaveLength(1)
  })
})
