import { z } from 'zod'

/**
 * `POST /api/import`: grids and lines as GeoJSON FeatureCollections, assets and keepers as CSV with a header row. Loading the same file twice
 * changes nothing: rows are known by their `code`. Bad rows are listed and left out; the good ones load.
 *
 * - grids    Polygon or MultiPolygon features; properties `code`, `name`, `parent` (code), `rank` (label), `households`. No geometry: drawn from its children.
 * - lines    LineString features; properties `code`, `name`, `voltage_kv`, `laying` (`overhead` | `cable`), `grid` (code), `towers` (array of [lon, lat];
 *            absent: every vertex of an overhead line).
 * - ground   LineString, MultiLineString, Polygon or MultiPolygon features; properties `code`, `name`, `class` (`river` | `road` | `village`).
 * - assets   columns `code,name,kind,lon,lat` and optionally `grid,device_key`; any other column is kept as an attribute. Without `grid`, the deepest grid
 *            that contains the place. Without `device_key`, the code is the key.
 * - keepers  columns `code,name` and optionally `post,phone,grid,device_key`.
 *
 * Both CSVs may say how the device logs in: `device_secret` (at least 8 characters; kept hashed, never said back), `device_via` (the login that speaks for it; made
 * without a secret if it is missing), `device_protocol`. An empty cell says nothing: what is there stays.
 */
export const importFormats = ['grids', 'lines', 'ground', 'assets', 'keepers'] as const
export type ImportFormat = (typeof importFormats)[number]

export const importRequestSchema = z.object({ format: z.enum(importFormats), text: z.string().min(1) })
export type ImportRequest = z.infer<typeof importRequestSchema>

export const maxImportBytes = 64 * 1024 * 1024

export const importReportSchema = z.object({
  format: z.enum(importFormats),
  added: z.number().int(),
  changed: z.number().int(),
  unchanged: z.number().int(),
  rejected: z.number().int(),
  /** The first 100 rejections; `line` counts from 1 (for GeoJSON: the feature's place in the file). */
  problems: z.array(z.object({ line: z.number().int(), code: z.string().nullable(), reason: z.string() })),
})
export type ImportReport = z.infer<typeof importReportSchema>
