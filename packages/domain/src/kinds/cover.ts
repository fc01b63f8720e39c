import type { Kind, Metric } from './kind.ts'

const HOUR = 3_600_000

const gas = (key: string, zh: string, en: string, unit: string, max: number, decimals: number): Metric => ({
  key,
  label: { zh, en },
  unit,
  type: 'number',
  range: [0, max],
  decimals,
})

/** Smart manhole cover 智能井盖. The device sleeps between heartbeats, so silence is counted in heartbeats, not seconds. */
export const cover: Kind = {
  key: 'cover',
  label: { zh: '井盖', en: 'Cover' },
  code: 3,
  symbol: 'cover',
  metrics: [
    {
      key: 'tilt',
      label: { zh: '倾角', en: 'Tilt' },
      unit: '°',
      type: 'number',
      range: [0, 180],
      decimals: 1,
    },
    { key: 'open', label: { zh: '开启', en: 'Open' }, unit: '', type: 'boolean', decimals: 0 },
    {
      key: 'level',
      label: { zh: '水位', en: 'Water level' },
      unit: 'mm',
      type: 'number',
      range: [0, 20_000],
      decimals: 0,
    },
    gas('ch4', '甲烷', 'Methane', '%LEL', 100, 1),
    gas('h2s', '硫化氢', 'Hydrogen sulphide', 'ppm', 1_000, 1),
    gas('co', '一氧化碳', 'Carbon monoxide', 'ppm', 5_000, 0),
    gas('o2', '氧气', 'Oxygen', '%vol', 30, 1),
    {
      key: 'temp',
      label: { zh: '温度', en: 'Temperature' },
      unit: '°C',
      type: 'number',
      range: [-50, 100],
      decimals: 1,
    },
    {
      key: 'battery',
      label: { zh: '电量', en: 'Battery' },
      unit: '%',
      type: 'number',
      range: [0, 100],
      decimals: 0,
    },
  ],
  headline: 'tilt',
  curve: ['level'],
  silentAfterMs: 3 * HOUR,
  rules: [
    {
      key: 'opened',
      label: { zh: '井盖开启', en: 'Cover opened' },
      severity: 'critical',
      metrics: ['open'],
      when: 'is',
      raise: 1,
      clear: 0,
    },
    {
      key: 'tilted',
      label: { zh: '井盖倾斜', en: 'Cover tilted' },
      severity: 'warning',
      metrics: ['tilt'],
      when: 'above',
      raise: 15,
      clear: 10,
    },
    {
      key: 'flooded',
      label: { zh: '水位越限', en: 'Water level high' },
      severity: 'warning',
      metrics: ['level'],
      when: 'above',
      raise: 800,
      clear: 700,
    },
    {
      key: 'gas',
      label: { zh: '可燃气体越限', en: 'Gas high' },
      severity: 'critical',
      metrics: ['ch4'],
      when: 'above',
      raise: 20,
      clear: 15,
    },
    {
      key: 'battery-low',
      label: { zh: '电量低', en: 'Battery low' },
      severity: 'attention',
      metrics: ['battery'],
      when: 'below',
      raise: 20,
      clear: 25,
    },
  ],
}
