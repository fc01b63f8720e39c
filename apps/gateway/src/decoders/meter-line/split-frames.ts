import { toHex } from './read-line.ts'

/**
 * The outer form that the Chinese meter protocols share: any number of wake-up bytes `FE`, then `68 … L DATA CS 16`. L, the length of DATA, is the last byte
 * of the header; CS the sum of everything from the first 68 on, modulo 256.
 */
export interface FrameForm {
  /** From the first 68 to L. */
  readonly headerBytes: number
  /** What is wrong with a frame of the right length; null: nothing. */
  readonly findFault?: (frame: Uint8Array) => string | null
}

export interface FrameFault {
  readonly detail: string
  readonly hex: string
}

const wakeUp = 0xfe
const start = 0x68
const end = 0x16

/** A frame with a wrong sum is skipped; where there is no frame at all, reading stops: nothing says where the next one begins. */
export function splitFrames(
  bytes: Uint8Array,
  form: FrameForm,
): { readonly frames: readonly Uint8Array[]; readonly faults: readonly FrameFault[] } {
  const frames: Uint8Array[] = []
  const faults: FrameFault[] = []
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] === wakeUp) {
      at++
      continue
    }
    const frame = bytes.subarray(at, at + form.headerBytes + (bytes[at + form.headerBytes - 1] ?? 0) + 2)
    const detail = findFault(frame, form)
    if (detail !== null) {
      faults.push({ detail, hex: toHex(bytes.subarray(at)) })
      break
    }
    at += frame.length
    // A copy: `slice` of a Buffer is no copy, and whoever turns an address round in it would turn it round in the message that is kept.
    if (sumOf(frame.subarray(0, -2)) === frame.at(-2)) frames.push(Uint8Array.from(frame))
    else faults.push({ detail: 'wrong checksum', hex: toHex(frame) })
  }
  return { frames, faults }
}

function findFault(frame: Uint8Array, { headerBytes, findFault: findOwn }: FrameForm): string | null {
  if (frame[0] !== start) return 'expected a frame to begin with 68'
  if (frame.length < headerBytes + 2 || frame.length < headerBytes + frame[headerBytes - 1]! + 2)
    return 'the frame is cut off'
  return findOwn?.(frame) ?? (frame.at(-1) === end ? null : 'expected the frame to end with 16')
}

export const sumOf = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum + byte, 0) & 0xff
