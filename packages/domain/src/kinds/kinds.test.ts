import { describe, expect, it } from 'vitest'
import { findKind, findKindByCode, kinds } from './index.ts'
import { metricOf } from './kind.ts'

/** Column names that every table of readings has of its own. */
const taken = new Set(['asset_id', 'time', 'message_id', 'received_at', 'flags', 'claimed_ms', 'extra'])
const columnName = /^[a-z][a-z0-9_]{0,40}$/
// Words that Postgres takes for something else when they stand bare where a column may stand.
const reserved = new Set(
  'all and any array as asc both case cast check column create default desc distinct do else end except false fetch for foreign from grant group having in into is join leading left like limit not null offset on only or order placing primary references right select some table then to true union unique user using values when where window with'.split(
    ' ',
  ),
)

const isUnique = (items: readonly unknown[]) => new Set(items).size === items.length

describe('kinds', () => {
  it('have codes and keys of their own, and are found by either', () => {
    expect(isUnique(kinds.map(({ code }) => code))).toBe(true)
    expect(isUnique(kinds.map(({ key }) => key))).toBe(true)
    for (const kind of kinds) {
      expect(findKind(kind.key)).toBe(kind)
      expect(findKindByCode(kind.code)).toBe(kind)
    }
    expect(findKind('nothing')).toBeUndefined()
  })

  describe.each(kinds.map((kind) => [kind.key, kind] as const))('%s', (_key, kind) => {
    it('has a code that fits a byte, and a key that is a table name', () => {
      expect(kind.code).toSatisfy((code: number) => Number.isInteger(code) && code > 0 && code < 256)
      expect(kind.key).toMatch(columnName)
    })

    it('names its metrics by legal column names, each once, none of them taken', () => {
      const keys = kind.metrics.map(({ key }) => key)
      expect(isUnique(keys)).toBe(true)
      for (const key of keys) {
        expect(key).toMatch(columnName)
        expect(taken.has(key) || reserved.has(key), key).toBe(false)
        // The longest name made of it is a rollup's column.
        expect(`${key}_sum`.length).toBeLessThan(64)
      }
      // A rollup's column is never a metric's.
      for (const key of keys)
        expect(keys.some((other) => new RegExp(`^${other}_(sum|n|min|max)$`).test(key))).toBe(false)
    })

    it('refers only to metrics that it has', () => {
      for (const key of [kind.headline, ...kind.curve, ...kind.rules.flatMap(({ metrics }) => metrics)])
        expect(metricOf(kind, key), key).toBeDefined()
      if (kind.loadMetric !== undefined) expect(metricOf(kind, kind.loadMetric)?.unit).toBe('kW')
    })

    it('draws a curve of numbers of one unit', () => {
      expect(kind.curve.length).toBeGreaterThan(0)
      expect(new Set(kind.curve.map((key) => metricOf(kind, key)?.unit)).size).toBe(1)
      for (const key of kind.curve) expect(metricOf(kind, key)?.type).toBe('number')
    })

    it('has ranges that begin before they end', () => {
      for (const { key, range, type, names } of kind.metrics) {
        if (range !== undefined) expect(range[0], key).toBeLessThan(range[1])
        if (type === 'boolean') expect(range, key).toBeUndefined()
        for (const value of Object.keys(names ?? {}))
          expect(Number(value)).toSatisfy(
            (n: number) => range !== undefined && n >= range[0] && n <= range[1],
          )
      }
    })

    it('has rules with names of their own, that clear on the quiet side of where they raise', () => {
      expect(isUnique(kind.rules.map(({ key }) => key))).toBe(true)
      for (const rule of kind.rules) {
        expect(rule.metrics.length).toBeGreaterThan(0)
        if (rule.when === 'above') expect(rule.clear, rule.key).toBeLessThan(rule.raise)
        else if (rule.when === 'below') expect(rule.clear, rule.key).toBeGreaterThan(rule.raise)
        else expect(rule.clear, rule.key).not.toBe(rule.raise)
        for (const key of rule.metrics) {
          const metric = metricOf(kind, key)
          const [min, max] = metric?.type === 'boolean' ? [0, 1] : (metric?.range ?? [-Infinity, Infinity])
          for (const limit of [rule.raise, rule.clear])
            expect(limit >= min && limit <= max, rule.key).toBe(true)
          if (rule.when === 'is') expect(metric?.type, rule.key).not.toBe('number')
        }
      }
    })

    it('is named in both languages, with all that it has', () => {
      const labels = [
        kind.label,
        ...kind.metrics.flatMap(({ label, names }) => [label, ...Object.values(names ?? {})]),
        ...kind.rules.map(({ label }) => label),
      ]
      for (const { zh, en } of labels) {
        expect(zh.trim()).not.toBe('')
        expect(en.trim()).not.toBe('')
      }
    })

    it('is silent after some time', () => {
      expect(kind.silentAfterMs).toBeGreaterThan(60_000)
    })
  })
})
