import { z } from 'zod'
import {
  checkCode,
  checkName,
  checkPlace,
  checkText,
  collectRows,
  FileError,
  RowError,
  type Parsed,
} from './row-check.ts'

type Place = [number, number]

export interface ParsedGrid {
  readonly code: string
  readonly name: string
  readonly rankLabel: string | null
  readonly parentCode: string | null
  readonly households: number | null
  readonly area: Place[][][] | null
}
export interface ParsedLine {
  readonly code: string
  readonly name: string
  readonly voltageKv: number
  readonly laying: 'overhead' | 'cable'
  readonly gridCode: string | null
  readonly path: Place[]
  readonly towers: Place[]
}
export interface ParsedGround {
  readonly code: string
  readonly name: string | null
  readonly class: 'river' | 'road' | 'village'
  readonly paths: Place[][]
}

interface Feature {
  readonly properties: Readonly<Record<string, unknown>>
  readonly geometry: { readonly type: string; readonly coordinates: unknown } | null
}

const collectionSchema = z.object({ type: z.literal('FeatureCollection'), features: z.array(z.unknown()) })
const geometrySchema = z.object({ type: z.string(), coordinates: z.unknown() })
const featureSchema = z.object({
  type: z.literal('Feature'),
  properties: z.record(z.string(), z.unknown()).nullable(),
  geometry: geometrySchema.nullable().optional(),
})

/** Throws {@link FileError} for a text that is no FeatureCollection (RFC 7946). */
function parseFeatures<Row extends { readonly code: string }>(
  text: string,
  check: (feature: Feature) => Row,
): Parsed<Row> {
  const collection = collectionSchema.safeParse(parseJson(text))
  if (!collection.success) throw new FileError('the text is not a GeoJSON FeatureCollection')
  const raws = collection.data.features.map((raw, index) => ({ line: index + 1, code: codeOf(raw), raw }))
  return collectRows(raws, (raw) => {
    const feature = featureSchema.safeParse(raw)
    if (!feature.success) throw new RowError('is not a GeoJSON Feature')
    const { properties, geometry } = feature.data
    return check({ properties: properties ?? {}, geometry: geometry ?? null })
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  } catch (error) {
    throw new FileError(`the text is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function codeOf(raw: unknown): string | null {
  const code = (raw as { properties?: { code?: unknown } } | null)?.properties?.code
  return typeof code === 'string' || typeof code === 'number' ? String(code) : null
}

export const parseGrids = (text: string): Parsed<ParsedGrid> =>
  parseFeatures(text, ({ properties, geometry }) => ({
    code: checkCode(properties['code']),
    name: checkName(properties['name']),
    rankLabel: checkText(properties['rank'], 'rank'),
    parentCode: checkText(properties['parent'], 'parent'),
    households: checkCount(properties['households'], 'households'),
    area: geometry === null ? null : checkArea(geometry),
  }))

export const parseLines = (text: string): Parsed<ParsedLine> =>
  parseFeatures(text, ({ properties, geometry }) => {
    const laying = checkOneOf(properties['laying'], 'laying', ['overhead', 'cable'] as const)
    const path = checkPath(geometry, 'LineString')
    return {
      code: checkCode(properties['code']),
      name: checkName(properties['name']),
      voltageKv: checkPositive(properties['voltage_kv'], 'voltage_kv'),
      laying,
      gridCode: checkText(properties['grid'], 'grid'),
      path,
      towers: laying === 'cable' ? [] : checkTowers(properties['towers'], path),
    }
  })

export const parseGround = (text: string): Parsed<ParsedGround> =>
  parseFeatures(text, ({ properties, geometry }) => ({
    code: checkCode(properties['code']),
    name: checkText(properties['name'], 'name'),
    class: checkOneOf(properties['class'], 'class', ['river', 'road', 'village'] as const),
    paths: checkPaths(geometry),
  }))

function checkCount(value: unknown, what: string): number | null {
  if (value === null || value === undefined) return null
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 2_147_483_647)
    throw new RowError(`${what} is not a whole number`)
  return value
}

function checkPositive(value: unknown, what: string): number {
  if (typeof value !== 'number' || !(value > 0) || value > 10_000)
    throw new RowError(`${what} is not a positive number`)
  return value
}

function checkOneOf<const Word extends string>(value: unknown, what: string, words: readonly Word[]): Word {
  const word = words.find((known) => known === value)
  if (word === undefined) throw new RowError(`${what} is not one of ${words.join(', ')}`)
  return word
}

function checkTowers(value: unknown, path: Place[]): Place[] {
  if (value === null || value === undefined) return path
  return list(value, 'towers').map(checkPlace)
}

function checkPath(geometry: Feature['geometry'], type: string): Place[] {
  if (geometry?.type !== type) throw new RowError(`the geometry is not a ${type}`)
  return checkLine(geometry.coordinates)
}

function checkPaths(geometry: Feature['geometry']): Place[][] {
  if (geometry?.type === 'LineString') return [checkLine(geometry.coordinates)]
  if (geometry?.type === 'MultiLineString') return list(geometry.coordinates, 'the geometry').map(checkLine)
  if (geometry !== null) return checkArea(geometry).flat()
  throw new RowError('has no geometry')
}

function checkLine(value: unknown): Place[] {
  const path = list(value, 'a line').map(checkPlace)
  if (path.length < 2) throw new RowError('a line has fewer than two places')
  return path
}

function checkArea({ type, coordinates }: NonNullable<Feature['geometry']>): Place[][][] {
  if (type === 'Polygon') return [checkPolygon(coordinates)]
  if (type !== 'MultiPolygon') throw new RowError('the geometry is not a Polygon or MultiPolygon')
  const polygons = list(coordinates, 'the geometry').map(checkPolygon)
  if (polygons.length === 0) throw new RowError('the area is empty')
  return polygons
}

function checkPolygon(value: unknown): Place[][] {
  const rings = list(value, 'a polygon').map(checkRing)
  if (rings.length === 0) throw new RowError('a polygon has no ring')
  return rings
}

function checkRing(value: unknown): Place[] {
  const ring = list(value, 'a ring').map(checkPlace)
  if (ring.length < 4) throw new RowError('a ring has fewer than four places')
  const [first, last] = [ring[0]!, ring.at(-1)!]
  if (first[0] !== last[0] || first[1] !== last[1]) throw new RowError('a ring is not closed')
  return ring
}

function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new RowError(`${what} is not a list`)
  return value as unknown[]
}
