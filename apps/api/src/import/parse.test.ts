import { describe, expect, it } from 'vitest'
import { parseAssets, parseKeepers } from './parse-csv.ts'
import { parseGrids, parseGround, parseLines } from './parse-geojson.ts'
import { FileError } from './row-check.ts'

const collection = (...features: object[]) => JSON.stringify({ type: 'FeatureCollection', features })
const feature = (properties: object, geometry: object | null) => ({ type: 'Feature', properties, geometry })
const square = [
  [120, 30],
  [121, 30],
  [121, 31],
  [120, 30],
]
const reasons = ({ problems }: { problems: readonly { line: number; reason: string }[] }) =>
  problems.map(({ line, reason }) => `${line}: ${reason}`)

describe('grids', () => {
  it('come from polygons, or have no area of their own', () => {
    const { rows, problems } = parseGrids(
      collection(
        feature({ code: 'A', name: 'a', rank: '公司' }, { type: 'Polygon', coordinates: [square] }),
        feature({ code: 1, name: 'b', parent: 'A', households: 30 }, null),
      ),
    )
    expect(problems).toEqual([])
    expect(rows).toEqual([
      {
        line: 1,
        code: 'A',
        name: 'a',
        rankLabel: '公司',
        parentCode: null,
        households: null,
        area: [[square]],
      },
      { line: 2, code: '1', name: 'b', rankLabel: null, parentCode: 'A', households: 30, area: null },
    ])
  })

  it.each([
    ['not closed', [square.slice(0, 3).concat([[122, 32]])], 'a ring is not closed'],
    ['too short', [square.slice(0, 3)], 'a ring has fewer than four places'],
    ['beyond the poles', [[...square.slice(0, 2), [121, 95], square[0]]], '121, 95 is no place in degrees'],
    ['not numbers', [[['a', 'b']]], 'a place is not [lon, lat]'],
    ['projected metres', [[[500_000, 3_500_000]]], '500000, 3500000 is no place in degrees'],
  ])('are refused when a ring is %s', (_, coordinates, reason) => {
    const parsed = parseGrids(collection(feature({ code: 'A', name: 'a' }, { type: 'Polygon', coordinates })))
    expect(reasons(parsed)).toEqual([`1: ${reason}`])
  })

  it('are listed by their place in the file when they are bad', () => {
    const parsed = parseGrids(
      collection(
        feature({ code: 'A', name: 'a' }, null),
        feature({ name: 'b' }, null),
        { type: 'x' },
        feature({ code: 'A', name: 'c' }, null),
      ),
    )
    expect(parsed.rows).toHaveLength(1)
    expect(reasons(parsed)).toEqual([
      '2: has no code',
      '3: is not a GeoJSON Feature',
      '4: the code stands in line 1 already',
    ])
  })
})

describe('lines', () => {
  const path = { type: 'LineString', coordinates: square.slice(0, 2) }
  const properties = { code: 'L', name: 'l', voltage_kv: 10, laying: 'overhead' }

  it('have a tower at every vertex unless they say otherwise, and none as a cable', () => {
    const towers = (more: object) =>
      parseLines(collection(feature({ ...properties, ...more }, path))).rows[0]?.towers
    expect(towers({})).toEqual(path.coordinates)
    expect(towers({ towers: [[120.5, 30.5]] })).toEqual([[120.5, 30.5]])
    expect(towers({ laying: 'cable' })).toEqual([])
  })

  it('are refused without a voltage or a way of laying', () => {
    const parsed = parseLines(
      collection(
        feature({ ...properties, voltage_kv: '10' }, path),
        feature({ ...properties, laying: 'sea' }, path),
      ),
    )
    expect(reasons(parsed)).toEqual([
      '1: voltage_kv is not a positive number',
      '2: laying is not one of overhead, cable',
    ])
  })
})

it('ground takes lines and areas', () => {
  const { rows } = parseGround(
    collection(
      feature({ code: 'R', class: 'river' }, { type: 'LineString', coordinates: square }),
      feature(
        { code: 'V', class: 'village', name: '村' },
        { type: 'MultiPolygon', coordinates: [[square], [square]] },
      ),
    ),
  )
  expect(rows.map(({ paths, name }) => [name, paths.length])).toEqual([
    [null, 1],
    ['村', 2],
  ])
})

