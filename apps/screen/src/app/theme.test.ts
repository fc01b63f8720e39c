import { describe, expect, it } from 'vitest'
import { themeVariables } from './apply-theme.ts'
import { colour, daylightColour, daylightStateColour, stateColour, stateShape } from './theme.ts'

/** WCAG 2 relative luminance and contrast. */
const channel = (value: number) => (value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
const luminance = (hex: string) => {
  const [r, g, b] = [1, 3, 5].map((at) => channel(parseInt(hex.slice(at, at + 2), 16) / 255)) as [
    number,
    number,
    number,
  ]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
const contrast = (a: string, b: string) => {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

describe('theme', () => {
  it.each([
    ['in the dark', colour, stateColour],
    ['in daylight', daylightColour, daylightStateColour],
  ])('reads %s: every text and state colour has 4.5:1 on every surface', (_, colours, states) => {
    const { text, textStrong, textMuted, accent } = colours
    const inks = [text, textStrong, textMuted, accent, ...Object.values(states)]
    for (const ground of [colours.ground, colours.surface, colours.raised]) {
      for (const ink of inks) expect([ground, ink, contrast(ground, ink) >= 4.5]).toEqual([ground, ink, true])
    }
  })
  it('gives each state a shape of its own', () => {
    expect(new Set(Object.values(stateShape)).size).toBe(Object.keys(stateShape).length)
  })
  it('keeps state colours apart from the accent', () => {
    expect(Object.values(stateColour)).not.toContain(colour.accent)
  })
  it('turns sizes into rem of 16 px', () => {
    expect(themeVariables()).toMatchObject({
      '--size-header': '4rem',
      '--state-critical': stateColour.critical,
      '--text-muted': colour.textMuted,
    })
  })
})
