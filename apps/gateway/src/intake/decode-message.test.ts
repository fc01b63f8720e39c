import { maxItems, maxPayloadBytes } from '@gridkeeper/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDecoders } from '../decoders/decoders.ts'
import { decodeMessage } from './decode-message.ts'
import { raw } from './intake-rows.trial.ts'

const decoders = createDecoders()

const decode = (topic: string, content: unknown) => decodeMessage(raw(topic, content), decoders)
const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown

describe('decodeMessage', () => {
  it('takes one object, or an array of them, in their order', () => {
    expect(decode('gk/v1/M-1/readings', { v: { p: 1 } })).toEqual({
      deviceKey: 'M-1',
      items: [{ channel: 'readings', payload: { v: { p: 1 } } }],
      rejections: [],
      isList: false,
    })
    const { items } = decode('gk/v1/K-1/fixes', [
      { lon: 1, lat: 2 },
      { lon: 3, lat: 4 },
    ])
    expect(items.map(({ payload }) => payload)).toEqual([
      { lon: 1, lat: 2 },
      { lon: 3, lat: 4 },
    ])
  })

  it.each([
    ['unknown-topic', 'gk/v1/M-1/commands', '{}'],
    ['unknown-topic', 'v1/devices/M-1/telemetry', '{}'],
    ['too-large', 'gk/v1/M-1/readings', Buffer.alloc(maxPayloadBytes + 1, 0x20)],
    ['undecodable', 'gk/v1/M-1/readings', ''],
    ['undecodable', 'gk/v1/M-1/readings', '{"v":{}'],
    ['undecodable', 'gk/v1/M-1/readings', Buffer.from([0x22, 0xff, 0x22])],
    ['undecodable', 'gk/v1/M-1/readings', { v: { x: nested(31) } }],
    ['too-many-items', 'gk/v1/M-1/readings', new Array(maxItems + 1).fill({ v: {} })],
    ['too-many-items', 'owntracks/a/b', { _type: 'waypoints', waypoints: new Array(maxItems + 1).fill(0) }],
    ['too-large', 'gk/v1/M-1/dlt645', Buffer.alloc(maxPayloadBytes + 1, 0xfe)],
    ['wrong-type', 'gk/v1/M-1/readings', 'null'],
    ['wrong-type', 'gk/v1/M-1/readings', '7'],
    ['wrong-type', 'gk/v1/M-1/readings', { v: null }],
    ['wrong-type', 'gk/v1/K-1/fixes', { lon: 200, lat: 0 }],
    ['wrong-type', 'gk/v1/M-1/status', { online: 'yes' }],
  ])('refuses as %s: %s', (reason, topic, content) => {
    const { items, rejections } = decode(topic, content)
    expect(items).toEqual([])
    expect(rejections).toEqual([{ reason, detail: expect.any(String), item: null }])
  })

  it('takes what is just within the limits', () => {
    expect(decode('gk/v1/M-1/readings', new Array(maxItems).fill({ v: {} })).items).toHaveLength(maxItems)
    const filled = `{"v":{}}${' '.repeat(maxPayloadBytes - 8)}`
    expect(decode('gk/v1/M-1/readings', filled).items).toHaveLength(1)
    expect(decode('gk/v1/M-1/readings', { v: { x: nested(29) } }).items).toHaveLength(1)
  })

  it('takes the good items of an array and refuses the bad ones one by one, each with its own text', () => {
    const { items, rejections } = decode('gk/v1/M-1/events', [
      { event: 'a' },
      { event: '' },
      null,
      { event: 'b' },
    ])
    expect(items.map(({ payload }) => payload)).toEqual([{ event: 'a' }, { event: 'b' }])
    expect(rejections.map(({ item }) => item)).toEqual(['{"event":""}', 'null'])
  })

  it('takes nothing from an empty array, and refuses nothing', () => {
    expect(decode('gk/v1/M-1/readings', [])).toMatchObject({ items: [], rejections: [] })
  })

  it('never throws, and accounts for every item, whatever comes', () => {
    const topic = fc
      .constantFrom('readings', 'fixes', 'events', 'status')
      .map((channel) => `gk/v1/M-1/${channel}`)
    fc.assert(
      fc.property(
        topic,
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (at, bytes) => {
          const { items, rejections } = decode(at, bytes)
          let content: unknown
          try {
            content = JSON.parse(Buffer.from(bytes).toString())
          } catch {
            expect(rejections).toHaveLength(1)
            return
          }
          if (rejections.some(({ reason }) => reason !== 'wrong-type')) return
          expect(items.length + rejections.length).toBe(Array.isArray(content) ? content.length : 1)
        },
      ),
    )
  })
})
