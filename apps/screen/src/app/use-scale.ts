import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { layoutFor, type Layout } from './scale.ts'

const current = shallowRef<Layout>({ scale: 1, columnsPerSide: 1 })
let leastScale = 0

const apply = () =>
  (document.documentElement.style.fontSize = `${16 * Math.max(current.value.scale, leastScale)}px`)

/** The page's one layout, kept true to the window; `1rem` is 16 px at the base. The globe's canvas keeps full resolution. */
export function followScale(): void {
  const measure = () => {
    const next = layoutFor(window.innerWidth, window.innerHeight)
    if (next.scale === current.value.scale && next.columnsPerSide === current.value.columnsPerSide) return
    current.value = next
    apply()
  }
  window.addEventListener('resize', measure)
  apply()
  measure()
}

/** While its owner lives the text is at least so large: a page that is worked at scrolls where a wall would shrink. */
export function useLeastScale(scale: number): void {
  leastScale = scale
  apply()
  onScopeDispose(() => {
    leastScale = 0
    apply()
  })
}

export const useLayout = (): Readonly<ShallowRef<Layout>> => current
