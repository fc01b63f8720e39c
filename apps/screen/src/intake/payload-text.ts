/** How the bytes of a message are shown: as the text they are, set out in lines where they look like JSON, or as hex. */
export type PayloadForm = 'json' | 'text' | 'hex'

/** U+FFFD stands where bytes were no UTF-8; control characters but tab and line ends are nothing that people write. */
// eslint-disable-next-line no-control-regex
const notText = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/

export function formOf(text: string): PayloadForm {
  if (notText.test(text)) return 'hex'
  return /^\s*[[{]/.test(text) ? 'json' : 'text'
}

export function bytesOf(base64: string): Uint8Array {
  const binary = atob(base64)
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

const two = (byte: number) => byte.toString(16).padStart(2, '0')

/** Lines of sixteen: offset, bytes, and what of them is ASCII. */
export function hexLines(bytes: Uint8Array, perLine = 16): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += perLine) {
    const part = [...bytes.subarray(at, at + perLine)]
    const ascii = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('')
    const offset = at.toString(16).padStart(4, '0')
    lines.push(
      `${offset}  ${part
        .map(two)
        .join(' ')
        .padEnd(perLine * 3 - 1)}  ${ascii}`,
    )
  }
  return lines.join('\n')
}

/**
 * JSON in lines, by its signs alone: what was sent stays as it was written (`1.0` stays `1.0`, a key that stands twice stands twice), and what was cut off or is
 * broken is shown as far as it goes.
 */
export function indentJson(text: string): string {
  let out = ''
  let depth = 0
  let isInString = false
  const line = () => `\n${'  '.repeat(depth)}`
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? ''
    if (isInString) {
      out += sign
      if (sign === '\\') out += text[++at] ?? ''
      else if (sign === '"') isInString = false
    } else if (/\s/.test(sign)) continue
    else if (sign === '{' || sign === '[') {
      const end = /^\s*[}\]]/.exec(text.slice(at + 1, at + 64))
      if (end !== null) {
        out += sign + end[0].trim()
        at += end[0].length
        continue
      }
      depth++
      out += sign + line()
    } else if (sign === '}' || sign === ']') {
      depth = Math.max(0, depth - 1)
      out += line() + sign
    } else if (sign === ',') out += sign + line()
    else if (sign === ':') out += ': '
    else {
      isInString = sign === '"'
      out += sign
    }
  }
  return out
}

export const asText = (text: string): string => (formOf(text) === 'json' ? indentJson(text) : text)
