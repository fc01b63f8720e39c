import type { KeeperWalk } from '../behaviour/keeper-walk.ts'
import { HOUR, MINUTE } from '../behaviour/local-time.ts'
import type { ReadingAt } from '../behaviour/readings.ts'
import type { Asset, District, Keeper } from '../district/district.ts'
import type { FrontDoor, Item, ItemChannel } from './front-door.ts'
import { inPayloads } from './front-door.ts'

const blockMs = 6 * HOUR
const keepersBackMs = 8 * HOUR
/** Few, so that live messages never wait behind history. */
const maxOpenMessages = 16

export interface HistoryParts {
  readonly district: District
  readonly readingAt: ReadingAt
  readonly walk: KeeperWalk
}

export interface HistoryMessage {
  readonly deviceKey: string
  readonly channel: ItemChannel
  readonly items: readonly Item[]
  /** 0 … 1, how much of the range is behind this message. */
  readonly progress: number
}

/**
 * History of everything, the newest six hours first: an array of readings a device and block, every 15 minutes (covers: every hour),
 * and the keepers' fixes of the last eight hours. Times are whole multiples of the step, so that telling it twice tells the same.
 */
export function* history(
  { district, readingAt, walk }: HistoryParts,
  fromMs: number,
  toMs: number,
): Generator<HistoryMessage> {
  for (let endMs = toMs; endMs > fromMs; endMs -= blockMs) {
    const startMs = Math.max(fromMs, endMs - blockMs)
    const progress = (toMs - endMs) / (toMs - fromMs)
    for (const keeper of district.keepers) {
      const since = Math.max(startMs, toMs - keepersBackMs)
      const items = fixesOf(keeper, walk, since, endMs)
      for (const part of inPayloads(items))
        yield { deviceKey: keeper.code, channel: 'fixes', items: part, progress }
    }
    for (const asset of district.assets) {
      const items = readingsOf(asset, readingAt, startMs, endMs)
      for (const part of inPayloads(items))
        yield { deviceKey: asset.code, channel: 'readings', items: part, progress }
    }
  }
}

function readingsOf(asset: Asset, readingAt: ReadingAt, fromMs: number, toMs: number) {
  const stepMs = (asset.kind === 'cover' ? 60 : 15) * MINUTE
  return instants(fromMs, toMs, stepMs).flatMap((timeMs) => {
    const values = readingAt(asset, timeMs)
    return values ? [{ t: timeMs, v: values }] : []
  })
}

const fixesOf = (keeper: Keeper, walk: KeeperWalk, fromMs: number, toMs: number) =>
  instants(fromMs, toMs, 30_000).flatMap((timeMs) => walk.fixAt(keeper, timeMs) ?? [])

/** Whole multiples of the step, from ≤ t < to. */
function instants(fromMs: number, toMs: number, stepMs: number): number[] {
  const times: number[] = []
  for (let timeMs = Math.ceil(fromMs / stepMs) * stepMs; timeMs < toMs; timeMs += stepMs) times.push(timeMs)
  return times
}

export interface BackFillControl {
  readonly isStopped: () => boolean
  readonly onProgress: (progress: number, items: number) => void
}

/** Publishes the messages with few on the way at a time. Resolves false when stopped before the end or when a message was lost. */
export async function backFill(
  messages: Iterable<HistoryMessage>,
  door: FrontDoor,
  { isStopped, onProgress }: BackFillControl,
): Promise<boolean> {
  const open = new Set<Promise<void>>()
  let isWhole = true
  let items = 0
  for (const message of messages) {
    if (isStopped()) return false
    const sending: Promise<void> = door
      .publish(message.deviceKey, message.channel, message.items)
      .then((acknowledged) => {
        if (!acknowledged) isWhole = false
        open.delete(sending)
      })
    open.add(sending)
    items += message.items.length
    if (open.size >= maxOpenMessages) await Promise.race(open)
    onProgress(message.progress, items)
    // Making history keeps a core busy; live messages get their turn in between.
    await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.all(open)
  return isWhole && !isStopped()
}

/** The present state of every asset once. A device that is silent now has said something before. */
export async function tellPresent(
  assets: readonly Asset[],
  readingAt: ReadingAt,
  door: FrontDoor,
  now: () => number,
  isStopped: () => boolean,
): Promise<void> {
  for (const asset of assets) {
    while (door.inFlight() >= 500 && !isStopped()) await new Promise((resolve) => setTimeout(resolve, 5))
    if (isStopped()) return
    const nowMs = now()
    for (let backMs = 0; backMs <= 24 * HOUR; backMs += 15 * MINUTE) {
      const values = readingAt(asset, nowMs - backMs)
      if (values === null) continue
      void door.publish(asset.code, 'readings', { t: nowMs - backMs, v: values })
      break
    }
  }
}
