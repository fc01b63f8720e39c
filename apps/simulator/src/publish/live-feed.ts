import type { Incident } from '../behaviour/incidents.ts'
import { incidentsOfDay } from '../behaviour/incidents.ts'
import { localDay } from '../behaviour/local-time.ts'
import type { ReadingAt } from '../behaviour/readings.ts'
import type { Asset } from '../district/district.ts'
import { hash32 } from '../seeded/random.ts'
import type { FrontDoor } from './front-door.ts'

/** A cover sleeps: it speaks in one round of ten. */
const coverEvery = 10
/** Beyond this, a turn is left out instead of queued: the next reading of the asset is newer anyway. */
const maxInFlight = 1_000

export interface LiveFeed {
  /** Publishes what is due at that instant. */
  readonly tick: (nowMs: number) => void
  /** Turns left out because too much was unacknowledged. */
  readonly withheld: () => number
}

export interface LiveFeedParts {
  readonly seed: number
  readonly assets: readonly Asset[]
  readonly readingAt: ReadingAt
  readonly door: FrontDoor
  readonly ratePerSecond: number
  readonly startMs: number
}

/** Every asset in its turn, so many a second in all; what happens between turns (a trip, a cover opened) is told at once and never left out. */
export function createLiveFeed({
  seed,
  assets,
  readingAt,
  door,
  ratePerSecond,
  startMs,
}: LiveFeedParts): LiveFeed {
  const turns = assets.toSorted((a, b) => hash32(seed, 950, a.index) - hash32(seed, 950, b.index))
  let lastMs = startMs
  let due = 0
  let at = 0
  let round = 0
  let withheld = 0

  let day = localDay(startMs)
  // Of yesterday only what ends today is left.
  let incidents: Incident[] = [...incidentsOfDay(seed, assets, day - 1), ...incidentsOfDay(seed, assets, day)]
    .filter(({ timeMs }) => timeMs > startMs)
    .sort((a, b) => a.timeMs - b.timeMs)

  const nextAsset = (): Asset | undefined => {
    for (let tries = 0; tries <= turns.length * coverEvery; tries++) {
      if (at >= turns.length) {
        at = 0
        round++
      }
      const asset = turns[at++]
      if (asset === undefined || asset.kind !== 'cover' || asset.index % coverEvery === round % coverEvery)
        return asset
    }
    return undefined
  }

  const tellIncidents = (nowMs: number) => {
    if (localDay(nowMs) !== day) {
      day = localDay(nowMs)
      incidents = [...incidents, ...incidentsOfDay(seed, assets, day)].sort((a, b) => a.timeMs - b.timeMs)
    }
    while (incidents[0] !== undefined && incidents[0].timeMs <= nowMs) {
      const { timeMs, asset: index, event, data } = incidents.shift()!
      const asset = assets[index]!
      void door.publish(asset.code, 'events', { t: timeMs, event, data: { ...data } })
      const values = readingAt(asset, timeMs)
      if (values) void door.publish(asset.code, 'readings', { t: timeMs, v: values })
    }
  }

  return {
    withheld: () => withheld,
    tick: (nowMs) => {
      tellIncidents(nowMs)
      // A process that was held up does not make up for more than a second.
      due += (Math.min(1_000, Math.max(0, nowMs - lastMs)) / 1_000) * ratePerSecond
      lastMs = nowMs
      for (; due >= 1; due--) {
        const asset = nextAsset()
        if (asset === undefined) return
        if (door.inFlight() >= maxInFlight) {
          withheld++
          continue
        }
        const values = readingAt(asset, nowMs)
        if (values) void door.publish(asset.code, 'readings', { t: nowMs, v: values })
      }
    },
  }
}
