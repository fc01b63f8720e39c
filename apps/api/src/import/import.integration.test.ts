import type { ImportFormat, ImportReport } from '@gridkeeper/contracts'
import { isSecretOf, migrate } from '@gridkeeper/store'
import { eventually, startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLive } from '../testing/live-client.ts'
import { adminLogin, basic, startTestApi, type TestApi } from '../testing/start-test-api.ts'
import { startTestBroker, type TestBroker } from '../testing/start-test-broker.ts'

let database: TestDatabase
let pool: pg.Pool
let broker: TestBroker
let api: TestApi

beforeAll(async () => {
  database = await startTestDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 2 })
  await migrate(pool)
  broker = await startTestBroker()
  api = await startTestApi(database.url, broker.url)
})

afterAll(async () => {
  await api?.stop()
  await broker?.stop()
  await pool?.end()
  await database?.stop()
})

const post = (format: ImportFormat, text: string) =>
  api.fetch('/api/import', { method: 'POST', body: JSON.stringify({ format, text }) })

async function load(format: ImportFormat, text: string): Promise<ImportReport> {
  const response = await post(format, text)
  expect(response.status).toBe(200)
  return (await response.json()) as ImportReport
}

const version = async () =>
  (await pool.query<{ version: number }>('select version from catalogue_version')).rows[0]?.version

const ring = (west: number, south: number, size: number) => [
  [west, south],
  [west + size, south],
  [west + size, south + size],
  [west, south + size],
  [west, south],
]
const polygon = (properties: object, ...at: [number, number, number]) => ({
  type: 'Feature',
  properties,
  geometry: { type: 'Polygon', coordinates: [ring(...at)] },
})
const collection = (...features: object[]) => JSON.stringify({ type: 'FeatureCollection', features })

const grids = collection(
  polygon({ code: 'P1', name: 'Patrol 1', parent: 'S1', rank: '网格', households: 120 }, 120, 30, 0.5),
  polygon({ code: 'S1', name: 'Station', parent: 'C1' }, 120, 30, 1),
  { type: 'Feature', properties: { code: 'C1', name: 'Company' }, geometry: null },
)
const assets = [
  'code,name,kind,lon,lat,maker',
  'M1,表一,meter,120.1,30.1,华立',
  'M2,表二,meter,120.7,30.7,',
  'M3,"outside, alone",meter,100,10,',
].join('\r\n')

