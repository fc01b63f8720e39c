import { onScopeDispose, shallowRef, watchEffect } from 'vue'
import { applyTheme, type Light } from '../app/apply-theme.ts'

const key = 'gridkeeper.light'

function stored(): Light | null {
  try {
    const value = localStorage.getItem(key)
    return value === 'dark' || value === 'daylight' ? value : null
  } catch {
    return null
  }
}

/** A phone that is set to light is held in the sun; at a desk the page looks like the wall until somebody says otherwise. */
const usual = (): Light =>
  matchMedia('(max-width: 45rem) and (prefers-color-scheme: light)').matches ? 'daylight' : 'dark'

/** Dark as the wall, or for the sun; kept for the next visit. When the page is left the wall's own colours are back. */
export function useLight() {
  const light = shallowRef<Light>(stored() ?? usual())
  watchEffect(() => applyTheme(document.documentElement, light.value))
  onScopeDispose(() => applyTheme(document.documentElement, 'dark'))
  const toggle = () => {
    light.value = light.value === 'dark' ? 'daylight' : 'dark'
    try {
      localStorage.setItem(key, light.value)
    } catch {
      // A browser that keeps nothing still shows the chosen light now.
    }
  }
  return { light, toggle }
}
