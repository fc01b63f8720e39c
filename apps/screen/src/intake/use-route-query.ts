import { computed, type WritableComputedRef } from 'vue'
import { useIntakeRoute } from './use-intake-route.ts'

/** One filter of a section, kept in the address; its usual value is not written down. */
export function useRouteQuery<Value extends string>(
  name: string,
  usual: Value,
  known?: readonly Value[],
): WritableComputedRef<Value> {
  const { route, replace } = useIntakeRoute()
  return computed({
    get: () => {
      const value = (route.value.query[name] ?? usual) as Value
      return known === undefined || known.includes(value) ? value : usual
    },
    set: (value) => {
      const { section, parts } = route.value
      const { [name]: _, ...others } = route.value.query
      replace({ section, parts, query: value === usual ? others : { ...others, [name]: value } })
    },
  })
}
