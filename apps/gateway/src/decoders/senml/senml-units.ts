import { kinds } from '@gridkeeper/domain'
import { convert } from '../convert.ts'

/** A unit as so many of the first unit of its quantity. Names of RFC 8428, table 1, and RFC 8798; those of our metrics where they differ. */
const units: Readonly<Record<string, readonly [quantity: string, worth: number]>> = {
  V: ['voltage', 1],
  mV: ['voltage', 0.001],
  A: ['current', 1],
  mA: ['current', 0.001],
  W: ['power', 1],
  kW: ['power', 1000],
  var: ['reactive power', 1],
  kvar: ['reactive power', 1000],
  J: ['energy', 1],
  Wh: ['energy', 3600],
  kWh: ['energy', 3_600_000],
  Hz: ['frequency', 1],
  m: ['length', 1],
  cm: ['length', 0.01],
  mm: ['length', 0.001],
  Cel: ['temperature', 1],
  '°C': ['temperature', 1],
  '/': ['share', 1],
  '%': ['share', 0.01],
  '%EL': ['share', 0.01],
  '%vol': ['share', 0.01],
  ppm: ['share', 0.000001],
  deg: ['angle', 1],
  '°': ['angle', 1],
  rad: ['angle', 180 / Math.PI],
}

const unitOfMetric = new Map(kinds.flatMap(({ metrics }) => metrics.map(({ key, unit }) => [key, unit])))

/** The value in the unit of the metric. Without a unit it is in the metric's own; a metric that nobody knows keeps its value. undefined: another quantity. */
export function toMetricUnit(key: string, value: number, unit: string | undefined): number | undefined {
  const wanted = unitOfMetric.get(key)
  if (wanted === undefined || unit === undefined || unit === wanted) return value
  const from = units[unit]
  // A bare number of ours is a share of one, or a count.
  const to = wanted === '' ? units['/'] : units[wanted]
  if (from === undefined || to === undefined || from[0] !== to[0]) return undefined
  return convert(value, from[1] / to[1])
}
