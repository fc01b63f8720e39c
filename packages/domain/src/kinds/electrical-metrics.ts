import type { Metric, Text } from './kind.ts'

/** Metrics shared by the electrical kinds, so that one quantity has one range and one precision everywhere. */
export const voltage = (key: string, phase: string): Metric => ({
  key,
  label: { zh: `${phase} 相电压`, en: `Voltage ${phase}` },
  unit: 'V',
  type: 'number',
  range: [0, 500],
  decimals: 1,
})

export const current = (key: string, phase: string, maxA: number): Metric => ({
  key,
  label: { zh: `${phase} 相电流`, en: `Current ${phase}` },
  unit: 'A',
  type: 'number',
  range: [-maxA, maxA],
  decimals: 2,
})

export const power = (key: string, label: Text, unit: 'kW' | 'kvar', max: number): Metric => ({
  key,
  label,
  unit,
  type: 'number',
  range: [-max, max],
  decimals: 2,
})

export const powerFactor: Metric = {
  key: 'pf',
  label: { zh: '功率因数', en: 'Power factor' },
  unit: '',
  type: 'number',
  range: [-1, 1],
  decimals: 3,
}

export const frequency: Metric = {
  key: 'f',
  label: { zh: '频率', en: 'Frequency' },
  unit: 'Hz',
  type: 'number',
  range: [45, 55],
  decimals: 2,
}
