/** Places are WGS-84 `[lon, lat]` in degrees, rings closed as in GeoJSON (RFC 7946). */
export type LonLat = readonly [lon: number, lat: number]
export type Ring = readonly LonLat[]
/** Outer ring first, then holes. */
export type Polygon = readonly Ring[]
export type MultiPolygon = readonly Polygon[]

const EARTH_RADIUS_M = 6_371_008.8
const RAD = Math.PI / 180

/** Great-circle distance in metres (haversine). */
export function distanceM(a: LonLat, b: LonLat): number {
  const dLat = (b[1] - a[1]) * RAD
  const dLon = (b[0] - a[0]) * RAD
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a[1] * RAD) * Math.cos(b[1] * RAD) * Math.sin(dLon / 2) ** 2
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** Initial bearing from a to b, degrees clockwise from north, 0 ≤ b < 360. */
export function bearingDeg(a: LonLat, b: LonLat): number {
  const dLon = (b[0] - a[0]) * RAD
  const y = Math.sin(dLon) * Math.cos(b[1] * RAD)
  const x =
    Math.cos(a[1] * RAD) * Math.sin(b[1] * RAD) - Math.sin(a[1] * RAD) * Math.cos(b[1] * RAD) * Math.cos(dLon)
  return (Math.atan2(y, x) / RAD + 360) % 360
}

function isInsideRing([lon, lat]: LonLat, ring: Ring): boolean {
  let inside = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i]!
    const [xj, yj] = ring[j]!
    if (yi > lat !== yj > lat && lon < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) inside = !inside
  }
  return inside
}

/** Even-odd rule; a point in a hole is outside. A point on a shared border belongs to one side only. */
export const isInside = (place: LonLat, area: MultiPolygon): boolean =>
  area.some(([outer, ...holes]) => {
    if (outer === undefined || !isInsideRing(place, outer)) return false
    return !holes.some((hole) => isInsideRing(place, hole))
  })

/** West, south, east, north in degrees; null for nothing. */
export type Box = readonly [west: number, south: number, east: number, north: number]

export function boxOf(places: Iterable<LonLat>): Box | null {
  let west = Infinity
  let south = Infinity
  let east = -Infinity
  let north = -Infinity
  for (const [lon, lat] of places) {
    if (lon < west) west = lon
    if (lon > east) east = lon
    if (lat < south) south = lat
    if (lat > north) north = lat
  }
  return west <= east ? [west, south, east, north] : null
}

export const isPlace = (lon: number, lat: number): boolean =>
  Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lon) <= 180 && Math.abs(lat) <= 90
