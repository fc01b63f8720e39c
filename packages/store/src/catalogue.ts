import type { Asset, Catalogue, Grid, GroundFeature, Keeper, Line } from '@gridkeeper/contracts'
import type { Pool } from 'pg'

export async function loadCatalogueVersion(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ version: number }>('select version from catalogue_version')
  return rows[0]?.version ?? 0
}

/**
 * Everything that stands still. The version is read first: should an import commit meanwhile, the answer is newer than its version says, and
 * the next look at the version loads it once more.
 */
export async function loadCatalogue(pool: Pool): Promise<Catalogue> {
  const version = await loadCatalogueVersion(pool)
  const grids = await pool.query<Omit<Grid, 'level'>>(
    `select id, code, name, rank_label as "rankLabel", parent_id as "parentId", households, area from grid order by id`,
  )
  const lines = await pool.query<Line>(
    `select id, code, name, voltage_kv as "voltageKv", laying, grid_id as "gridId", path, towers from line order by id`,
  )
  const ground = await pool.query<GroundFeature>(
    'select code, name, class, paths from ground_feature order by id',
  )
  const assets = await pool.query<Asset>(
    'select id, code, name, kind, lon, lat, grid_id as "gridId" from asset order by id',
  )
  const keepers = await pool.query<Keeper>(
    'select id, code, name, post, grid_id as "gridId" from keeper order by id',
  )
  return {
    version,
    grids: withLevels(grids.rows),
    lines: lines.rows,
    ground: ground.rows,
    assets: assets.rows,
    keepers: keepers.rows,
  }
}

/** `level` counts from 0 at a root. A parent that is missing, or a cycle, ends the count. */
function withLevels(grids: readonly Omit<Grid, 'level'>[]): Grid[] {
  const byId = new Map(grids.map((grid) => [grid.id, grid]))
  return grids.map((grid) => {
    let level = 0
    for (let up = byId.get(grid.parentId ?? -1); up !== undefined && level < grids.length; level++)
      up = byId.get(up.parentId ?? -1)
    return { ...grid, level }
  })
}
