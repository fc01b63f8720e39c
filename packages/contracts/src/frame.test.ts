import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  assetRecordBytes,
  decodeFrame,
  encodeFrame,
  frameVersion,
  keeperRecordBytes,
  FrameError,
  type AssetChange,
  type Frame,
  type KeeperChange,
} from './frame.ts'

const baseMs = Date.UTC(2026, 5, 1, 12, 0, 0, 123)
const maxAgeMs = 2 ** 31 - 1

const asset = (over: Partial<AssetChange> = {}): AssetChange => ({
  id: 1,
  timeMs: baseMs,
  headline: null,
  state: 0,
  flags: 0,
  ...over,
})
const keeper = (over: Partial<KeeperChange> = {}): KeeperChange => ({
  id: 1,
  timeMs: baseMs,
  lon: 0,
  lat: 0,
  bearingDeg: null,
  speedMps: null,
  accuracyM: null,
  batteryPct: null,
  state: 0,
  ...over,
})
const frame = (over: Partial<Frame> = {}): Frame => ({
  sequence: 1,
  isSnapshot: false,
  baseMs,
  assets: [],
  keepers: [],
  ...over,
})
const sent = (given: Frame) => decodeFrame(encodeFrame(given))
const sentAsset = (over: Partial<AssetChange>) => sent(frame({ assets: [asset(over)] })).assets[0]
const sentKeeper = (over: Partial<KeeperChange>) => sent(frame({ keepers: [keeper(over)] })).keepers[0]

const orUnknown = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 })
const time = orUnknown(fc.integer({ min: -maxAgeMs, max: maxAgeMs }).map((age) => baseMs + age))
/** Numbers that the wire holds exactly. */
const exactFrame: fc.Arbitrary<Frame> = fc.record({
  sequence: uint(32),
  isSnapshot: fc.boolean(),
  baseMs: fc.constant(baseMs),
  assets: fc.array(
    fc.record({
      id: uint(32),
      timeMs: time,
      headline: orUnknown(fc.float({ noNaN: true })),
      state: uint(8),
      flags: uint(8),
    }),
  ),
  keepers: fc.array(
    fc.record({
      id: uint(32),
      timeMs: time,
      lon: fc.integer({ min: -1.8e9, max: 1.8e9 }).map((units) => units / 1e7 || 0),
      lat: fc.integer({ min: -9e8, max: 9e8 }).map((units) => units / 1e7 || 0),
      bearingDeg: orUnknown(fc.integer({ min: 0, max: 35_999 }).map((units) => units / 100 || 0)),
      speedMps: orUnknown(fc.integer({ min: 0, max: 65_534 }).map((units) => units / 100 || 0)),
      accuracyM: orUnknown(fc.integer({ min: 0, max: 65_534 }).map((units) => units / 10 || 0)),
      batteryPct: orUnknown(fc.integer({ min: 0, max: 100 })),
      state: uint(8),
    }),
  ),
})

describe('the frame', () => {
  it('comes back as it was sent, unknowns included', () => {
    fc.assert(
      fc.property(exactFrame, (given) => {
        expect(sent(given)).toEqual(given)
      }),
    )
  })

  it('comes back from the middle of a larger buffer, as sockets give it', () => {
    const bytes = encodeFrame(frame({ assets: [asset({ id: 7, headline: 1.5 })] }))
    const pool = new Uint8Array(bytes.length + 20)
    pool.set(bytes, 7)
    expect(decodeFrame(pool.subarray(7, 7 + bytes.length))).toEqual(decodeFrame(bytes))
  })

  it('costs at most 16 bytes a changed asset', () => {
    const bytesOf = (count: number) =>
      encodeFrame(frame({ assets: Array.from({ length: count }, (_, id) => asset({ id })) })).length
    expect(bytesOf(1000) - bytesOf(0)).toBe(1000 * assetRecordBytes)
    expect(assetRecordBytes).toBeLessThanOrEqual(16)
    expect(encodeFrame(frame({ keepers: [keeper()] })).length - bytesOf(0)).toBe(keeperRecordBytes)
  })

  it('clamps what it cannot hold, and never takes a known value for an unknown one', () => {
    expect(sentAsset({ timeMs: 0 })?.timeMs).toBe(baseMs - maxAgeMs)
    expect(sentAsset({ timeMs: baseMs * 2 })?.timeMs).toBe(baseMs + maxAgeMs)
    expect(sentKeeper({ speedMps: 1e6 })?.speedMps).toBe(655.34)
    expect(sentKeeper({ speedMps: -1 })?.speedMps).toBe(0)
    expect(sentKeeper({ accuracyM: 65_535 })?.accuracyM).toBe(6553.4)
    expect(sentKeeper({ bearingDeg: 360 })?.bearingDeg).toBe(0)
    expect(sentKeeper({ batteryPct: 255 })?.batteryPct).toBe(254)
  })

  it('takes a number that is none for unknown', () => {
    expect(sentAsset({ headline: NaN })?.headline).toBeNull()
    expect(sentKeeper({ speedMps: NaN })?.speedMps).toBeNull()
  })

  it('keeps a place to a centimetre', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -180, max: 180, noNaN: true }),
        fc.double({ min: -90, max: 90, noNaN: true }),
        (lon, lat) => {
          const back = sentKeeper({ lon, lat })
          expect(Math.abs((back?.lon ?? NaN) - lon)).toBeLessThanOrEqual(5.1e-8)
          expect(Math.abs((back?.lat ?? NaN) - lat)).toBeLessThanOrEqual(5.1e-8)
        },
      ),
    )
  })

  it('refuses bytes of another version, cut short, or too long', () => {
    const bytes = encodeFrame(frame({ assets: [asset()], keepers: [keeper()] }))
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeFrame(bytes.subarray(0, length)), String(length)).toThrow(FrameError)
    expect(() => decodeFrame(Uint8Array.from([...bytes, 0]))).toThrow(FrameError)
    expect(() =>
      decodeFrame(Uint8Array.from(bytes, (byte, at) => (at === 0 ? frameVersion + 1 : byte))),
    ).toThrow(/version 2 is not 1/)
  })

  it('refuses any other bytes by its own error, without making room for what they claim', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeFrame(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError)
        }
      }),
    )
    const claiming = encodeFrame(frame())
    new DataView(claiming.buffer).setUint32(16, 0xffff_ffff, true)
    expect(() => decodeFrame(claiming)).toThrow(FrameError)
  })
})
