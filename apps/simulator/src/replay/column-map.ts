import { findKind } from '@gridkeeper/domain'
import type { TimeFormat } from './parse-time.ts'

/** Which columns a recording's values come from. A key is a metric of the kind, or `lon`, `lat`, … for a keeper. */
export interface ColumnMap {
  /** Several columns are joined by a blank, e.g. a date and a clock. */
  readonly time: readonly string[]
  readonly timeFormat: TimeFormat
  readonly zone: string
  readonly values: readonly { readonly key: string; readonly column: string }[]
}

interface Preset {
  readonly name: string
  readonly header: readonly string[]
  readonly map: ColumnMap
}

/** Recordings known by their header. */
const presets: readonly Preset[] = [
  {
    name: 'UCI individual household electric power consumption',
    header: ['Date', 'Time', 'Global_active_power', 'Global_reactive_power', 'Voltage', 'Global_intensity'],
    map: {
      time: ['Date', 'Time'],
      timeFormat: 'd/M/yyyy HH:mm:ss',
      zone: 'Europe/Paris',
      values: [
        { key: 'p', column: 'Global_active_power' },
        { key: 'q', column: 'Global_reactive_power' },
        { key: 'ua', column: 'Voltage' },
        { key: 'ia', column: 'Global_intensity' },
      ],
    },
  },
  {
    name: 'ETT electricity transformer',
    header: ['date', 'HUFL', 'HULL', 'MUFL', 'MULL', 'LUFL', 'LULL', 'OT'],
    map: {
      time: ['date'],
      timeFormat: 'iso',
      zone: 'Asia/Shanghai',
      values: [
        { key: 'p', column: 'HUFL' },
        { key: 'q', column: 'HULL' },
        { key: 'oil_temp', column: 'OT' },
        ...['MUFL', 'MULL', 'LUFL', 'LULL'].map((column) => ({ key: column.toLowerCase(), column })),
      ],
    },
  },
]

export const findPreset = (header: readonly string[]): Preset | undefined =>
  presets.find((preset) => preset.header.every((column) => header.includes(column)))

export type MapResult =
  { readonly ok: true; readonly map: ColumnMap } | { readonly ok: false; readonly reason: string }

export interface MapWish {
  /** As `--map` has it: `time=col,p=col2`; `time=Date+Time` joins two columns. */
  readonly map?: string | undefined
  readonly timeFormat?: string | undefined
  readonly zone?: string | undefined
}

/** From the wish of the user or the preset of the header, checked against the columns that are there. */
export function chooseMap(header: readonly string[], kindKey: string, wish: MapWish): MapResult {
  const preset = findPreset(header)
  if (wish.map === undefined) {
    if (!preset) {
      const columns = header.join(', ')
      return {
        ok: false,
        reason: `unknown file type: no preset for the columns ${columns}. Say which is which: --map time=…,p=…`,
      }
    }
    const { map } = preset
    return {
      ok: true,
      map: { ...map, timeFormat: wish.timeFormat ?? map.timeFormat, zone: wish.zone ?? map.zone },
    }
  }
  const pairs = wish.map.split(',').map((pair) => pair.split('=').map((side) => side.trim()))
  const wrong = pairs.find((pair) => pair.length !== 2 || pair.includes(''))
  if (wrong) return { ok: false, reason: `--map: “${wrong.join('=')}” is not key=column` }
  const time = pairs.find(([key]) => key === 'time')?.[1]?.split('+')
  if (!time) return { ok: false, reason: '--map must say the column of the time: time=…' }
  const values = pairs
    .filter(([key]) => key !== 'time')
    .map(([key, column]) => ({ key: key!, column: column! }))
  const missing = [...time, ...values.map(({ column }) => column)].filter(
    (column) => !header.includes(column),
  )
  if (missing.length > 0) {
    return { ok: false, reason: `missing column ${missing.join(', ')}; the file has ${header.join(', ')}` }
  }
  if (kindKey === 'keeper' && !['lon', 'lat'].every((key) => values.some((value) => value.key === key))) {
    return { ok: false, reason: 'a keeper needs lon=… and lat=… in --map' }
  }
  if (values.length === 0) {
    const keys =
      findKind(kindKey)
        ?.metrics.map(({ key }) => key)
        .join(', ') ?? ''
    return { ok: false, reason: `--map names no value; ${kindKey} knows ${keys}` }
  }
  return {
    ok: true,
    map: { time, timeFormat: wish.timeFormat ?? 'iso', zone: wish.zone ?? 'Asia/Shanghai', values },
  }
}
