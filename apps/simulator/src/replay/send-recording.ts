import { settleTime } from '@gridkeeper/domain'
import type { LonLat } from '@gridkeeper/domain'
import type { FrontDoor } from '../publish/front-door.ts'
import { createTrackMove } from './move-track.ts'
import type { Sample } from './sample.ts'

const maxInFlight = 128
export const maxListed = 20

export interface Replay {
  readonly key: string
  /** Null: as fast as acknowledged. */
  readonly speed: number | null
  /** Added to every time, ms. */
  readonly shiftMs: number
  /** A track starts here instead of where it was recorded. */
  readonly startAt: LonLat | null
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly onBadRow: (line: number, reason: string) => void
}

export interface Summary {
  read: number
  sent: number
  acknowledged: number
  rejected: number
  /** Times as sent, UTC ms; null when nothing was. */
  firstMs: number | null
  lastMs: number | null
  /** Of the sent ones, how many claim a time that the gateway will not believe: it stores them at arrival, flagged. */
  unbelieved: number
}

/** Sends a recording in its own order, one message a sample. Listing stops after 20 bad rows, counting does not. */
export async function sendRecording(
  samples: AsyncIterable<Sample> | Iterable<Sample>,
  door: FrontDoor,
  replay: Replay,
): Promise<Summary> {
  const summary: Summary = {
    read: 0,
    sent: 0,
    acknowledged: 0,
    rejected: 0,
    firstMs: null,
    lastMs: null,
    unbelieved: 0,
  }
  const move = replay.startAt === null ? null : createTrackMove(replay.startAt)
  const open = new Set<Promise<void>>()
  let previousMs: number | null = null
  for await (const sample of samples) {
    summary.read++
    if (!sample.ok) {
      summary.rejected++
      if (summary.rejected <= maxListed) replay.onBadRow(sample.line, sample.reason)
      continue
    }
    if (replay.speed !== null && previousMs !== null && sample.timeMs > previousMs) {
      await replay.sleep((sample.timeMs - previousMs) / replay.speed)
    }
    previousMs = sample.timeMs
    const t = sample.timeMs + replay.shiftMs
    const { body } = sample
    summary.sent++
    if (settleTime(t, replay.now()).claimedMs !== null) summary.unbelieved++
    summary.firstMs = Math.min(summary.firstMs ?? t, t)
    summary.lastMs = Math.max(summary.lastMs ?? t, t)
    const published =
      body.channel === 'readings'
        ? door.publish(replay.key, 'readings', { t, v: body.values })
        : door.publish(replay.key, 'fixes', { t, ...body.fix, ...placed(body.fix, move) })
    const sending: Promise<void> = published.then((isAcknowledged) => {
      if (isAcknowledged) summary.acknowledged++
      open.delete(sending)
    })
    open.add(sending)
    if (open.size >= maxInFlight) await Promise.race(open)
  }
  await Promise.all(open)
  return summary
}

function placed({ lon, lat }: { lon: number; lat: number }, move: ((place: LonLat) => LonLat) | null) {
  if (move === null) return {}
  const [movedLon, movedLat] = move([lon, lat])
  return { lon: movedLon, lat: movedLat }
}

/** The last time of a recording: a first pass over it, for `--shift-to-now`. Null when it has no good row. */
export async function lastTime(samples: AsyncIterable<Sample> | Iterable<Sample>): Promise<number | null> {
  let last: number | null = null
  for await (const sample of samples)
    if (sample.ok && (last === null || sample.timeMs > last)) last = sample.timeMs
  return last
}
