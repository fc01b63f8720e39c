import { isAscii } from 'node:buffer'
import { maxItems, maxPayloadBytes } from '@gridkeeper/contracts'
import type { Rejection } from './decoder.ts'

/** Limits that hold for every protocol, in one place. */

export type Read<T> =
  { readonly ok: true; readonly content: T } | { readonly ok: false; readonly rejection: Rejection }

/** No device says anything so deep; a message of brackets would overflow the stack of whoever walks it, the database's too. */
const maxDepth = 32
const utf8 = new TextDecoder('utf-8', { fatal: true })

const reject = (reason: Rejection['reason'], detail: string): { ok: false; rejection: Rejection } => ({
  ok: false,
  rejection: { reason, detail, item: null },
})

export function checkSize(bytes: Uint8Array): Rejection | null {
  if (bytes.byteLength <= maxPayloadBytes) return null
  return {
    reason: 'too-large',
    detail: `${bytes.byteLength} bytes are more than ${maxPayloadBytes}`,
    item: null,
  }
}

/** A payload of nothing but crumbs is one dead letter, not thousands. */
export function checkCount(count: number): Rejection | null {
  if (count <= maxItems) return null
  return { reason: 'too-many-items', detail: `${count} are more than ${maxItems}`, item: null }
}

/** Throws on what is not UTF-8. Nearly all that devices say is ASCII, which costs half of it to read. */
function decodeUtf8(bytes: Uint8Array): string {
  if (!isAscii(bytes)) return utf8.decode(bytes)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

export function readText(bytes: Uint8Array): Read<string> {
  try {
    return { ok: true, content: decodeUtf8(bytes) }
  } catch {
    return reject('undecodable', 'not a text in UTF-8')
  }
}

/** JSON in UTF-8, not too deep. */
export function readJson(bytes: Uint8Array): Read<unknown> {
  let content: unknown
  try {
    content = JSON.parse(decodeUtf8(bytes))
  } catch (error) {
    return reject('undecodable', error instanceof Error ? error.message : 'not JSON in UTF-8')
  }
  if (isDeeper(content, maxDepth)) return reject('undecodable', `nested deeper than ${maxDepth} levels`)
  return { ok: true, content }
}

/** The same, one item or an array of not too many. */
export function readJsonList(bytes: Uint8Array): Read<readonly unknown[]> {
  const read = readJson(bytes)
  if (!read.ok) return read
  const content: readonly unknown[] = Array.isArray(read.content) ? read.content : [read.content]
  const rejection = checkCount(content.length)
  return rejection === null ? { ok: true, content } : { ok: false, rejection }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  // Parsed JSON has own properties only; a list of its values is not worth making for every message.
  const parts = value as Record<string, unknown>
  for (const key in parts) if (isDeeper(parts[key], levels - 1)) return true
  return false
}
