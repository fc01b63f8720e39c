import type { GatewayList } from '@gridkeeper/contracts'
import { shallowRef, watch, type ShallowRef } from 'vue'
import { perSecond } from '../gateway-state.ts'

export interface RatePoint {
  readonly atMs: number
  readonly perSecond: number
}

/** Ten minutes at one every five seconds. */
const keptPoints = 120

/** Messages a second of each gateway since the page was opened: each status adds one point. */
export function useRateHistory(
  list: Readonly<ShallowRef<GatewayList | null>>,
): Readonly<ShallowRef<ReadonlyMap<string, readonly RatePoint[]>>> {
  const history = shallowRef<ReadonlyMap<string, readonly RatePoint[]>>(new Map())
  watch(
    list,
    (answer) => {
      const next = new Map<string, readonly RatePoint[]>()
      for (const { gatewayId, atMs, minute } of answer?.gateways ?? []) {
        const points = history.value.get(gatewayId) ?? []
        const rate = minute ? perSecond(minute.messages, minute.seconds) : null
        const isNew = rate !== null && atMs > (points.at(-1)?.atMs ?? 0)
        next.set(gatewayId, isNew ? [...points, { atMs, perSecond: rate }].slice(-keptPoints) : points)
      }
      history.value = next
    },
    { immediate: true },
  )
  return history
}
