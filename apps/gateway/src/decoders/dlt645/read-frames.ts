import { toHex } from '../meter-line/read-line.ts'
import { splitFrames, type FrameFault, type FrameForm } from '../meter-line/split-frames.ts'

/**
 * One frame of DL/T 645-2007: `68 A0…A5 68 C L DATA CS 16`. A is the address, BCD, low byte first; every byte of DATA is sent with 0x33 added.
 */
export interface Frame {
  /** Twelve digits, the high one first. */
  readonly address: string
  readonly control: number
  /** Without the 0x33. */
  readonly data: Uint8Array
  /** The whole frame as hexadecimal text. */
  readonly hex: string
}

const form: FrameForm = {
  headerBytes: 10,
  findFault: (frame) => (frame[7] === 0x68 ? null : 'expected a second 68 after the address'),
}

export function readFrames(bytes: Uint8Array): {
  readonly frames: readonly Frame[]
  readonly faults: readonly FrameFault[]
} {
  const { frames, faults } = splitFrames(bytes, form)
  return { frames: frames.map(toFrame), faults }
}

const toFrame = (frame: Uint8Array): Frame => ({
  address: toHex(frame.slice(1, 7).reverse()),
  control: frame[8]!,
  data: frame.slice(form.headerBytes, -2).map((byte) => byte - 0x33),
  hex: toHex(frame),
})
