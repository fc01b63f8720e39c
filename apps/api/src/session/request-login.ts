export const sessionCookie = 'gk_session'

/** Value of a cookie in a `Cookie` header; null if it is not there. */
export function readCookie(header: string | undefined, name: string): string | null {
  for (const part of header?.split(';') ?? []) {
    const equals = part.indexOf('=')
    if (equals >= 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim()
  }
  return null
}

/** RFC 7617, UTF-8. Null for any other scheme or a broken one. */
export function readBasic(header: string | undefined): { name: string; password: string } | null {
  const match = /^basic ([A-Za-z0-9+/=]{1,1024})$/i.exec(header ?? '')
  if (match?.[1] === undefined) return null
  const text = Buffer.from(match[1], 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 1 ? null : { name: text.slice(0, colon), password: text.slice(colon + 1) }
}

/**
 * Whether a browser sends this from our own page. SameSite cookies do not tell ports of one host apart, so the origin is looked at, too. Tools send none.
 */
export function isOwnOrigin(
  origin: string | undefined,
  host: string | undefined,
  publicOrigin: string | null,
): boolean {
  if (origin === undefined || origin === publicOrigin) return true
  return URL.canParse(origin) && new URL(origin).host === host
}
