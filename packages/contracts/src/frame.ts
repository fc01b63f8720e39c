/**
 * The binary frame: the change of the twin between two instants, or the whole of it (a snapshot). Little endian.
 *
 * header, 24 bytes   u8 version · u8 flags (1 = snapshot) · u16 0 · u32 sequence · f64 base time (UTC ms) · u32 assets · u32 keepers
 * asset, 14 bytes    u32 asset id · i32 device time − base (ms) · f32 headline value (NaN = unknown) · u8 state · u8 quality flags
 * keeper, 24 bytes   u32 keeper id · i32 device time − base (ms) · i32 lon · i32 lat (1e-7 deg) · u16 bearing (1/100 deg, 65535 = unknown)
 *                    · u16 speed (cm/s, 65535 = unknown) · u16 accuracy (dm, 65535 = unknown) · u8 battery (%, 255 = unknown) · u8 state
 *
 * A device time more than 24 days from the base is clamped: the present state is what a frame tells, not history.
 */
export const frameVersion = 1
export const assetRecordBytes = 14
export const keeperRecordBytes = 24
const headerBytes = 24
const unknown16 = 0xffff
const unknown8 = 0xff
const neverMs = -0x8000_0000

export interface AssetChange {
  readonly id: number
  /** Device time, UTC ms; null for an asset that never spoke. */
  readonly timeMs: number | null
  /** Value of the kind's headline metric; null if unknown. */
  readonly headline: number | null
  /** `AssetState` of the domain. */
  readonly state: number
  /** Quality flags of the last reading. */
  readonly flags: number
}

export interface KeeperChange {
  readonly id: number
  /** Device time, UTC ms; null for a keeper without a position. */
  readonly timeMs: number | null
  readonly lon: number
  readonly lat: number
  readonly bearingDeg: number | null
  readonly speedMps: number | null
  readonly accuracyM: number | null
  readonly batteryPct: number | null
  /** 0 off duty (or no news), 1 on duty. */
  readonly state: number
}

export interface Frame {
  readonly sequence: number
  readonly isSnapshot: boolean
  /** UTC ms of the server's clock when the frame was made. */
  readonly baseMs: number
  readonly assets: readonly AssetChange[]
  readonly keepers: readonly KeeperChange[]
}

export class FrameError extends Error {
  readonly code = 'bad-frame'
}

const scaled = (value: number | null, factor: number, unknown: number) =>
  value === null || !Number.isFinite(value)
    ? unknown
    : Math.min(unknown - 1, Math.max(0, Math.round(value * factor)))

const offset = (timeMs: number | null, baseMs: number) =>
  timeMs === null ? neverMs : Math.min(0x7fff_ffff, Math.max(neverMs + 1, Math.round(timeMs - baseMs)))

export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const { assets, keepers, baseMs } = frame
  const bytes = new Uint8Array(
    headerBytes + assets.length * assetRecordBytes + keepers.length * keeperRecordBytes,
  )
  const view = new DataView(bytes.buffer)
  view.setUint8(0, frameVersion)
  view.setUint8(1, frame.isSnapshot ? 1 : 0)
  view.setUint32(4, frame.sequence, true)
  view.setFloat64(8, baseMs, true)
  view.setUint32(16, assets.length, true)
  view.setUint32(20, keepers.length, true)
  let at = headerBytes
  for (const asset of assets) {
    view.setUint32(at, asset.id, true)
    view.setInt32(at + 4, offset(asset.timeMs, baseMs), true)
    view.setFloat32(at + 8, asset.headline ?? NaN, true)
    view.setUint8(at + 12, asset.state)
    view.setUint8(at + 13, asset.flags)
    at += assetRecordBytes
  }
  for (const keeper of keepers) {
    view.setUint32(at, keeper.id, true)
    view.setInt32(at + 4, offset(keeper.timeMs, baseMs), true)
    view.setInt32(at + 8, Math.round(keeper.lon * 1e7), true)
    view.setInt32(at + 12, Math.round(keeper.lat * 1e7), true)
    view.setUint16(
      at + 16,
      scaled(keeper.bearingDeg === null ? null : keeper.bearingDeg % 360, 100, unknown16),
      true,
    )
    view.setUint16(at + 18, scaled(keeper.speedMps, 100, unknown16), true)
    view.setUint16(at + 20, scaled(keeper.accuracyM, 10, unknown16), true)
    view.setUint8(at + 22, scaled(keeper.batteryPct, 1, unknown8))
    view.setUint8(at + 23, keeper.state)
    at += keeperRecordBytes
  }
  return bytes
}

const known = (raw: number, factor: number, unknown: number) => (raw === unknown ? null : raw / factor)
const instant = (raw: number, baseMs: number) => (raw === neverMs ? null : baseMs + raw)

/** Throws {@link FrameError} for bytes that are not a frame of this version. */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.byteLength < headerBytes)
    throw new FrameError(`${bytes.byteLength} bytes are too few for a header`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getUint8(0)
  if (version !== frameVersion) throw new FrameError(`version ${version} is not ${frameVersion}`)
  const baseMs = view.getFloat64(8, true)
  const assetCount = view.getUint32(16, true)
  const keeperCount = view.getUint32(20, true)
  const expected = headerBytes + assetCount * assetRecordBytes + keeperCount * keeperRecordBytes
  if (bytes.byteLength !== expected) throw new FrameError(`${bytes.byteLength} bytes instead of ${expected}`)
  const assets: AssetChange[] = new Array<AssetChange>(assetCount)
  let at = headerBytes
  for (let i = 0; i < assetCount; i++, at += assetRecordBytes) {
    const headline = view.getFloat32(at + 8, true)
    assets[i] = {
      id: view.getUint32(at, true),
      timeMs: instant(view.getInt32(at + 4, true), baseMs),
      headline: Number.isNaN(headline) ? null : headline,
      state: view.getUint8(at + 12),
      flags: view.getUint8(at + 13),
    }
  }
  const keepers: KeeperChange[] = new Array<KeeperChange>(keeperCount)
  for (let i = 0; i < keeperCount; i++, at += keeperRecordBytes) {
    keepers[i] = {
      id: view.getUint32(at, true),
      timeMs: instant(view.getInt32(at + 4, true), baseMs),
      lon: view.getInt32(at + 8, true) / 1e7,
      lat: view.getInt32(at + 12, true) / 1e7,
      bearingDeg: known(view.getUint16(at + 16, true), 100, unknown16),
      speedMps: known(view.getUint16(at + 18, true), 100, unknown16),
      accuracyM: known(view.getUint16(at + 20, true), 10, unknown16),
      batteryPct: known(view.getUint8(at + 22), 1, unknown8),
      state: view.getUint8(at + 23),
    }
  }
  return {
    sequence: view.getUint32(4, true),
    isSnapshot: (view.getUint8(1) & 1) === 1,
    baseMs,
    assets,
    keepers,
  }
}
