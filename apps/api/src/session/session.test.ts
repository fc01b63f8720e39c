import { describe, expect, it } from 'vitest'
import { LoginLimiter } from './login-limiter.ts'
import { hashPassword, verifyPassword } from './password.ts'
import { isOwnOrigin, readBasic, readCookie } from './request-login.ts'
import { readToken, signToken, stampOf } from './session-token.ts'

describe('a session token', () => {
  const claim = { account: 7, stamp: 'abc', expiresMs: 1_000 }
  const token = signToken('secret', claim)

  it('is read back until it expires', () => {
    expect(readToken('secret', token, 999)).toEqual(claim)
    expect(readToken('secret', token, 1_000)).toBeNull()
  })

  it.each([
    ['made with another secret', signToken('other', claim)],
    ['cut', token.slice(0, -1)],
    ['lengthened', `${token}.x`],
    ['empty', ''],
    ['without a signature', token.split('.')[0] ?? ''],
  ])('is nothing when it is %s', (_, changed) => {
    expect(readToken('secret', changed, 0)).toBeNull()
  })

  it('has a stamp that follows from the password', () => {
    expect(stampOf('secret', 'a')).not.toBe(stampOf('secret', 'b'))
  })
})

describe('a password', () => {
  it('is right only if it is the same, however its accents are written', async () => {
    const hash = await hashPassword('cafe\u0301 网格')
    expect(await verifyPassword('caf\u00e9 网格', hash)).toBe(true)
    expect(await verifyPassword('cafe 网格', hash)).toBe(false)
    expect(await verifyPassword('', 'not a hash')).toBe(false)
  })
})

describe('LoginLimiter', () => {
  const wrong = (limiter: LoginLimiter, times: number, name = 'a', address = '1') => {
    for (let i = 0; i < times; i++) limiter.fail(name, address, 0)
  }

  it('is patient four times, then waits longer and longer, up to a quarter of an hour', () => {
    const limiter = new LoginLimiter()
    wrong(limiter, 4)
    expect(limiter.waitMs('a', '1', 0)).toBe(0)
    wrong(limiter, 1)
    expect(limiter.waitMs('a', '1', 0)).toBe(1_000)
    wrong(limiter, 1)
    expect(limiter.waitMs('a', '1', 0)).toBe(2_000)
    wrong(limiter, 40)
    expect(limiter.waitMs('a', '1', 0)).toBe(900_000)
  })

  it('lets the same name in from elsewhere', () => {
    const limiter = new LoginLimiter()
    wrong(limiter, 8)
    expect(limiter.waitMs('a', '2', 0)).toBe(0)
  })

  it('slows down an address that tries many names', () => {
    const limiter = new LoginLimiter()
    for (let i = 0; i < 20; i++) wrong(limiter, 1, `name-${i}`)
    expect(limiter.waitMs('another', '1', 0)).toBeGreaterThan(0)
  })

  it('forgets after a success', () => {
    const limiter = new LoginLimiter()
    wrong(limiter, 5)
    limiter.succeed('a', '1')
    expect(limiter.waitMs('a', '1', 0)).toBe(0)
  })
})

describe('what a request brings', () => {
  it('finds a cookie among others', () => {
    expect(readCookie('a=1; gk_session=x.y; b=2', 'gk_session')).toBe('x.y')
    expect(readCookie('not_gk_session=1', 'gk_session')).toBeNull()
    expect(readCookie(undefined, 'gk_session')).toBeNull()
  })

  it('reads HTTP Basic, colons in the password too', () => {
    const header = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
    expect(readBasic(header('管理员:a:b'))).toEqual({ name: '管理员', password: 'a:b' })
    expect(readBasic(header('nothing'))).toBeNull()
    expect(readBasic('Bearer x')).toBeNull()
  })

  it('knows our own page from another on the same host', () => {
    expect(isOwnOrigin(undefined, 'localhost:8080', null)).toBe(true)
    expect(isOwnOrigin('http://localhost:8080', 'localhost:8080', null)).toBe(true)
    expect(isOwnOrigin('http://localhost:9000', 'localhost:8080', null)).toBe(false)
    expect(isOwnOrigin('https://wall.example', 'inner:8080', 'https://wall.example')).toBe(true)
    expect(isOwnOrigin('null', 'localhost:8080', null)).toBe(false)
  })
})
