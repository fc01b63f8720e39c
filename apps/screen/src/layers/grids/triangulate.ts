import { Cartesian3, CoplanarPolygonGeometry, PolygonHierarchy, VertexFormat } from 'cesium'
import type { Polygon } from '@gridkeeper/domain'
import type { LocalFrame } from '../../globe/local-frame.ts'

export interface Triangles {
  readonly positions: Float32Array
  readonly triangles: Uint32Array
}

/** Null for a ring that has no area. */
export function triangulate(frame: LocalFrame, polygon: Polygon, heightM: number): Triangles | null {
  const ring = (places: Polygon[number]) =>
    places.slice(0, -1).map(([lon, lat]) => {
      const [x, y] = frame.toLocal(lon, lat)
      return new Cartesian3(x, y, 0)
    })
  const [outer, ...holes] = polygon
  if (outer === undefined || outer.length < 4) return null
  const hierarchy = new PolygonHierarchy(
    ring(outer),
    holes.map((hole) => new PolygonHierarchy(ring(hole))),
  )
  const geometry = CoplanarPolygonGeometry.createGeometry(
    new CoplanarPolygonGeometry({ polygonHierarchy: hierarchy, vertexFormat: VertexFormat.POSITION_ONLY }),
  )
  const values = geometry?.attributes.position?.values
  if (!geometry?.indices || !values) return null
  const positions = new Float32Array(values)
  for (let i = 0; i < positions.length; i += 3) {
    const [lon, lat] = frame.toPlace(positions[i]!, positions[i + 1]!)
    frame.write(positions, i, lon, lat, heightM)
  }
  return { positions, triangles: new Uint32Array(geometry.indices) }
}