describe('assets', () => {
  it('keep what the columns say beyond the known ones', async () => {
    const { rows } = await parseAssets(
      '\ufeffCode,Name,Kind,Lon,Lat,Maker\r\nM-1,"a ""b"", c",meter,120.5,30.5,华立\r\n',
    )
    expect(rows).toEqual([
      {
        line: 2,
        code: 'M-1',
        name: 'a "b", c',
        kind: 'meter',
        lon: 120.5,
        lat: 30.5,
        gridCode: null,
        attributes: { maker: '华立' },
        deviceKey: 'M-1',
        isDeviceExplicit: false,
        secret: null,
        via: null,
        protocol: null,
      },
    ])
  })

  it('have no device when their code cannot be a key', async () => {
    const { rows } = await parseAssets('code,name,kind,lon,lat\n表一,a,meter,120,30')
    expect(rows[0]).toMatchObject({ code: '表一', deviceKey: null })
  })

  it.each(['', ' ', '0x10', '1,5', 'NaN', 'Infinity', '12°'])('take no %j for a number', async (lon) => {
    const parsed = await parseAssets(`code,name,kind,lon,lat\nA,a,meter,"${lon}",30`)
    expect(reasons(parsed)).toEqual(['2: lon is not a number'])
  })

  it('survive an open quote: the rows before it load', async () => {
    const rows = Array.from({ length: 3 }, (_, i) => `A${i},a,meter,120,30`).join('\n')
    const parsed = await parseAssets(`code,name,kind,lon,lat\n${rows}\nB,"open,meter,120,30\n`)
    expect(parsed.rows).toHaveLength(3)
    expect(parsed.problems).toHaveLength(1)
  })
})

describe('devices', () => {
  const parseCells = (...cells: string[]) =>
    parseAssets(
      `code,name,kind,lon,lat,device_key,device_secret,device_via,device_protocol\nA,a,meter,120,30,${cells.join(',')}`,
    )

  it('say how they log in, and none of it becomes an attribute', async () => {
    const { rows } = await parseCells('D', 'long-enough', 'bridge', 'zigbee2mqtt')
    expect(rows[0]).toMatchObject({
      deviceKey: 'D',
      secret: 'long-enough',
      via: 'bridge',
      protocol: 'zigbee2mqtt',
      attributes: {},
    })
  })

  it.each([
    [['D', 'seven-7', '', ''], 'device_secret is shorter than 8 characters'],
    [['D', 's'.repeat(257), '', ''], 'device_secret is longer than 256 characters'],
    [['D', '', 'a/b', ''], 'device_via is not 1 to 64 of A–Z a–z 0–9 . _ : -'],
    [['D', '', 'D', ''], 'device_via is the device itself'],
    [['', '', 'A', ''], 'device_via is the device itself'],
    [['D', '', '', 'Zigbee!'], 'device_protocol is not 1 to 32 of a–z 0–9 -'],
  ])('refuse %j', async (cells, reason) => {
    expect(reasons(await parseCells(...cells))).toEqual([`2: ${reason}`])
  })

  it('never have their secret said back, not even where the file cannot be read', async () => {
    const parsed = await parseCells('D', 'open"sesame-of-mine', '', '')
    expect(parsed.problems).toHaveLength(1)
    expect(JSON.stringify(parsed.problems)).not.toContain('sesame')
  })
})

it('keepers need a code and a name only', async () => {
  const { rows } = await parseKeepers('code,name\nK1,张三')
  expect(rows).toEqual([
    {
      line: 2,
      code: 'K1',
      name: '张三',
      post: '网格员',
      phone: null,
      gridCode: null,
      deviceKey: 'K1',
      isDeviceExplicit: false,
      secret: null,
      via: null,
      protocol: null,
    },
  ])
})

it('a text of another form is refused as a whole', async () => {
  expect(() => parseGrids('nonsense')).toThrow(FileError)
  expect(() => parseGrids('{"type":"Feature"}')).toThrow(FileError)
  await expect(parseAssets('')).rejects.toThrow(FileError)
  await expect(parseKeepers('a,b\n1,2')).rejects.toThrow('the header row has no code, name')
})
