import type { Asset } from '../district/district.ts'
import { chance } from '../seeded/random.ts'
import { episodeOfDay, faults, isLockout } from './faults.ts'

/** Something a device reports at once, not at its next turn: an event, and the reading that goes with it. */
export interface Incident {
  readonly timeMs: number
  readonly asset: number
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Every incident of episodes that begin on the local day, in order of time; the ends may lie in the next day. */
export function incidentsOfDay(seed: number, assets: readonly Asset[], day: number): Incident[] {
  const incidents: Incident[] = []
  for (const { index, kind } of assets) {
    if (kind === 'protector') {
      const trip = episodeOfDay(seed, faults.trip, index, day)
      if (trip === null) continue
      const residual = Math.round(310 + chance(seed, 801, index, day) * 380)
      const phase = 'ABC'[Math.floor(chance(seed, 802, index, day) * 3)]
      incidents.push(
        {
          timeMs: trip.startMs,
          asset: index,
          event: 'trip',
          data: { cause: 'residual', phase, residual_ma: residual },
        },
        {
          timeMs: trip.endMs,
          asset: index,
          event: 'reclosed',
          data: { by: isLockout(trip.draw) ? 'person' : 'device' },
        },
      )
    } else if (kind === 'cover') {
      const opened = episodeOfDay(seed, faults.opened, index, day)
      if (opened === null) continue
      incidents.push(
        { timeMs: opened.startMs, asset: index, event: 'open', data: {} },
        { timeMs: opened.endMs, asset: index, event: 'closed', data: {} },
      )
    }
  }
  return incidents.sort((a, b) => a.timeMs - b.timeMs || a.asset - b.asset)
}
