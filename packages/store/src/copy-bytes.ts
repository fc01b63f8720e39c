import type { Cell } from './array-literal.ts'
import type { Column } from './append-rows.ts'

/**
 * Rows in the binary form of COPY: each field as the server keeps it, so that neither side prints or reads a number. A field is its length (−1: null) and
 * its bytes, all big-endian; see "COPY, Binary Format" in the manual of PostgreSQL.
 */
const signature = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
const firstBytesPerCell = 12
const endOfRows = -1

export function copyBytes<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Buffer {
  const fields = new FieldWriter(
    signature.length + rows.length * (2 + columns.length * firstBytesPerCell) + 2,
  )
  for (const row of rows) {
    fields.beginRow(columns.length)
    for (let at = 0; at < columns.length; at++) {
      const column = columns[at]!
      const value = column.cell(row)
      if (value === null) fields.putNull()
      else putCell(fields, column.type, value)
    }
  }
  return fields.end()
}

function putCell(fields: FieldWriter, type: Column<never>['type'], value: Exclude<Cell, null>): void {
  switch (type) {
    case 'real':
      return fields.putReal(value as number)
    case 'double precision':
      return fields.putDouble(value as number)
    case 'int':
      return fields.putInt(value as number)
    case 'bigint':
      return fields.putBigint(value as bigint)
    case 'time':
      return fields.putTime(value as number)
    case 'boolean':
      return fields.putBoolean(value as boolean)
    case 'text':
      return fields.putText(value as string)
    case 'jsonb':
      return fields.putJsonb(value as string)
  }
}

/** Postgres counts from 2000-01-01. */
const epochMs = Date.UTC(2000, 0, 1)
const twoTo32 = 2 ** 32
const jsonbVersion = 1

class FieldWriter {
  #bytes: Buffer
  #view: DataView
  #at: number

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size)
    this.#view = viewOf(this.#bytes)
    this.#at = signature.copy(this.#bytes)
  }

  beginRow(columns: number): void {
    this.#need(2 + columns * firstBytesPerCell)
    this.#view.setInt16(this.#at, columns)
    this.#at += 2
  }

  putNull(): void {
    this.#begin(0)
    this.#view.setInt32(this.#at - 4, -1)
  }

  putReal(value: number): void {
    this.#begin(4)
    this.#view.setFloat32(this.#at, value)
    this.#at += 4
  }

  putDouble(value: number): void {
    this.#begin(8)
    this.#view.setFloat64(this.#at, value)
    this.#at += 8
  }

  putInt(value: number): void {
    this.#begin(4)
    this.#view.setInt32(this.#at, value)
    this.#at += 4
  }

  putBigint(value: bigint): void {
    this.#begin(8)
    this.#view.setBigInt64(this.#at, value)
    this.#at += 8
  }

  /** UTC ms, as microseconds. In two halves: from the year 2285 on their number has more bits than a double holds. */
  putTime(value: number): void {
    this.#begin(8)
    const ms = Math.trunc(value) - epochMs
    const high = Math.floor(ms / twoTo32)
    const low = (ms - high * twoTo32) * 1_000
    const carry = Math.floor(low / twoTo32)
    this.#view.setInt32(this.#at, high * 1_000 + carry)
    this.#view.setUint32(this.#at + 4, low - carry * twoTo32)
    this.#at += 8
  }

  putBoolean(value: boolean): void {
    this.#begin(1)
    this.#bytes[this.#at++] = value ? 1 : 0
  }

  /** U+0000, which Postgres cannot hold in a text, becomes U+FFFD. */
  putText(value: string): void {
    this.#putVariable(value.replaceAll('\0', '\ufffd'), false)
  }

  putJsonb(value: string): void {
    this.#putVariable(value, true)
  }

  end(): Buffer {
    this.#need(2)
    this.#view.setInt16(this.#at, endOfRows)
    return this.#bytes.subarray(0, this.#at + 2)
  }

  #putVariable(text: string, isJsonb: boolean): void {
    // No UTF-16 unit takes more than three bytes.
    this.#need(5 + text.length * 3 + firstBytesPerCell)
    const lengthAt = this.#at
    this.#at += 4
    if (isJsonb) this.#bytes[this.#at++] = jsonbVersion
    this.#at += this.#bytes.write(text, this.#at)
    this.#view.setInt32(lengthAt, this.#at - lengthAt - 4)
  }

  #begin(length: number): void {
    this.#need(4 + length)
    this.#view.setInt32(this.#at, length)
    this.#at += 4
  }

  #need(more: number): void {
    if (this.#at + more <= this.#bytes.length) return
    const wider = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + more))
    this.#bytes.copy(wider, 0, 0, this.#at)
    this.#bytes = wider
    this.#view = viewOf(wider)
  }
}

const viewOf = (bytes: Buffer) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
