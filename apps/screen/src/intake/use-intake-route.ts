import { computed, type ComputedRef } from 'vue'
import { useHash } from '../app/use-hash.ts'
import { readIntakeRoute, writeIntakeRoute, type IntakeRoute, type IntakeSection } from './intake-route.ts'

type Target = Partial<IntakeRoute> & { readonly section: IntakeSection }

/** What the page is about now, and how to go elsewhere in it. */
export function useIntakeRoute() {
  const hash = useHash()
  const route: ComputedRef<IntakeRoute> = computed(
    () => readIntakeRoute(hash.value) ?? { section: 'gateways', parts: [], query: {} },
  )
  const go = (target: Target) => (location.hash = writeIntakeRoute(target))
  /** Without a step for the back key: what is being typed is no place to come back to. */
  const replace = (target: Target) => location.replace(writeIntakeRoute(target))
  return { route, go, replace, linkTo: writeIntakeRoute }
}
