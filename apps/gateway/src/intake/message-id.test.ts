import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createDecoders } from '../decoders/decoders.ts'
import { decodeMessage } from './decode-message.ts'
import { raw } from './intake-rows.trial.ts'
import { messageIdOf } from './message-id.ts'

const decoders = createDecoders()

const idsOf = (content: unknown) =>
  decodeMessage(raw('gk/v1/M-1/readings', content), decoders).items.map(({ payload }) =>
    messageIdOf('id' in payload ? payload.id : undefined, payload),
  )

it('takes the number of the device where it sends one', () => {
  expect(messageIdOf(42, { v: 1 })).toBe(42n)
  expect(messageIdOf(Number.MAX_SAFE_INTEGER, {})).toBe(9_007_199_254_740_991n)
  expect(messageIdOf(0, { v: 1 })).toBe(messageIdOf(0, { v: 2 }))
  expect(messageIdOf('a', { v: 1 })).toBe(messageIdOf('a', { v: 2 }))
  expect(messageIdOf('a', {})).not.toBe(messageIdOf('b', {}))
})

it('gives an item the same id whether it comes alone or in an array, and in any order of its fields', () => {
  const item = { t: 1, v: { p: 1, ua: 2 } }
  const [alone] = idsOf(item)
  expect(idsOf([{ v: {} }, item])[1]).toBe(alone)
  expect(idsOf({ v: item.v, t: item.t })).toEqual([alone])
})

it('tells two different messages of one instant apart', () => {
  expect(
    new Set(
      idsOf([
        { t: 1, v: { p: 1 } },
        { t: 1, v: { p: 2 } },
        { t: 1, v: {} },
      ]),
    ).size,
  ).toBe(3)
})

it('fits a signed 64-bit column, always', () => {
  fc.assert(
    fc.property(fc.oneof(fc.nat(), fc.string(), fc.constant(undefined)), fc.jsonValue(), (id, item) => {
      const found = messageIdOf(id, item)
      expect(found >= -(2n ** 63n) && found < 2n ** 63n).toBe(true)
    }),
  )
})
