import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

/** What a session cookie says. `stamp` follows from the password: a new password ends every session. */
const claimSchema = z.object({ account: z.number().int(), stamp: z.string(), expiresMs: z.number() })
export type Claim = z.infer<typeof claimSchema>

const mac = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest()

/** `<claim>.<HMAC-SHA-256>`, both base64url. */
export function signToken(secret: string, claim: Claim): string {
  const body = Buffer.from(JSON.stringify(claim)).toString('base64url')
  return `${body}.${mac(secret, body).toString('base64url')}`
}

/** Null for a token that we did not sign, or that has expired. */
export function readToken(secret: string, token: string, nowMs: number): Claim | null {
  const [body = '', signature = '', ...rest] = token.split('.')
  const given = Buffer.from(signature, 'base64url')
  const expected = mac(secret, body)
  if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  const claim = claimSchema.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')))
  return claim.success && claim.data.expiresMs > nowMs ? claim.data : null
}

export const stampOf = (secret: string, passwordHash: string): string =>
  mac(secret, `stamp ${passwordHash}`).subarray(0, 9).toString('base64url')
