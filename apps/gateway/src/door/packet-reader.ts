/** Why a connection whose bytes make no sense is closed. */
export class BadPacket extends Error {
  readonly code: 'malformed' | 'packet-too-large'

  constructor(code: BadPacket['code'], message: string) {
    super(message)
    this.code = code
  }
}

const nothing = Buffer.alloc(0)

/**
 * Cuts the bytes of one MQTT connection into packets by their fixed headers (MQTT 3.1.1, 2.2: one byte, then the length in 1 to 4 bytes of 7 bits, the lowest
 * first). A packet that announces more than the limit is refused by its header alone. Bytes that came whole are not copied; the beginning of a packet that is
 * not whole yet is, into room that doubles, so that a packet sent byte by byte costs no more than twice its bytes. What was handed out is never written over.
 */
export class PacketReader {
  bytes: Buffer = nothing
  /** Of the present packet: its first byte, its body and its end, as places in `bytes`. */
  headerAt = 0
  bodyAt = 0
  endAt = 0
  #next = 0
  #filled = 0
  #isOwn = false

  constructor(public maxBytes: number) {}

  push(chunk: Buffer): void {
    const rest = this.#filled - this.#next
    if (rest === 0) {
      this.bytes = chunk
      this.#next = 0
      this.#filled = chunk.length
      this.#isOwn = false
      return
    }
    const needed = rest + chunk.length
    if (!this.#isOwn || this.#next + needed > this.bytes.length) {
      const room = Buffer.allocUnsafe(Math.max(needed, rest * 2))
      this.bytes.copy(room, 0, this.#next, this.#filled)
      this.bytes = room
      this.#next = 0
      this.#filled = rest
      this.#isOwn = true
    }
    chunk.copy(this.bytes, this.#filled)
    this.#filled += chunk.length
  }

  /** The first byte of a packet that may not be whole yet; null: nothing has come. */
  get first(): number | null {
    return this.#next < this.#filled ? this.bytes[this.#next]! : null
  }

  /** Steps to the next packet; false when it is not whole yet. Throws {@link BadPacket}. */
  next(): boolean {
    const { bytes } = this
    let at = this.#next + 1
    let length = 0
    for (let shift = 0; ; shift += 7) {
      if (at >= this.#filled) return false
      const digit = bytes[at++]!
      length += (digit & 0x7f) << shift
      if (length > this.maxBytes) throw new BadPacket('packet-too-large', `more than ${this.maxBytes} bytes`)
      if (digit < 0x80) break
      if (shift === 21) throw new BadPacket('malformed', 'a length of more than four bytes')
    }
    if (at + length > this.#filled) return false
    this.headerAt = this.#next
    this.bodyAt = at
    this.endAt = at + length
    this.#next = this.endAt
    return true
  }

  /** The present packet with its header. */
  packet(): Buffer {
    return this.bytes.subarray(this.headerAt, this.endAt)
  }

  /** The present packet and everything after it. */
  rest(): Buffer {
    return this.bytes.subarray(this.headerAt, this.#filled)
  }
}