describe('the import', () => {
  it('is for administrators', async () => {
    const response = await fetch(`${api.url}/api/import`, { method: 'POST', body: '{}' })
    expect(response.status).toBe(401)
  })

  it('loads grids in any order, and a second time changes nothing', async () => {
    expect(await load('grids', grids)).toEqual({
      format: 'grids',
      added: 3,
      changed: 0,
      unchanged: 0,
      rejected: 0,
      problems: [],
    })
    const before = await version()
    expect(await load('grids', grids)).toMatchObject({ added: 0, changed: 0, unchanged: 3 })
    expect(await version()).toBe(before)
    const { rows } = await pool.query(
      'select grid.code, parent.code as parent from grid left join grid parent on parent.id = grid.parent_id order by 1',
    )
    expect(rows).toEqual([
      { code: 'C1', parent: null },
      { code: 'P1', parent: 'S1' },
      { code: 'S1', parent: 'C1' },
    ])
  })

  it('puts an asset into the deepest grid around it, and a second time changes nothing', async () => {
    expect(await load('assets', assets)).toMatchObject({ added: 3, rejected: 0 })
    expect(await load('assets', assets)).toMatchObject({ added: 0, changed: 0, unchanged: 3 })
    const { rows } = await pool.query(
      `select asset.code, grid.code as grid, attributes, key from asset left join grid on grid.id = grid_id
       join device on asset_id = asset.id order by 1`,
    )
    expect(rows).toEqual([
      { code: 'M1', grid: 'P1', attributes: { maker: '华立' }, key: 'M1' },
      { code: 'M2', grid: 'S1', attributes: {}, key: 'M2' },
      { code: 'M3', grid: null, attributes: {}, key: 'M3' },
    ])
  })

  it('lists bad rows with their line and reason, and loads the good ones', async () => {
    const report = await load(
      'assets',
      [
        'code,name,kind,lon,lat,grid,device_key',
        'B1,a,boat,120,30,,',
        'B2,b,meter,0,0,,',
        'B3,c,meter,120,95,,',
        'B4,d,meter,,30,,',
        'B5,e,meter,120,30,NOWHERE,',
        'B6,f,meter,120,30,,M1',
        ',g,meter,120,30,,',
        'B8,h,meter,120',
        'B9,good,meter,120.2,30.2,,',
        'B9,again,meter,120.2,30.2,,',
        'B11,k,meter,120.2,30.2,,a b',
      ].join('\n'),
    )
    expect(report).toMatchObject({ added: 1, changed: 0, unchanged: 0, rejected: 10 })
    expect(report.problems.map(({ line, code, reason }) => `${line} ${code}: ${reason}`)).toEqual([
      '2 B1: there is no kind boat',
      '3 B2: the place is 0, 0: an unknown place, not a real one',
      '4 B3: 120, 95 is no place in degrees',
      '5 B4: lon is not a number',
      '6 B5: there is no grid NOWHERE',
      '7 B6: device M1 belongs to M1 already',
      '8 null: has no code',
      '9 B8: has 4 cells where the header has 7',
      '11 B9: the code stands in line 10 already',
      '12 B11: device_key is not 1 to 64 of A–Z a–z 0–9 . _ : -',
    ])
  })

  it('changes what a file says differently, and counts it', async () => {
    const moved = assets.replace('M2,表二,meter,120.7', 'M2,表二,meter,120.8')
    expect(await load('assets', moved)).toMatchObject({ added: 0, changed: 1, unchanged: 2 })
  })

  it('gives an asset another device', async () => {
    const text = 'code,name,kind,lon,lat,device_key\nM9,x,meter,120.1,30.1,D-1'
    await load('assets', text)
    expect(await load('assets', text)).toMatchObject({ unchanged: 1 })
    expect(await load('assets', text.replace('D-1', 'D-2'))).toMatchObject({ changed: 1 })
    const { rows } = await pool.query(
      `select key from device join asset on asset.id = asset_id where code = 'M9'`,
    )
    expect(rows).toEqual([{ key: 'D-2' }])
  })

  it('registers how devices log in; the same again changes nothing, and what it does not say stays', async () => {
    const named = [
      'code,name,kind,lon,lat,device_secret,device_via,device_protocol',
      'W1,w,meter,120.1,30.1,first-secret,,',
      'W2,w,meter,120.1,30.1,,bridge-7,zigbee2mqtt',
    ].join('\n')
    const silent = 'code,name,kind,lon,lat\nW1,w,meter,120.1,30.1\nW2,w,meter,120.1,30.1'
    const stored = async () =>
      (
        await pool.query<{ key: string; secret_hash: string | null; via: string | null; protocol: string }>(
          `select key, secret_hash, via, protocol from device where key in ('W1', 'W2', 'bridge-7') order by key`,
        )
      ).rows
    expect(await load('assets', named)).toMatchObject({ added: 2 })
    const first = await stored()
    expect(first).toEqual([
      { key: 'W1', secret_hash: expect.stringMatching(/^scrypt\$/), via: null, protocol: 'native' },
      { key: 'W2', secret_hash: null, via: 'bridge-7', protocol: 'zigbee2mqtt' },
      { key: 'bridge-7', secret_hash: null, via: null, protocol: 'native' },
    ])
    expect(await isSecretOf(first[0]?.secret_hash ?? '', 'first-secret')).toBe(true)
    for (const text of [named, silent]) {
      expect(await load('assets', text)).toMatchObject({ added: 0, changed: 0, unchanged: 2 })
      expect(await stored()).toEqual(first)
    }
    expect(await load('assets', named.replace('first', 'other'))).toMatchObject({ changed: 1, unchanged: 1 })
    expect(await isSecretOf((await stored())[0]?.secret_hash ?? '', 'other-secret')).toBe(true)
    const { rows } = await pool.query(
      `select account, device_key, change from device_change where device_key in ('W1', 'W2', 'bridge-7') order by id`,
    )
    expect(rows.map((row) => Object.values(row).join(' '))).toEqual([
      'admin W1 imported',
      'admin W2 imported',
      'admin bridge-7 imported',
      'admin W1 imported',
    ])
  })

  it('puts devices that are there already behind the login that a file names', async () => {
    const text = 'code,name,kind,lon,lat\nV1,v,meter,120.1,30.1\nV2,v,meter,120.1,30.1'
    await load('assets', text)
    const via = text.replaceAll('30.1', '30.1,sim:district').replace('lat', 'lat,device_via')
    expect(await load('assets', via)).toMatchObject({ changed: 2 })
    expect(await load('assets', via)).toMatchObject({ changed: 0, unchanged: 2 })
    const { rows } = await pool.query(`select key from device where via = 'sim:district' order by key`)
    expect(rows).toEqual([{ key: 'V1' }, { key: 'V2' }])
  })

  it('refuses a secret for an asset that speaks through a device of another key, instead of losing it', async () => {
    await load('assets', 'code,name,kind,lon,lat,device_key\nX1,x,meter,120.1,30.1,X-dev')
    const report = await load(
      'assets',
      'code,name,kind,lon,lat,device_secret\nX1,x,meter,120.1,30.1,long-enough',
    )
    expect(report).toMatchObject({ rejected: 1, changed: 0 })
    expect(report.problems[0]?.reason).toBe('its device is X-dev: name it in a column device_key')
  })

  it('binds a login that nobody has, and leaves it its secret', async () => {
    await pool.query(`insert into device (key, secret_hash) values ('L-1', 'scrypt$kept')`)
    const text = 'code,name,kind,lon,lat,device_key\nL1,l,meter,120.1,30.1,L-1'
    expect(await load('assets', text)).toMatchObject({ added: 1, rejected: 0 })
    const { rows } = await pool.query(
      `select code, secret_hash from device join asset on asset.id = asset_id where key = 'L-1'`,
    )
    expect(rows).toEqual([{ code: 'L1', secret_hash: 'scrypt$kept' }])
  })

  it('refuses grids whose parents are missing or go round in a circle', async () => {
    const report = await load(
      'grids',
      collection(
        polygon({ code: 'X', name: 'X', parent: 'Y' }, 120, 30, 1),
        polygon({ code: 'Y', name: 'Y', parent: 'X' }, 120, 30, 1),
        polygon({ code: 'Z', name: 'Z', parent: 'nobody' }, 120, 30, 1),
        polygon({ code: 'ZZ', name: 'child of a refused one', parent: 'Z' }, 120, 30, 1),
        polygon({ code: 'S1', name: 'Station', parent: 'P1' }, 120, 30, 1),
      ),
    )
    expect(report).toMatchObject({ added: 0, changed: 0, rejected: 5 })
    expect(report.problems.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5])
  })

  it('loads lines, ground and keepers, and a second time changes nothing', async () => {
    const line = {
      type: 'Feature',
      properties: { code: 'L1', name: '10 kV', voltage_kv: 10, laying: 'overhead', grid: 'S1' },
      geometry: {
        type: 'LineString',
        coordinates: [
          [120, 30, 12],
          [120.1, 30.1, 14],
        ],
      },
    }
    const village = polygon({ code: 'V1', name: '村', class: 'village' }, 120, 30, 0.1)
    const keepers = 'code,name,post,phone,grid\nK1,张三,网格员,139,P1\n'
    for (const [format, text] of [
      ['lines', collection(line)],
      ['ground', collection(village)],
      ['keepers', keepers],
    ] as const) {
      expect(await load(format, text)).toMatchObject({ added: 1, rejected: 0 })
      expect(await load(format, text)).toMatchObject({ added: 0, changed: 0, unchanged: 1 })
    }
    const catalogue = (await (await api.fetch('/api/catalogue')).json()) as Record<string, object[]>
    expect(catalogue['lines']?.[0]).toMatchObject({
      code: 'L1',
      towers: [
        [120, 30],
        [120.1, 30.1],
      ],
    })
    expect(catalogue['keepers']?.[0]).toMatchObject({ code: 'K1', post: '网格员' })
  })

  it('tells every screen that the catalogue changed, with a fresh snapshot', async () => {
    const client = await openLive(api.url, basic(adminLogin))
    try {
      client.socket.emit('watch', null)
      await eventually(() => expect(client.frames).toHaveLength(1))
      const count = client.frames[0]?.assets.length ?? 0
      await load('assets', 'code,name,kind,lon,lat\nNEW-1,neu,cover,120.2,30.2')
      await eventually(() => expect(client.frames).toHaveLength(2))
      expect(client.frames[1]).toMatchObject({ isSnapshot: true })
      expect(client.frames[1]?.assets).toHaveLength(count + 1)
      expect(client.catalogues.at(-1)).toBe(await version())
    } finally {
      client.close()
    }
  })

  it.each([
    ['a text that is no JSON', 'grids', '{'],
    ['JSON that is no FeatureCollection', 'grids', '[]'],
    ['a CSV without its columns', 'assets', 'code,name\nA,b'],
  ] as const)('refuses %s as a whole', async (_, format, text) => {
    const response = await post(format, text)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'bad-request' })
  })

  it('refuses a body that is too large', async () => {
    const response = await post('assets', 'x'.repeat(65 * 1024 * 1024))
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ code: 'too-large' })
  })
})
