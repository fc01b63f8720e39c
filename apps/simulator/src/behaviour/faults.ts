import type { Asset } from '../district/district.ts'
import { chance } from '../seeded/random.ts'
import { localDay, MINUTE, startOfDay } from './local-time.ts'

/**
 * What goes wrong, as episodes: at most one of a fault a local day and asset, drawn from (seed, fault, asset, day). So anyone can
 * tell for any instant whether a fault holds, without having watched.
 */
export interface Fault {
  readonly stream: number
  readonly kind: Asset['kind']
  /** Chance of an episode, a day and asset. */
  readonly perDay: number
  readonly minutes: readonly [shortest: number, longest: number]
}

/**
 * At 3,000 assets these make a new alarm every three or four minutes and about ten open at a time, besides what load, rain and old
 * batteries bring. Silence is counted apart: about 1.5 % of the meters.
 */
export const faults = {
  undervoltage: { stream: 501, kind: 'meter', perDay: 0.045, minutes: [20, 60] },
  overvoltage: { stream: 502, kind: 'meter', perDay: 0.024, minutes: [8, 20] },
  silent: { stream: 503, kind: 'meter', perDay: 0.026, minutes: [90, 1_300] },
  residual: { stream: 504, kind: 'protector', perDay: 0.27, minutes: [14, 50] },
  trip: { stream: 505, kind: 'protector', perDay: 0.075, minutes: [0.35, 1] },
  opened: { stream: 506, kind: 'cover', perDay: 0.1, minutes: [10, 30] },
} as const satisfies Record<string, Fault>

export interface Episode {
  readonly startMs: number
  /** The first instant at which it is over. */
  readonly endMs: number
  /** 0 ≤ draw < 1, for whatever else differs between episodes. */
  readonly draw: number
}

/** Whether the fault befalls the asset on that day; only the start need lie in it. */
export function episodeOfDay(seed: number, fault: Fault, asset: number, day: number): Episode | null {
  if (chance(seed, fault.stream, asset, day) >= fault.perDay) return null
  const startMs = startOfDay(day) + Math.floor(chance(seed, fault.stream + 100, asset, day) * 86_400_000)
  const draw = chance(seed, fault.stream + 200, asset, day)
  return { startMs, endMs: startMs + Math.round(durationMin(fault, draw) * MINUTE), draw }
}

/** Most trips are reclosed within a minute; one in eight waits for a person, of these half are locked out. */
function durationMin(fault: Fault, draw: number): number {
  const [shortest, longest] = fault.minutes
  if (fault.stream === faults.trip.stream && draw > 0.88)
    return isLockout(draw) ? 15 + draw * 20 : 5 + draw * 8
  return shortest + (longest - shortest) * draw
}

export const isLockout = (draw: number): boolean => draw > 0.94

export function episodeAt(seed: number, fault: Fault, asset: number, timeMs: number): Episode | null {
  const day = localDay(timeMs)
  for (const candidate of [day, day - 1]) {
    const episode = episodeOfDay(seed, fault, asset, candidate)
    if (episode !== null && episode.startMs <= timeMs && timeMs < episode.endMs) return episode
  }
  return null
}

/** 0 at its ends, 1 in between, with slopes of a fifth of its length. */
export function swell({ startMs, endMs }: Episode, timeMs: number): number {
  const part = (timeMs - startMs) / (endMs - startMs)
  return Math.max(0, Math.min(1, Math.min(part, 1 - part) * 5))
}
