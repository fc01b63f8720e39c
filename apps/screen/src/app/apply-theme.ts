import { colour, fontFamily, size, stateColour } from './theme.ts'

const kebab = (name: string) => name.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase()

/** CSS variables from the tokens: `--ground`, `--state-critical`, `--size-header` (rem, 16 px at the base), `--font`. */
export function themeVariables(): Record<string, string> {
  const variables: Record<string, string> = { '--font': fontFamily }
  for (const [name, value] of Object.entries(colour)) variables[`--${kebab(name)}`] = value
  for (const [name, value] of Object.entries(stateColour)) variables[`--state-${name}`] = value
  for (const [name, px] of Object.entries(size)) variables[`--size-${kebab(name)}`] = `${px / 16}rem`
  return variables
}

export function applyTheme(root: HTMLElement): void {
  for (const [name, value] of Object.entries(themeVariables())) root.style.setProperty(name, value)
}
