import type { GatewayStatus } from '@gridkeeper/contracts'
import type { AssetStateName } from '@gridkeeper/domain'

export type GatewayWord = 'taking' | 'sheddingFixes' | 'sheddingReadings' | 'held' | 'offline'

/** A gateway that has not spoken for so long is taken for gone: it tells of itself every few seconds. */
const silentAfterMs = 30_000

/** How a gateway is, in the wall's own language of states: what gives way is amber, then orange; that nothing is taken at all is red. */
export function gatewayState(
  { online, taking, shedding, atMs }: GatewayStatus,
  nowMs: number,
): { readonly word: GatewayWord; readonly state: AssetStateName } {
  if (!online || nowMs - atMs > silentAfterMs) return { word: 'offline', state: 'silent' }
  if (!taking) return { word: 'held', state: 'critical' }
  if (shedding === 'readings') return { word: 'sheddingReadings', state: 'warning' }
  if (shedding === 'fixes') return { word: 'sheddingFixes', state: 'attention' }
  return { word: 'taking', state: 'normal' }
}

/** Per second; null while nothing is known. */
export const perSecond = (count: number, seconds: number): number | null =>
  seconds > 0 ? count / seconds : null

const order: readonly AssetStateName[] = ['normal', 'attention', 'warning', 'critical']

/** Of the gateways that are up; silent if none is, null while none has ever been heard of. */
export function worstGateway(gateways: readonly GatewayStatus[], nowMs: number): AssetStateName | null {
  if (gateways.length === 0) return null
  const places = gateways.map((status) => order.indexOf(gatewayState(status, nowMs).state))
  return order[Math.max(...places)] ?? 'silent'
}
