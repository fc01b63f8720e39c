import { toHex } from '../meter-line/read-line.ts'
import { splitFrames, type FrameFault } from '../meter-line/split-frames.ts'

/** One frame of CJ/T 188: `68 T A0…A6 C L DATA CS 16`. A is the address, BCD, low byte first, its two high bytes the maker's; nothing is added to DATA. */
export interface Frame {
  /** What is measured: 10–19 water, 20–29 heat and cold, 30–39 gas (hexadecimal). */
  readonly type: number
  /** Fourteen digits, the high one first. */
  readonly address: string
  readonly control: number
  readonly data: Uint8Array
  /** The whole frame as hexadecimal text. */
  readonly hex: string
}

const headerBytes = 11

export function readFrames(bytes: Uint8Array): {
  readonly frames: readonly Frame[]
  readonly faults: readonly FrameFault[]
} {
  const { frames, faults } = splitFrames(bytes, { headerBytes })
  return { frames: frames.map(toFrame), faults }
}

const toFrame = (frame: Uint8Array): Frame => ({
  type: frame[1]!,
  address: toHex(frame.slice(2, 9).reverse()),
  control: frame[9]!,
  data: frame.subarray(headerBytes, -2),
  hex: toHex(frame),
})
