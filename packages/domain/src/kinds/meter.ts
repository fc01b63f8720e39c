import type { Kind } from './kind.ts'
import { current, frequency, power, powerFactor, voltage } from './electrical-metrics.ts'

const MINUTE = 60_000

/** Electricity meter 电能表 (DL/T 645 items, secondary side). Single-phase meters send `ua`, `ia`, `p`, `kwh` only. */
export const meter: Kind = {
  key: 'meter',
  label: { zh: '电表', en: 'Meter' },
  code: 1,
  symbol: 'meter',
  metrics: [
    voltage('ua', 'A'),
    voltage('ub', 'B'),
    voltage('uc', 'C'),
    current('ia', 'A', 1_000),
    current('ib', 'B', 1_000),
    current('ic', 'C', 1_000),
    power('p', { zh: '有功功率', en: 'Active power' }, 'kW', 1_000),
    power('q', { zh: '无功功率', en: 'Reactive power' }, 'kvar', 1_000),
    powerFactor,
    frequency,
    {
      key: 'kwh',
      label: { zh: '正向有功电能', en: 'Forward active energy' },
      unit: 'kWh',
      type: 'number',
      range: [0, 99_999_999],
      decimals: 2,
      cumulative: true,
    },
  ],
  headline: 'p',
  curve: ['p'],
  isBulk: true,
  silentAfterMs: 30 * MINUTE,
  rules: [
    {
      key: 'over-voltage',
      label: { zh: '过电压', en: 'Over-voltage' },
      severity: 'warning',
      metrics: ['ua', 'ub', 'uc'],
      when: 'above',
      raise: 242,
      clear: 238,
    },
    {
      key: 'under-voltage',
      label: { zh: '低电压', en: 'Under-voltage' },
      severity: 'attention',
      metrics: ['ua', 'ub', 'uc'],
      when: 'below',
      raise: 198,
      clear: 202,
    },
  ],
}
