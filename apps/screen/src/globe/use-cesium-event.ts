import type { Event } from 'cesium'
import { onScopeDispose } from 'vue'

/** Listens to a Cesium event for as long as the scope lives. */
export function useCesiumEvent<T extends (...args: never[]) => void>(
  event: Event<(...args: Parameters<T>) => void>,
  listener: T,
): void {
  onScopeDispose(event.addEventListener(listener))
}
