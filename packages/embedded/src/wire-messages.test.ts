import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  encodeMessage,
  errorResponse,
  frontendTypes,
  MessageSplitter,
  noticeFields,
  ProtocolViolation,
  trailingStatus,
} from './wire-messages.ts'

const message = fc
  .tuple(fc.constantFrom(...frontendTypes), fc.uint8Array({ maxLength: 60 }))
  .map(([type, body]) => encodeMessage(type, Buffer.from(body)))

describe('MessageSplitter', () => {
  it('gives the same messages wherever the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 40 })),
        (messages, cuts) => {
          const stream = Buffer.concat(messages)
          const splitter = new MessageSplitter(1000)
          const found: Buffer[] = []
          const drain = () => {
            for (let next = splitter.next(); next !== undefined; next = splitter.next())
              found.push(Buffer.from(next))
          }
          let at = 0
          for (const cut of cuts) {
            splitter.push(stream.subarray(at, at + cut))
            at = Math.min(at + cut, stream.length)
            drain()
          }
          splitter.push(stream.subarray(at))
          drain()
          expect(found).toEqual(messages)
          expect(splitter.bufferedBytes).toBe(0)
        },
      ),
    )
  })

  it('takes an untyped packet and then typed messages from one chunk', () => {
    const splitter = new MessageSplitter(1000)
    splitter.push(Buffer.concat([Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]), encodeMessage('S')]))
    expect(splitter.next(false)).toHaveLength(8)
    expect(splitter.next()).toEqual(encodeMessage('S'))
  })

  it.each([
    ['an unknown type', Buffer.from('y\0\0\0\x04')],
    ['a length below its own four bytes', Buffer.from('Q\0\0\0\x03')],
    ['a length above the limit', Buffer.from('Q\x7f\0\0\0')],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1')],
  ])('refuses %s before it is complete', (_, bytes) => {
    const splitter = new MessageSplitter(1000)
    splitter.push(bytes)
    expect(() => splitter.next()).toThrow(ProtocolViolation)
  })
})

describe('replies', () => {
  it('finds the status at the end of a reply', () => {
    const ready = encodeMessage('Z', Buffer.from('T'))
    expect(trailingStatus(Buffer.concat([encodeMessage('C', 'BEGIN'), ready]))).toBe('T')
    expect(trailingStatus(encodeMessage('1'))).toBeUndefined()
    expect(trailingStatus(Buffer.alloc(0))).toBeUndefined()
  })

  it('builds errors a driver understands', () => {
    const error = errorResponse({ code: '0A000', message: 'no', hint: 'do this' })
    expect(Object.fromEntries(noticeFields(error.subarray(5)))).toEqual({
      S: 'ERROR',
      V: 'ERROR',
      C: '0A000',
      M: 'no',
      H: 'do this',
    })
    expect(error.readInt32BE(1)).toBe(error.length - 1)
  })
})
