import { deviceTopic } from '@gridkeeper/contracts'
import { checkValues, findKind, flag, LATE_AFTER_MS, settleTime, toReal } from '@gridkeeper/domain'
import type {
  DeadLetterRow,
  EventRow,
  FixRow,
  KnownDevice,
  ReadingRow,
  StatusRow,
  StrangerRow,
} from '@gridkeeper/store'
import type { Decoded, DecodedItem, Rejection } from '../decoders/decoder.ts'
import { protocolOf, type RawMessage } from './decode-message.ts'
import { messageIdOf } from './message-id.ts'
import { hear, loginOf } from './speaker.ts'

/** At most so many bytes of a refused message are kept. */
export const keptBytes = 4096

/** One message, ready for the tables. */
export interface ResolvedMessage {
  readonly readings: readonly ReadingRow[]
  /** Keys whose value is out of physical range, by reading: no alarm rule looks at them. */
  readonly outOfRange: ReadonlyMap<ReadingRow, readonly string[]>
  readonly fixes: readonly FixRow[]
  readonly events: readonly EventRow[]
  readonly statuses: readonly StatusRow[]
  readonly deadLetters: readonly DeadLetterRow[]
  /** At most one a device: who spoke is not known. */
  readonly strangers: readonly StrangerRow[]
}

export const nothing: ResolvedMessage = {
  readings: [],
  outOfRange: new Map(),
  fixes: [],
  events: [],
  statuses: [],
  deadLetters: [],
  strangers: [],
}

/** Puts a name to the speaker and a time to each item. What cannot be taken becomes a dead letter: a value, never an exception. */
export function resolveMessage(
  raw: RawMessage,
  decoded: Decoded,
  device: KnownDevice | undefined,
): ResolvedMessage {
  // Made when there is something to put in: nearly every message is one reading, and seven lists for it are work for the garbage collector.
  let rejections: Rejection[] | null = decoded.rejections.length === 0 ? null : [...decoded.rejections]
  let readings: ReadingRow[] | null = null
  let outOfRange: Map<ReadingRow, readonly string[]> | null = null
  let fixes: FixRow[] | null = null
  let events: EventRow[] | null = null
  let statuses: StatusRow[] | null = null
  let strangers = nothing.strangers
  const { deviceKey } = decoded
  if (deviceKey !== null && decoded.items.length > 0) {
    const hearing = hear(raw.speaker, device)
    if (hearing === 'heard' && device !== undefined) {
      for (const item of decoded.items) {
        const refusal = place(item, device)
        if (refusal !== null) (rejections ??= []).push(refusal)
      }
    } else if (hearing !== 'heard')
      (rejections ??= []).push({ reason: hearing, detail: deviceKey, item: null })
    if (hearing === 'unknown-device' || hearing === 'no-login') strangers = [toStranger(raw, deviceKey)]
  }
  return {
    readings: readings ?? nothing.readings,
    outOfRange: outOfRange ?? nothing.outOfRange,
    fixes: fixes ?? nothing.fixes,
    events: events ?? nothing.events,
    statuses: statuses ?? nothing.statuses,
    deadLetters:
      rejections === null ? nothing.deadLetters : rejections.map((found) => toDeadLetter(raw, found)),
    strangers,
  }

  function place(item: DecodedItem, { key, asset, keeperId }: KnownDevice): Rejection | null {
    const refuse = (reason: Rejection['reason'], detail: string): Rejection => ({
      reason,
      detail,
      // In our own words by now: as such it can run again.
      ...(decoded.isList
        ? { item: JSON.stringify(item.payload), topic: deviceTopic(key, item.channel) }
        : { item: null }),
    })
    if (item.channel === 'status') {
      ;(statuses ??= []).push({ deviceKey: key, online: item.payload.online, receivedAtMs: raw.receivedAtMs })
      return null
    }
    const settled = settleTime(item.payload.t, raw.receivedAtMs)
    const common = {
      deviceKey: key,
      timeMs: settled.timeMs,
      messageId: messageIdOf(item.payload.id, item.payload),
      receivedAtMs: raw.receivedAtMs,
      claimedMs: settled.claimedMs,
    }
    const timeFlags =
      (settled.claimedMs === null ? 0 : flag.clockNotBelieved) |
      (raw.receivedAtMs - settled.timeMs > LATE_AFTER_MS ? flag.late : 0)
    if (item.channel === 'events') {
      const { event, data } = item.payload
      ;(events ??= []).push({
        ...common,
        assetId: asset?.assetId ?? null,
        keeperId,
        event,
        data: data ?? null,
        flags: timeFlags,
      })
      return null
    }
    if (item.channel === 'fixes') {
      if (keeperId === null) return refuse('wrong-channel', 'this device is not on a keeper')
      ;(fixes ??= []).push({ ...common, keeperId, flags: timeFlags, ...measuredFix(item.payload) })
      return null
    }
    const kind = asset === null ? undefined : findKind(asset.kind)
    if (asset === null || kind === undefined)
      return refuse('wrong-channel', 'this device is not on an asset of a known kind')
    const result = checkValues(kind, item.payload.v)
    if (!result.ok) return refuse(result.reason, result.detail)
    const { values, extra, flags } = result.checked
    const historyFlag = item.isHistorical === true ? flag.historical : 0
    const row = {
      ...common,
      assetId: asset.assetId,
      kind,
      values,
      extra,
      flags: flags | timeFlags | historyFlag,
    }
    ;(readings ??= []).push(row)
    if (result.checked.outOfRange.length > 0) (outOfRange ??= new Map()).set(row, result.checked.outOfRange)
    return null
  }
}

