import type { Plan } from '../plan.ts'

/** In k6's init phase only: `open` is not there later. */
export const readPlan = (): Plan => JSON.parse(open(__ENV['PLAN'] ?? '')) as Plan

/** The summary goes to the file that the run reads it from; nothing on the terminal. */
export const keepSummary = (summary: unknown): Record<string, string> => ({
  [__ENV['SUMMARY'] ?? 'summary.json']: JSON.stringify(summary),
})

/** Evenly, one after the other. */
export const pick = <Item>(items: readonly Item[], turn: number): Item => items[turn % items.length]!
