import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Column } from './append-rows.ts'
import { copyBytes } from './copy-bytes.ts'

interface Row {
  readonly time: number
  readonly id: bigint
  readonly p: number | null
  readonly isOpen: boolean | null
  readonly name: string
  readonly json: string | null
}

const columns: readonly Column<Row>[] = [
  { name: 'time', type: 'time', cell: (row) => row.time },
  { name: 'id', type: 'bigint', cell: (row) => row.id },
  { name: 'p', type: 'real', cell: (row) => row.p },
  { name: 'is_open', type: 'boolean', cell: (row) => row.isOpen },
  { name: 'name', type: 'text', cell: (row) => row.name },
  { name: 'json', type: 'jsonb', cell: (row) => row.json },
]

/** As a server reads it: a header of 19 bytes, then rows of a count and fields, each a length and its bytes, then −1. */
function readRows(bytes: Buffer): (Buffer | null)[][] {
  expect(bytes.subarray(0, 11).toString('latin1')).toBe('PGCOPY\n\xff\r\n\0')
  const rows: (Buffer | null)[][] = []
  let at = 19
  for (let count = bytes.readInt16BE(at); count !== -1; count = bytes.readInt16BE(at)) {
    at += 2
    const row: (Buffer | null)[] = []
    for (let field = 0; field < count; field++) {
      const length = bytes.readInt32BE(at)
      at += 4
      row.push(length === -1 ? null : bytes.subarray(at, at + length))
      at += Math.max(0, length)
    }
    rows.push(row)
  }
  expect(at + 2).toBe(bytes.length)
  return rows
}

const microseconds = (timeMs: number) => BigInt(timeMs - Date.UTC(2000, 0, 1)) * 1_000n

it('writes every row and field as a server reads it, whatever the texts', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 })
  const anyRow = fc.record<Row>({
    time: fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(3999, 11, 31) }),
    id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    p: fc.option(fc.float({ noNaN: true })),
    isOpen: fc.option(fc.boolean()),
    name: text,
    json: fc.option(text.map((given) => JSON.stringify(given))),
  })
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 20 }), (rows) => {
      const read = readRows(copyBytes(columns, rows))
      expect(read).toHaveLength(rows.length)
      for (const [at, row] of rows.entries()) {
        const [time, id, p, isOpen, name, json] = read[at] ?? []
        expect(time?.readBigInt64BE()).toBe(microseconds(row.time))
        expect(id?.readBigInt64BE()).toBe(row.id)
        expect(p?.readFloatBE() ?? null).toBe(row.p)
        expect(isOpen === null ? null : isOpen?.[0] === 1).toBe(row.isOpen)
        expect(name?.toString()).toBe(row.name.replaceAll('\0', '\ufffd'))
        expect(json?.subarray(1).toString() ?? null).toBe(row.json)
      }
    }),
  )
})

it('says nothing but its beginning and its end for no rows', () => {
  expect(readRows(copyBytes(columns, []))).toEqual([])
})
