/**
 * One frame of DL/T 645-2007: `68 A0…A5 68 C L DATA CS 16`, after any number of wake-up bytes `FE`. A is the address, BCD, low byte first; CS the sum of
 * everything from the first 68 on, modulo 256; every byte of DATA is sent with 0x33 added.
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

export interface FrameFault {
  readonly detail: string
  readonly hex: string
}

const wakeUp = 0xfe
const start = 0x68
const end = 0x16
/** Both starts, address, control and length. */
const headerBytes = 10

/** A frame with a wrong sum is skipped; where there is no frame at all, reading stops: nothing says where the next one begins. */
export function readFrames(bytes: Uint8Array): {
  readonly frames: readonly Frame[]
  readonly faults: readonly FrameFault[]
} {
  const frames: Frame[] = []
  const faults: FrameFault[] = []
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] === wakeUp) {
      at++
      continue
    }
    const frame = bytes.subarray(at, at + headerBytes + (bytes[at + 9] ?? 0) + 2)
    const detail = findFault(frame)
    if (detail !== null) {
      faults.push({ detail, hex: toHex(bytes.subarray(at)) })
      break
    }
    at += frame.length
    const hex = toHex(frame)
    if (sumOf(frame.subarray(0, -2)) !== frame.at(-2)) faults.push({ detail: 'wrong checksum', hex })
    else
      frames.push({
        address: toHex(frame.slice(1, 7).reverse()),
        control: frame[8]!,
        data: frame.slice(headerBytes, -2).map((byte) => byte - 0x33),
        hex,
      })
  }
  return { frames, faults }
}

function findFault(frame: Uint8Array): string | null {
  if (frame[0] !== start) return 'expected a frame to begin with 68'
  if (frame.length < headerBytes + 2 || frame.length < headerBytes + frame[9]! + 2)
    return 'the frame is cut off'
  if (frame[7] !== start) return 'expected a second 68 after the address'
  return frame.at(-1) === end ? null : 'expected the frame to end with 16'
}

export const sumOf = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum + byte, 0) & 0xff

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase()
