import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/**
 * How a device proves who it is. Two forms, told apart by their beginning:
 *
 * - `scrypt$<salt>$<hash>`   a password beside a name (MQTT, HTTP Basic). N = 1024, r = 8: some 3 ms, so that 5,000 devices can come back at once.
 * - `sha256$<hash>`          a token that is the name, too (ThingsBoard): found by its hash, hence unsalted, hence long and random.
 */
export { minSecretLength, minTokenLength } from '@gridkeeper/contracts'

const cost = { N: 1024, r: 8, p: 1 }
const hashLength = 32

/** 144 bits: 24 characters of the base64url alphabet. */
export const makeSecret = (): string => randomBytes(18).toString('base64url')

export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(12)
  return `scrypt$${salt.toString('base64url')}$${(await derive(secret, salt)).toString('base64url')}`
}

export const hashToken = (token: string): string =>
  `sha256$${createHash('sha256').update(token).digest('base64url')}`

/** False for a hash of a form that we do not know. */
export async function isSecretOf(hash: string, secret: string): Promise<boolean> {
  const [form, first = '', second = ''] = hash.split('$')
  if (form === 'sha256') return isSame(Buffer.from(hash), Buffer.from(hashToken(secret)))
  if (form !== 'scrypt') return false
  return isSame(await derive(secret, Buffer.from(first, 'base64url')), Buffer.from(second, 'base64url'))
}

const isSame = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b)

const derive = (secret: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    scrypt(secret, salt, hashLength, cost, (error, key) => (error === null ? resolve(key) : reject(error))),
  )
