import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonText, plainArray, textArray } from './array-literal.ts'

/** Reads an array literal as Postgres does (arrays, I/O syntax), for one dimension. */
function readArray(literal: string): (string | null)[] {
  expect(literal.startsWith('{') && literal.endsWith('}')).toBe(true)
  const cells: (string | null)[] = []
  for (let at = 1; at < literal.length - 1; at++) {
    let cell = ''
    const isQuoted = literal[at] === '"'
    if (isQuoted) {
      for (at++; literal[at] !== '"'; at++) cell += literal[at] === '\\' ? literal[++at] : literal[at]
      at++
    } else {
      for (; literal[at] !== ',' && at < literal.length - 1; at++) cell += literal[at]
    }
    cells.push(!isQuoted && cell === 'NULL' ? null : cell)
  }
  return cells
}

describe('array literals', () => {
  it('say texts as they are, null apart from the word, U+FFFD for U+0000', () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(null, '', 'NULL', '"', '\\', '{}', ',', '\0'),
    )
    fc.assert(
      fc.property(fc.array(cell), (cells) => {
        expect(readArray(textArray(cells))).toEqual(
          cells.map((text) => text?.replaceAll('\0', '\ufffd') ?? null),
        )
      }),
    )
  })

  it('say numbers, bigints and booleans by their words', () => {
    expect(plainArray([1.5, -0, 1e300, -(2n ** 63n), true, null])).toBe(
      '{1.5,0,1e+300,-9223372036854775808,true,NULL}',
    )
    expect(plainArray([])).toBe('{}')
    expect(textArray([])).toBe('{}')
  })
})

describe('jsonText', () => {
  it('replaces U+0000 and nothing else, be it written or meant', () => {
    expect(JSON.parse(jsonText({ a: '\0' }) ?? '')).toEqual({ a: '\ufffd' })
    for (const text of ['\\u0000', '\\\\u0000', '\\', '"\\u0000"'])
      expect(JSON.parse(jsonText({ text }) ?? '')).toEqual({ text })
    expect(JSON.parse(jsonText(['\\\0']) ?? '')).toEqual(['\\\ufffd'])
  })

  it('is null for nothing', () => {
    expect(jsonText(null)).toBeNull()
    expect(jsonText(undefined)).toBeNull()
  })
})
