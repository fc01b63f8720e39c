import { shallowRef, type ShallowRef } from 'vue'
import { layoutFor, type Layout } from './scale.ts'

const current = shallowRef<Layout>({ scale: 1, columnsPerSide: 1 })

/** The page's one layout, kept true to the window; `1rem` is 16 px at the base. The globe's canvas keeps full resolution. */
export function followScale(): void {
  const measure = () => {
    const next = layoutFor(window.innerWidth, window.innerHeight)
    if (next.scale === current.value.scale && next.columnsPerSide === current.value.columnsPerSide) return
    current.value = next
    document.documentElement.style.fontSize = `${16 * next.scale}px`
  }
  window.addEventListener('resize', measure)
  document.documentElement.style.fontSize = '16px'
  measure()
}

export const useLayout = (): Readonly<ShallowRef<Layout>> => current
