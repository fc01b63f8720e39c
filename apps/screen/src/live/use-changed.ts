import { onScopeDispose, shallowRef, toValue, type MaybeRefOrGetter, type ShallowRef } from 'vue'
import type { Twin } from './twin.ts'

/** Grows when the twin says that one asset or keeper changed, and with each snapshot. */
export function useChanged(
  twin: Twin,
  type: 'asset' | 'keeper',
  id: MaybeRefOrGetter<number>,
): Readonly<ShallowRef<number>> {
  const changes = shallowRef(0)
  const stop = twin.onFlush((flush) => {
    const ids = type === 'asset' ? flush.assetIds : flush.keeperIds
    if (flush.isSnapshot || ids.includes(toValue(id))) changes.value++
  })
  onScopeDispose(stop)
  return changes
}
