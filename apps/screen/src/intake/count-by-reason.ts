export interface ReasonCount {
  readonly reason: string
  readonly count: number
}

/** Most first. */
export const countByReason = (counts: Readonly<Record<string, number>>): ReasonCount[] =>
  Object.entries(counts)
    .map(([reason, count]) => ({ reason, count }))
    .sort((a, b) => b.count - a.count || a.reason.localeCompare(b.reason))
