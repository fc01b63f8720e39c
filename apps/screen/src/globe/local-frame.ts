import type { LonLat } from '@gridkeeper/domain'

/**
 * A district's own frame: metres east, north and up of one place, on the WGS-84 ellipsoid. The scene keeps its places in it as 32-bit floats
 * (2 mm at 30 km) under one model matrix, which halves the memory of 64-bit world places and needs no split into high and low parts.
 */
export interface LocalFrame {
  readonly origin: LonLat
  /** Writes x, y, z to `out[at…at+2]`. */
  write(out: { [index: number]: number }, at: number, lon: number, lat: number, heightM: number): void
  toLocal(lon: number, lat: number, heightM?: number): [x: number, y: number, z: number]
  /** The place on the ellipsoid below or above a local x, y; good to a metre within 50 km. */
  toPlace(x: number, y: number): [lon: number, lat: number]
}

const equatorialM = 6_378_137
const eccentricitySquared = 6.694_379_990_14e-3
const rad = Math.PI / 180
export const earthRadiusM = 6_371_008.8

export function createLocalFrame(origin: LonLat): LocalFrame {
  const sinLat0 = Math.sin(origin[1] * rad)
  const cosLat0 = Math.cos(origin[1] * rad)
  const sinLon0 = Math.sin(origin[0] * rad)
  const cosLon0 = Math.cos(origin[0] * rad)
  const normal0 = equatorialM / Math.sqrt(1 - eccentricitySquared * sinLat0 * sinLat0)
  const x0 = normal0 * cosLat0 * cosLon0
  const y0 = normal0 * cosLat0 * sinLon0
  const z0 = normal0 * (1 - eccentricitySquared) * sinLat0
  const meridianM =
    (equatorialM * (1 - eccentricitySquared)) / (1 - eccentricitySquared * sinLat0 * sinLat0) ** 1.5

  const write: LocalFrame['write'] = (out, at, lon, lat, heightM) => {
    const sinLat = Math.sin(lat * rad)
    const cosLat = Math.cos(lat * rad)
    const normal = equatorialM / Math.sqrt(1 - eccentricitySquared * sinLat * sinLat)
    const dx = (normal + heightM) * cosLat * Math.cos(lon * rad) - x0
    const dy = (normal + heightM) * cosLat * Math.sin(lon * rad) - y0
    const dz = (normal * (1 - eccentricitySquared) + heightM) * sinLat - z0
    const outward = cosLon0 * dx + sinLon0 * dy
    out[at] = -sinLon0 * dx + cosLon0 * dy
    out[at + 1] = -sinLat0 * outward + cosLat0 * dz
    out[at + 2] = cosLat0 * outward + sinLat0 * dz
  }
  const toLocal: LocalFrame['toLocal'] = (lon, lat, heightM = 0) => {
    const out: [number, number, number] = [0, 0, 0]
    write(out, 0, lon, lat, heightM)
    return out
  }
  const toPlace: LocalFrame['toPlace'] = (x, y) => {
    let lon = origin[0] + x / (normal0 * cosLat0 * rad)
    let lat = origin[1] + y / (meridianM * rad)
    for (let i = 0; i < 3; i++) {
      const [gotX, gotY] = toLocal(lon, lat)
      lon += (x - gotX) / (normal0 * cosLat0 * rad)
      lat += (y - gotY) / (meridianM * rad)
    }
    return [lon, lat]
  }
  return { origin, write, toLocal, toPlace }
}

/** How far the ellipsoid has sunk below the tangent plane at a local x, y. */
export const sagM = (x: number, y: number): number => (x * x + y * y) / (2 * earthRadiusM)
