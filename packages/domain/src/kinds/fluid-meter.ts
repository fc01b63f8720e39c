import type { Kind, Metric } from './kind.ts'

const HOUR = 3_600_000

const temperature = (key: string, zh: string, en: string): Metric => ({
  key,
  label: { zh, en },
  unit: '°C',
  type: 'number',
  range: [-50, 200],
  decimals: 1,
})

/**
 * Meter of water, gas or heat 水表、燃气表、热量表 (CJ/T 188). A meter of water or gas sends `volume` and its state only. Most run on a battery and speak a few
 * times a day.
 */
export const fluidMeter: Kind = {
  key: 'fluid_meter',
  label: { zh: '水气热表', en: 'Fluid meter' },
  code: 5,
  symbol: 'fluid-meter',
  metrics: [
    {
      key: 'volume',
      label: { zh: '累积流量', en: 'Volume' },
      unit: 'm³',
      type: 'number',
      range: [0, 99_999_999],
      decimals: 2,
      cumulative: true,
    },
    {
      key: 'flow',
      label: { zh: '瞬时流量', en: 'Flow' },
      unit: 'm³/h',
      type: 'number',
      range: [-10_000, 10_000],
      decimals: 3,
    },
    {
      key: 'heat',
      label: { zh: '累积热量', en: 'Heat' },
      unit: 'kWh',
      type: 'number',
      range: [0, 9_999_999_999],
      decimals: 2,
      cumulative: true,
    },
    {
      key: 'power',
      label: { zh: '热功率', en: 'Heat power' },
      unit: 'kW',
      type: 'number',
      range: [-100_000, 100_000],
      decimals: 2,
    },
    temperature('supply_temp', '供水温度', 'Supply temperature'),
    temperature('return_temp', '回水温度', 'Return temperature'),
    {
      key: 'pressure',
      label: { zh: '压力', en: 'Pressure' },
      unit: 'MPa',
      type: 'number',
      range: [-0.1, 10],
      decimals: 3,
    },
    {
      key: 'valve',
      label: { zh: '阀门', en: 'Valve' },
      unit: '',
      type: 'integer',
      range: [0, 3],
      decimals: 0,
      names: {
        0: { zh: '开', en: 'Open' },
        1: { zh: '关', en: 'Closed' },
        3: { zh: '异常', en: 'Out of order' },
      },
    },
    {
      key: 'battery_low',
      label: { zh: '电池欠压', en: 'Battery low' },
      unit: '',
      type: 'boolean',
      decimals: 0,
    },
  ],
  headline: 'volume',
  curve: ['volume'],
  silentAfterMs: 25 * HOUR,
  rules: [
    {
      key: 'valve-fault',
      label: { zh: '阀门异常', en: 'Valve out of order' },
      severity: 'warning',
      metrics: ['valve'],
      // Either end of its way is in order again.
      when: 'above',
      raise: 2,
      clear: 1,
    },
    {
      key: 'battery-low',
      label: { zh: '电池欠压', en: 'Battery low' },
      severity: 'attention',
      metrics: ['battery_low'],
      when: 'is',
      raise: 1,
      clear: 0,
    },
  ],
}
