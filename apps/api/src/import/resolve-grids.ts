import { boxOf, isInside, type Box, type MultiPolygon } from '@gridkeeper/domain'
import type { KnownGrid } from '@gridkeeper/store'
import type { ParsedGrid } from './parse-geojson.ts'
import { RowError, sift, type Parsed, type RowProblem } from './row-check.ts'

interface Candidate {
  readonly id: number
  readonly area: MultiPolygon
  readonly box: Box
}

/** Which grid a row belongs to: by its code, or the deepest one around its place. */
export class GridFinder {
  readonly #ids: ReadonlyMap<string, number>
  readonly #deepestFirst: readonly Candidate[]

  constructor(grids: readonly KnownGrid[]) {
    this.#ids = new Map(grids.map(({ code, id }) => [code, id]))
    const parents = new Map(grids.map(({ code, parentCode }) => [code, parentCode]))
    this.#deepestFirst = grids
      .map((grid) => ({ grid, depth: chainOf(grid.code, parents).length }))
      .sort((a, b) => b.depth - a.depth)
      .flatMap(({ grid: { id, area } }) => {
        const box = area === null ? null : boxOf(area.flat(2))
        return area === null || box === null ? [] : [{ id, area, box }]
      })
  }

  /** Null for no code; an unknown one refuses the row. */
  byCode(code: string | null): number | null {
    if (code === null) return null
    const id = this.#ids.get(code)
    if (id === undefined) throw new RowError(`there is no grid ${code}`)
    return id
  }

  /** Null for a place outside all grids. */
  around(lon: number, lat: number): number | null {
    const found = this.#deepestFirst.find(
      ({ box: [west, south, east, north], area }) =>
        lon >= west && lon <= east && lat >= south && lat <= north && isInside([lon, lat], area),
    )
    return found?.id ?? null
  }
}

/** From a code up to its root; a cycle ends where it would begin again. */
function chainOf(code: string, parents: ReadonlyMap<string, string | null>): string[] {
  const chain: string[] = []
  for (let at: string | null = code; at !== null && !chain.includes(at); at = parents.get(at) ?? null)
    chain.push(at)
  return chain
}

/**
 * Parents must be there, in the file or before it, and must not go round in a circle. A refused row may be the parent of others: they are looked
 * at again until nothing changes.
 */
export function checkParents(
  parsed: Parsed<ParsedGrid>,
  known: readonly KnownGrid[],
): { rows: ParsedGrid[]; problems: RowProblem[] } {
  let current: Parsed<ParsedGrid> = parsed
  for (;;) {
    const parents = new Map(known.map(({ code, parentCode }): [string, string | null] => [code, parentCode]))
    for (const { code, parentCode } of current.rows) parents.set(code, parentCode)
    const sifted = sift(current, (row) => {
      const { parentCode } = row
      if (parentCode === null) return row
      if (!parents.has(parentCode)) throw new RowError(`there is no grid ${parentCode} to be its parent`)
      if (chainOf(parentCode, parents).includes(row.code))
        throw new RowError('its parents go round in a circle')
      return row
    })
    if (sifted.rows.length === current.rows.length) return sifted
    current = sifted
  }
}
