import { z } from 'zod'
import type { Rejection } from '../decoder.ts'
import { readJson } from '../limits.ts'

/** What a transparent unit (DTU) read from a meter's line, and when, if it says so. */
export type LineRead =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly t: number | undefined }
  | { readonly ok: false; readonly rejection: Rejection }

const isHex = /^(?:\s*[0-9a-fA-F]{2})+\s*$/
const wrapped = z.object({
  t: z.number().optional(),
  hex: z.string().regex(isHex, 'expected hexadecimal text'),
})

/** Binary, hexadecimal text, or `{"t": <ms>, "hex": "…"}`. A frame has a 68, which is `h`: no binary payload looks like hexadecimal text or JSON. */
export function readLine(bytes: Uint8Array): LineRead {
  if (bytes[0] !== 0x7b) {
    const text = Buffer.from(bytes).toString('latin1')
    return { ok: true, bytes: isHex.test(text) ? fromHex(text) : bytes, t: undefined }
  }
  const read = readJson(bytes)
  if (!read.ok) return read
  const { data, error } = wrapped.safeParse(read.content)
  if (data !== undefined) return { ok: true, bytes: fromHex(data.hex), t: data.t }
  const detail = error.issues[0]?.message ?? 'payload'
  return { ok: false, rejection: { reason: 'wrong-type', detail, item: null } }
}

const fromHex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase()
