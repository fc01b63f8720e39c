import { readdirSync, readFileSync } from 'node:fs'

/** What a process and its children cost, read from `/proc`. */
export interface Usage {
  /** User and system time, seconds. */
  cpuSeconds(): number
  /** MiB: private pages whole, shared ones by their part. */
  memoryMiB(): number
}

/** USER_HZ: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

interface Stat {
  readonly parentId: number
  readonly ownTicks: number
  /** Of children that have ended. */
  readonly endedTicks: number
}

function readStat(id: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${id}/stat`, 'utf8')
    // The second field is the name in brackets, which may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = (at: number) => Number(fields[at])
    return { parentId: ticks(1), ownTicks: ticks(11) + ticks(12), endedTicks: ticks(13) + ticks(14) }
  } catch {
    return null
  }
}

export const parentOf = (id: number): number | null => readStat(id)?.parentId ?? null

function readMemoryMiB(id: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** One process with all its children, also those that come and go: a database server has one a connection. */
export function usageOfTree(rootId: number): Usage {
  const family = (): number[] => {
    const all = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
    return [rootId, ...all.filter((id) => parentOf(id) === rootId)]
  }
  return {
    cpuSeconds: () => {
      const ticks = family().reduce((sum, id) => sum + (readStat(id)?.ownTicks ?? 0), 0)
      return (ticks + (readStat(rootId)?.endedTicks ?? 0)) / ticksPerSecond
    },
    memoryMiB: () => family().reduce((sum, id) => sum + readMemoryMiB(id), 0),
  }
}

/** Looks at the memory twice a second until told to stop; answers the highest. */
export function watchPeakMiB(usage: Usage): () => number {
  let peak = usage.memoryMiB()
  const timer = setInterval(() => (peak = Math.max(peak, usage.memoryMiB())), 500)
  return () => {
    clearInterval(timer)
    return Math.round(Math.max(peak, usage.memoryMiB()))
  }
}
