import { readFile } from 'node:fs/promises'
import { isInside } from '@gridkeeper/domain'
import type { MultiPolygon } from '@gridkeeper/domain'
import { describe, expect, it } from 'vitest'
import { recording, recordings } from '../recordings.fixture.ts'
import { convertPandapower } from './convert-pandapower.ts'
import { readPandapower } from './pandapower-file.ts'

const options = { prefix: 'NET', company: '示例供电公司', grids: 6 }

describe('a file that is no network', () => {
  it.each(['', '{}', '{"_class":"other","_object":{}}'])('is refused: %s', (text) => {
    expect(() => readPandapower(text)).toThrow()
  })

  it('is refused when its buses have no places', () => {
    const net = readPandapower(JSON.stringify({ _class: 'pandapowerNet', _object: {} }))
    expect(() => convertPandapower(net, options)).toThrow('no bus has a place')
  })
})

describe.skipIf(recordings === null)('the Oberrhein network of the recordings folder', async () => {
  const text =
    recordings === null ? '' : await readFile(recording('net-mv-oberrhein', 'mv_oberrhein.json'), 'utf8')
  const convert = () => convertPandapower(readPandapower(text), options)

  it('becomes lines with their real course, and assets with codes of their own', () => {
    const { counts, assetsCsv, linesJson } = convert()
    expect(counts).toEqual({ grids: 8, lines: 181, assets: { transformer: 149, meter: 147, protector: 10 } })
    const codes = assetsCsv
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => row.split(',')[0])
    expect(new Set(codes).size).toBe(306)
    const { features } = JSON.parse(linesJson) as {
      features: { properties: { laying: string; voltage_kv: number } }[]
    }
    expect(features.filter(({ properties }) => properties.laying === 'overhead')).toHaveLength(10)
    expect(features.every(({ properties }) => properties.voltage_kv === 20)).toBe(true)
  })

  it('puts every asset into exactly one patrol grid', () => {
    const { gridsJson, assetsCsv } = convert()
    const { features } = JSON.parse(gridsJson) as {
      features: { properties: { rank: string }; geometry: { coordinates: MultiPolygon } }[]
    }
    const patrol = features.filter(({ properties }) => properties.rank === '网格')
    for (const row of assetsCsv.trim().split('\n').slice(1)) {
      const [, , , lon, lat] = row.split(',')
      const place = [Number(lon), Number(lat)] as const
      expect(patrol.filter(({ geometry }) => isInside(place, geometry.coordinates))).toHaveLength(1)
    }
  })

  it('is the same each time', () => {
    expect(convert()).toEqual(convert())
  })
})
