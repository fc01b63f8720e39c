import type { FixPayload } from '@gridkeeper/contracts'
import type { KeeperWalk } from '../behaviour/keeper-walk.ts'
import { fixEveryMs } from '../behaviour/keeper-walk.ts'
import type { Keeper } from '../district/district.ts'
import type { FrontDoor } from './front-door.ts'
import { inPayloads } from './front-door.ts'

/** What a phone keeps while it is offline: four hours of fixes, the oldest go first. */
const maxBuffered = 1_440

export interface KeeperFeed {
  readonly tick: (nowMs: number) => void
  /** Sends what phones still hold, e.g. at the end. */
  readonly flush: () => void
}

/** Phones: a fix every ten seconds at an instant of their own; out of coverage they buffer and send late. */
export function createKeeperFeed(
  keepers: readonly Keeper[],
  walk: KeeperWalk,
  door: FrontDoor,
  startMs: number,
): KeeperFeed {
  const phase = (keeper: Keeper) => (keeper.index * 377) % fixEveryMs
  const done = keepers.map((keeper) => lastFixTime(startMs, phase(keeper)))
  const buffers = keepers.map((): FixPayload[] => [])

  const send = (i: number) => {
    const keeper = keepers[i]!
    const fixes = buffers[i]!.splice(0)
    if (fixes.length === 1) void door.publish(keeper.code, 'fixes', fixes[0]!)
    else for (const part of inPayloads(fixes)) void door.publish(keeper.code, 'fixes', part)
  }

  return {
    tick: (nowMs) => {
      keepers.forEach((keeper, i) => {
        const last = lastFixTime(nowMs, phase(keeper))
        // After a pause of the process only the last minute is made up for.
        let timeMs = Math.max(done[i]! + fixEveryMs, last - 6 * fixEveryMs)
        if (timeMs > last) return
        for (; timeMs <= last; timeMs += fixEveryMs) {
          const fix = walk.fixAt(keeper, timeMs)
          if (fix) buffers[i]!.push(fix)
        }
        done[i] = last
        if (buffers[i]!.length > maxBuffered) buffers[i]!.splice(0, buffers[i]!.length - maxBuffered)
        if (buffers[i]!.length > 0 && walk.offlineUntil(keeper, nowMs) === null) send(i)
      })
    },
    flush: () => keepers.forEach((_, i) => send(i)),
  }
}

const lastFixTime = (nowMs: number, phaseMs: number) =>
  Math.floor((nowMs - phaseMs) / fixEveryMs) * fixEveryMs + phaseMs
