/**
 * Chance that can be repeated: everything the simulator invents comes from a seed and the name of what it is about, so
 * that history, live and a restart agree. Nothing here knows a clock.
 */

/** A stream of numbers for the making of the district, where the order of questions is fixed. */
export interface Random {
  /** 0 ≤ x < 1 */
  next: () => number
  between: (low: number, high: number) => number
  /** low ≤ n ≤ high */
  integer: (low: number, high: number) => number
  pick: <T>(items: readonly T[]) => T
  /** Roughly normal, mean 0, deviation 1, never beyond ±3. */
  normal: () => number
}

/** murmur3's finaliser over the parts: one well mixed number for one question. */
export function hash32(a: number, b = 0, c = 0, d = 0): number {
  let h = 0x9e3779b9
  for (const part of [a, b, c, d]) {
    h = Math.imul(h ^ (part | 0), 0x85ebca6b)
    h = Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64
    h ^= Math.imul(Math.floor(part / 0x1_0000_0000), 0x27d4eb2f)
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** 0 ≤ x < 1, always the same for the same question. */
export const chance = (a: number, b = 0, c = 0, d = 0): number => hash32(a, b, c, d) / 0x1_0000_0000

/** sfc32, seeded by a number and the name of the part that asks, so that parts do not disturb each other. */
export function createRandom(seed: number, part: number): Random {
  let a = hash32(seed, part, 1)
  let b = hash32(seed, part, 2)
  let c = hash32(seed, part, 3)
  let counter = 1
  const next = () => {
    const sum = (a + b + counter++) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 0x1_0000_0000
  }
  for (let i = 0; i < 12; i++) next()
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    integer: (low, high) => low + Math.floor((high - low + 1) * next()),
    pick: (items) => {
      const item = items[Math.floor(next() * items.length)]
      if (item === undefined) throw new RangeError('nothing to pick from')
      return item
    },
    normal: () => (next() + next() + next() + next() - 2) * 1.5,
  }
}

/** Smooth noise along a line, −1 … 1, with one turn or so a unit: cubic between seeded values at the integers. */
export function smoothNoise(seed: number, stream: number, x: number): number {
  const left = Math.floor(x)
  const at = x - left
  const eased = at * at * (3 - 2 * at)
  const from = chance(seed, stream, left) * 2 - 1
  const to = chance(seed, stream, left + 1) * 2 - 1
  return from + (to - from) * eased
}
