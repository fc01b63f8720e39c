import { colour, daylightColour, daylightStateColour, fontFamily, size, stateColour } from './theme.ts'

export type Light = 'dark' | 'daylight'

const kebab = (name: string) => name.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase()

/** CSS variables from the tokens: `--ground`, `--state-critical`, `--size-header` (rem, 16 px at the base), `--font`. */
export function themeVariables(light: Light = 'dark'): Record<string, string> {
  const [colours, states] = light === 'dark' ? [colour, stateColour] : [daylightColour, daylightStateColour]
  const variables: Record<string, string> = { '--font': fontFamily }
  for (const [name, value] of Object.entries(colours)) variables[`--${kebab(name)}`] = value
  for (const [name, value] of Object.entries(states)) variables[`--state-${name}`] = value
  for (const [name, px] of Object.entries(size)) variables[`--size-${kebab(name)}`] = `${px / 16}rem`
  return variables
}

export function applyTheme(root: HTMLElement, light: Light = 'dark'): void {
  for (const [name, value] of Object.entries(themeVariables(light))) root.style.setProperty(name, value)
  root.style.colorScheme = light === 'dark' ? 'dark' : 'light'
  document
    .querySelector('meta[name=theme-color]')
    ?.setAttribute('content', (light === 'dark' ? colour : daylightColour).ground)
}
