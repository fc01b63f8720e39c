import { z } from 'zod'
import { alarmSchema, severitySchema } from './live.ts'

/** REST of the api under `/api`. Times are UTC ms, places WGS-84 `[lon, lat]`, units those of the kind's metrics. */
const place = z.tuple([z.number(), z.number()])
const ring = z.array(place)
export const multiPolygonSchema = z.array(z.array(ring))

/** A node of the grid tree. `level` counts from 0 at the root; `rankLabel` is what the field calls that level. */
export const gridSchema = z.object({
  id: z.number().int(),
  code: z.string(),
  name: z.string(),
  level: z.number().int(),
  rankLabel: z.string().nullable(),
  parentId: z.number().int().nullable(),
  households: z.number().int().nullable(),
  /** Null for a grid that is drawn from its children only. */
  area: multiPolygonSchema.nullable(),
})
export type Grid = z.infer<typeof gridSchema>

export const lineSchema = z.object({
  id: z.number().int(),
  code: z.string(),
  name: z.string(),
  voltageKv: z.number(),
  /** Overhead lines have towers at `towers`, cables have none. */
  laying: z.enum(['overhead', 'cable']),
  gridId: z.number().int().nullable(),
  path: z.array(place),
  /** Places of the towers or poles, in order along the line. */
  towers: z.array(place),
})
export type Line = z.infer<typeof lineSchema>

export const assetSchema = z.object({
  id: z.number().int(),
  code: z.string(),
  name: z.string(),
  kind: z.string(),
  lon: z.number(),
  lat: z.number(),
  gridId: z.number().int().nullable(),
})
export type Asset = z.infer<typeof assetSchema>

export const keeperSchema = z.object({
  id: z.number().int(),
  code: z.string(),
  name: z.string(),
  post: z.string(),
  gridId: z.number().int().nullable(),
})
export type Keeper = z.infer<typeof keeperSchema>

/** What the map shows faintly under the district: its rivers, roads, and the outlines of its villages. */
export const groundFeatureSchema = z.object({
  code: z.string(),
  name: z.string().nullable(),
  class: z.enum(['river', 'road', 'village']),
  /** One or more lines; a village's are closed rings. */
  paths: z.array(z.array(place)),
})
export type GroundFeature = z.infer<typeof groundFeatureSchema>

/** Everything that stands still: fetched once, and again when the live stream says `catalogue`. */
export const catalogueSchema = z.object({
  version: z.number().int(),
  grids: z.array(gridSchema),
  lines: z.array(lineSchema),
  ground: z.array(groundFeatureSchema),
  assets: z.array(assetSchema),
  keepers: z.array(keeperSchema),
})
export type Catalogue = z.infer<typeof catalogueSchema>

/** One asset now. `values` by metric key; keys never said are absent. */
export const assetDetailSchema = assetSchema.extend({
  deviceKeys: z.array(z.string()),
  attributes: z.record(z.string(), z.unknown()),
  gridPath: z.array(z.string()),
  timeMs: z.number().nullable(),
  receivedAtMs: z.number().nullable(),
  values: z.record(z.string(), z.union([z.number(), z.boolean()])),
  flags: z.number().int(),
  state: z.number().int(),
  openAlarms: z.array(alarmSchema),
})
export type AssetDetail = z.infer<typeof assetDetailSchema>

/** Series of one asset. `source` tells the table; a rollup's value is the mean of its bucket, with the extremes beside it. */
export const seriesSchema = z.object({
  assetId: z.number().int(),
  fromMs: z.number(),
  toMs: z.number(),
  source: z.enum(['raw', '1m', '15m', '1h', '1d']),
  /** At most 2,000, oldest first. */
  timesMs: z.array(z.number()),
  metrics: z.record(
    z.string(),
    z.object({
      values: z.array(z.number().nullable()),
      /** Only for rollups. */
      min: z.array(z.number().nullable()).optional(),
      max: z.array(z.number().nullable()).optional(),
    }),
  ),
})
export type Series = z.infer<typeof seriesSchema>

export const keeperDetailSchema = keeperSchema.extend({
  gridPath: z.array(z.string()),
  phone: z.string().nullable(),
  timeMs: z.number().nullable(),
  lon: z.number().nullable(),
  lat: z.number().nullable(),
  speedMps: z.number().nullable(),
  accuracyM: z.number().nullable(),
  batteryPct: z.number().nullable(),
  onDuty: z.boolean(),
})
export type KeeperDetail = z.infer<typeof keeperDetailSchema>

/** A keeper's track, oldest first, thinned to at most 2,000 fixes. Each look at it is logged with who looked and why. */
export const trackSchema = z.object({
  keeperId: z.number().int(),
  fromMs: z.number(),
  toMs: z.number(),
  /** Fixes in the range before thinning. */
  total: z.number().int(),
  timesMs: z.array(z.number()),
  places: z.array(place),
  accuracyM: z.array(z.number().nullable()),
})
export type Track = z.infer<typeof trackSchema>

/** District load: the sum over assets of the bucket means of each kind's load metric, kW. */
export const loadCurveSchema = z.object({
  bucketMs: z.number().int(),
  timesMs: z.array(z.number()),
  loadKw: z.array(z.number().nullable()),
})
export type LoadCurve = z.infer<typeof loadCurveSchema>

export const alarmsByHourSchema = z.object({
  /** Start of each hour, oldest first; every hour of the range is there. */
  hoursMs: z.array(z.number()),
  counts: z.record(severitySchema, z.array(z.number().int())),
})
export type AlarmsByHour = z.infer<typeof alarmsByHourSchema>

/** Counts for the panels; the parts of `byKind` sum to its `total`. */
export const overviewSchema = z.object({
  atMs: z.number(),
  byKind: z.array(
    z.object({
      kind: z.string(),
      total: z.number().int(),
      normal: z.number().int(),
      attention: z.number().int(),
      warning: z.number().int(),
      critical: z.number().int(),
      silent: z.number().int(),
      unknown: z.number().int(),
    }),
  ),
  keepers: z.object({ total: z.number().int(), onDuty: z.number().int() }),
  openAlarms: z.record(severitySchema, z.number().int()),
  loadKw: z.number().nullable(),
  worstGrids: z.array(
    z.object({
      gridId: z.number().int(),
      name: z.string(),
      critical: z.number().int(),
      warning: z.number().int(),
      attention: z.number().int(),
      silent: z.number().int(),
      total: z.number().int(),
    }),
  ),
})
export type Overview = z.infer<typeof overviewSchema>

export const accountSchema = z.object({
  name: z.string(),
  role: z.enum(['leader', 'dispatcher', 'head', 'admin']),
  /** The root of what the account may see; null = everything. */
  gridId: z.number().int().nullable(),
})
export type Account = z.infer<typeof accountSchema>

export const loginSchema = z.object({ name: z.string().min(1).max(64), password: z.string().min(1).max(256) })

export const alarmListSchema = z.object({ alarms: z.array(alarmSchema) })

/** Every error of the REST side. `code` is stable, `message` is for people. */
export const problemSchema = z.object({
  code: z.string(),
  message: z.string(),
  details: z.array(z.string()).optional(),
})
export type Problem = z.infer<typeof problemSchema>
