import type { Pool } from 'pg'

const square = (west: number, south: number, size: number) => [
  [
    [
      [west, south],
      [west + size, south],
      [west + size, south + size],
      [west, south + size],
      [west, south],
    ],
  ],
]

/** Grids company(1) › east(2), west(3); assets 1…`count`, odd ones in east, even ones in west, all meters; one keeper in each. */
export async function seedDistrict(pool: Pool, count = 4): Promise<void> {
  await pool.query(
    `insert into grid (code, name, rank_label, parent_id, area) values
       ('C', 'Company', '公司', null, null), ('E', 'East', '供电所', 1, $1), ('W', 'West', '供电所', 1, $2)`,
    [JSON.stringify(square(120, 30, 1)), JSON.stringify(square(119, 30, 1))],
  )
  await pool.query(
    `insert into asset (code, name, kind, lon, lat, grid_id)
     select 'A' || n, 'Meter ' || n, 'meter', case n % 2 when 1 then 120.5 else 119.5 end, 30.5, 2 + (n + 1) % 2
     from generate_series(1, $1::int) n`,
    [count],
  )
  await pool.query(`insert into device (key, asset_id) select code, id from asset`)
  await pool.query(
    `insert into keeper (code, name, post, phone, grid_id) values ('K1', '张三', '网格员', '139', 2), ('K2', '李四', '网格员', null, 3)`,
  )
}
