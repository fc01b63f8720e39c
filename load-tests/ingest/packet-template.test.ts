import { parser as makeParser, type IPublishPacket } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { kwhOf, meter, topicOf } from './district.ts'
import { makeTemplate, writePacket } from './packet-template.ts'

const read = (bytes: Buffer): IPublishPacket[] => {
  const packets: IPublishPacket[] = []
  const parser = makeParser()
  parser.on('packet', (packet) => packets.push(packet as IPublishPacket))
  parser.parse(bytes)
  return packets
}

describe('writePacket', () => {
  it('writes packets that a broker reads as wide readings, each with its own id, time and energy', () => {
    const into = Buffer.alloc(2_000)
    let length = 0
    for (const [index, assetId] of [1, 2_999].entries())
      length = writePacket(
        into,
        length,
        makeTemplate(assetId),
        258 + index,
        1_763_726_400_123,
        12_345 + index * 100,
      )
    const [first, second, ...rest] = read(into.subarray(0, length))
    expect(rest).toEqual([])
    expect([first?.topic, first?.messageId, first?.qos]).toEqual([topicOf(1), 258, 1])
    expect([second?.topic, second?.messageId]).toEqual([topicOf(2_999), 259])
    const { t, v } = JSON.parse(String(second?.payload)) as { t: number; v: Record<string, number> }
    expect(t).toBe(1_763_726_400_123)
    expect(Object.keys(v)).toEqual(meter.metrics.map(({ key }) => key))
    expect(v['kwh']).toBe(10_012_445.11)
    expect(kwhOf(11)).toBe(10_000_000.11)
  })
})
