import type { Kind } from './kind.ts'
import { current, power, voltage } from './electrical-metrics.ts'

const MINUTE = 60_000

/** Distribution transformer 配电变压器, low-voltage side. `load` is the load over the rated power. */
export const transformer: Kind = {
  key: 'transformer',
  label: { zh: '配变', en: 'Transformer' },
  code: 4,
  symbol: 'transformer',
  metrics: [
    power('p', { zh: '有功功率', en: 'Active power' }, 'kW', 100_000),
    power('q', { zh: '无功功率', en: 'Reactive power' }, 'kvar', 100_000),
    {
      key: 'load',
      label: { zh: '负载率', en: 'Load rate' },
      unit: '%',
      type: 'number',
      range: [0, 400],
      decimals: 1,
    },
    {
      key: 'oil_temp',
      label: { zh: '油温', en: 'Oil temperature' },
      unit: '°C',
      type: 'number',
      range: [-60, 200],
      decimals: 1,
    },
    voltage('ua', 'A'),
    voltage('ub', 'B'),
    voltage('uc', 'C'),
    current('ia', 'A', 10_000),
    current('ib', 'B', 10_000),
    current('ic', 'C', 10_000),
  ],
  headline: 'p',
  loadMetric: 'p',
  curve: ['p'],
  silentAfterMs: 30 * MINUTE,
  rules: [
    {
      key: 'overload',
      label: { zh: '过载', en: 'Overload' },
      severity: 'warning',
      metrics: ['load'],
      when: 'above',
      raise: 100,
      clear: 90,
    },
    {
      key: 'oil-hot',
      label: { zh: '油温高', en: 'Oil hot' },
      severity: 'critical',
      metrics: ['oil_temp'],
      when: 'above',
      raise: 95,
      clear: 85,
    },
    {
      key: 'heavy-load',
      label: { zh: '重载', en: 'Heavy load' },
      severity: 'attention',
      metrics: ['load'],
      when: 'above',
      raise: 80,
      clear: 75,
    },
  ],
}