const realOrNull = (value: number | undefined) => (value === undefined ? null : toReal(value))

const measuredFix = (payload: Extract<DecodedItem, { channel: 'fixes' }>['payload']) => ({
  lon: payload.lon,
  lat: payload.lat,
  altM: realOrNull(payload.alt),
  accuracyM: realOrNull(payload.acc),
  speedMps: realOrNull(payload.speed),
  bearingDeg: realOrNull(payload.bearing),
  batteryPct: realOrNull(payload.battery),
})

export function toDeadLetter(raw: RawMessage, rejection: Rejection): DeadLetterRow {
  const bytes = rejection.item === null ? raw.bytes : Buffer.from(rejection.item)
  return {
    receivedAtMs: raw.receivedAtMs,
    source: raw.source,
    topic: rejection.topic ?? raw.topic,
    client: raw.client,
    reason: rejection.reason,
    detail: rejection.detail,
    size: bytes.byteLength,
    bytes: bytes.subarray(0, keptBytes),
    login: loginOf(raw.speaker),
  }
}

const toStranger = (raw: RawMessage, key: string): StrangerRow => ({
  key,
  login: loginOf(raw.speaker) ?? '',
  secretHash: raw.speaker.kind === 'stranger' ? raw.speaker.secretHash : null,
  protocol: protocolOf(raw.topic) ?? 'native',
  source: raw.source,
  address: raw.address ?? raw.client,
  topic: raw.topic,
  sample: raw.bytes,
  heardAtMs: raw.receivedAtMs,
})

/** What several devices said in one message. */
export function mergeResolved(parts: readonly ResolvedMessage[]): ResolvedMessage {
  const [first, ...rest] = parts
  if (first === undefined) return nothing
  if (rest.length === 0) return first
  return {
    readings: parts.flatMap(({ readings }) => readings),
    outOfRange: new Map(parts.flatMap(({ outOfRange }) => [...outOfRange])),
    fixes: parts.flatMap(({ fixes }) => fixes),
    events: parts.flatMap(({ events }) => events),
    statuses: parts.flatMap(({ statuses }) => statuses),
    deadLetters: parts.flatMap(({ deadLetters }) => deadLetters),
    strangers: parts.flatMap(({ strangers }) => strangers),
  }
}
