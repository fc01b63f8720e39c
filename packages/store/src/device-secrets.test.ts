import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hashSecret, hashToken, isSecretOf, makeSecret, minTokenLength } from './device-secrets.ts'

it('knows a secret by its hash, and no other one', async () => {
  const texts = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(texts, texts, async (secret, other) => {
      const hash = await hashSecret(secret)
      expect(hash).not.toContain(secret.length > 8 ? secret : '\0')
      expect(await isSecretOf(hash, secret)).toBe(true)
      expect(await isSecretOf(hash, other)).toBe(other === secret)
      expect(await isSecretOf(hashToken(secret), secret)).toBe(true)
      expect(await isSecretOf(hashToken(secret), other)).toBe(other === secret)
    }),
    { numRuns: 30 },
  )
})

it('salts: the same secret has another hash each time, a token always the same', async () => {
  expect(await hashSecret('once')).not.toBe(await hashSecret('once'))
  expect(hashToken('once')).toBe(hashToken('once'))
})

it('makes secrets long enough to be tokens', () => {
  expect(makeSecret().length).toBeGreaterThanOrEqual(minTokenLength)
  expect(new Set(Array.from({ length: 100 }, makeSecret)).size).toBe(100)
})

it('takes nothing for a secret when the hash is of no known form', async () => {
  for (const hash of ['', 'plain', 'md5$x', 'scrypt$', 'scrypt$$'])
    expect(await isSecretOf(hash, 'plain')).toBe(false)
})
