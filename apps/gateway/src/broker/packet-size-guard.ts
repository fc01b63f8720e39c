/**
 * Follows the packets of one MQTT connection by their fixed headers, without keeping any of their bytes. The broker's own parser gathers a packet
 * until it is whole, and a header may announce 256 MiB of it.
 *
 *   header → length (1 to 4 bytes of 7 bits, the lowest first) → body → header
 */
export class PacketSizeGuard {
  #mode: 'header' | 'length' | 'body' = 'header'
  #length = 0
  #shift = 0
  #left = 0

  constructor(private readonly maxBytes: number) {}

  /** False for a packet that announces more than the limit; nothing after it is to be read. */
  allows(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length;) {
      if (this.#mode === 'body') {
        const step = Math.min(this.#left, chunk.length - at)
        this.#left -= step
        at += step
        if (this.#left === 0) this.#mode = 'header'
        continue
      }
      const byte = chunk[at++]!
      if (this.#mode === 'header') {
        this.#mode = 'length'
        this.#length = 0
        this.#shift = 0
        continue
      }
      this.#length += (byte & 0x7f) * 2 ** this.#shift
      this.#shift += 7
      if (this.#length > this.maxBytes) return false
      if (byte & 0x80) {
        if (this.#shift > 21) return false
        continue
      }
      this.#left = this.#length
      this.#mode = this.#left === 0 ? 'header' : 'body'
    }
    return true
  }
}
