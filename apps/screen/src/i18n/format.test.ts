import { findKind, metricOf, type Kind } from '@gridkeeper/domain'
import { describe, expect, it } from 'vitest'
import {
  dash,
  formatCount,
  formatDistance,
  formatMetric,
  formatNumber,
  formatSpan,
  formatTime,
} from './format.ts'
import { en } from './en.ts'
import { zh } from './zh.ts'

const now = new Date(2026, 10, 21, 20, 30).getTime()

describe('format', () => {
  it('shows what is not known as a dash, never as zero', () => {
    expect([
      formatCount(null),
      formatNumber(undefined, 1),
      formatNumber(NaN, 1),
      formatTime(null, now),
      formatDistance(null),
    ]).toEqual(Array(5).fill(dash))
    expect(formatCount(0)).toBe('0')
  })

  it('shows the clock today and the day before it otherwise', () => {
    expect(formatTime(new Date(2026, 10, 21, 14, 5).getTime(), now)).toBe('14:05')
    expect(formatTime(new Date(2026, 10, 20, 14, 5).getTime(), now)).toBe('11-20 14:05')
  })

  it('sets thousands marks', () => expect(formatCount(1_234_567)).toBe('1,234,567'))

  it('shows a span in its largest whole unit', () => {
    expect([-5, 59_999, 60_000, 7_300_000, 3 * 86_400_000].map((ms) => formatSpan(ms, 'en'))).toEqual([
      '0 s',
      '59 s',
      '1 min',
      '2 h',
      '3 d',
    ])
  })

  it('shows a metric with its digits, or the name of its value', () => {
    const kind = findKind('protector') as Kind
    const metric = (key: string) => metricOf(kind, key)!
    expect(formatMetric(metric('ua'), 221.27, 'zh')).toBe('221.3')
    expect(formatMetric(metric('pos'), 1, 'zh')).toBe('分闸')
    expect(formatMetric(metric('lockout'), true, 'en')).toBe('Yes')
    expect(formatMetric(metric('ua'), undefined, 'zh')).toBe(dash)
  })
})

describe('messages', () => {
  const paths = (node: object, at = ''): string[] =>
    Object.entries(node).flatMap(([key, value]) =>
      typeof value === 'object' ? paths(value, `${at}${key}.`) : `${at}${key}`,
    )
  const blanks = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()
  const at = (node: object, path: string): string =>
    path.split('.').reduce<unknown>((found, key) => (found as Record<string, unknown>)[key], node) as string

  it('has every text in both languages, with the same blanks', () => {
    expect(paths(en)).toEqual(paths(zh))
    for (const path of paths(zh)) expect([path, blanks(at(en, path))]).toEqual([path, blanks(at(zh, path))])
  })
})
