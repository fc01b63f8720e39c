import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asText, bytesOf, formOf, hexLines, indentJson } from './payload-text.ts'

describe('payload text', () => {
  it('tells JSON, text and what is neither apart', () => {
    expect(formOf('{"t":1}')).toBe('json')
    expect(formOf(' [1]')).toBe('json')
    expect(formOf('online\n')).toBe('text')
    expect(formOf('h\u0000')).toBe('hex')
    expect(formOf('\ufffdh')).toBe('hex')
  })
  it('sets JSON out in lines and changes nothing that it says', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        expect(JSON.parse(indentJson(text))).toEqual(JSON.parse(text))
      }),
    )
  })
  it('keeps numbers and keys as they were written, and shows what was cut off as far as it goes', () => {
    expect(indentJson('{"t":1.0,"t":12345678901234567890,"v":{},"x":[ ],"s":"a\\",{"')).toBe(
      '{\n  "t": 1.0,\n  "t": 12345678901234567890,\n  "v": {},\n  "x": [],\n  "s": "a\\",{"',
    )
  })
  it('leaves text that is no JSON as it is', () => {
    expect(asText('a, b: c')).toBe('a, b: c')
  })
  it('shows bytes as hex with what of them is ASCII', () => {
    expect(hexLines(bytesOf(btoa('\u0068\u0099AB\u0016')))).toBe(
      `0000  68 99 41 42 16${' '.repeat(33)}  h·AB·`,
    )
    expect(hexLines(new Uint8Array(17)).split('\n')).toHaveLength(2)
    expect(hexLines(new Uint8Array(0))).toBe('')
  })
})
