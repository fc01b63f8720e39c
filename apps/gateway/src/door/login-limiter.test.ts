import { describe, expect, it } from 'vitest'
import { addressGroup, LoginLimiter } from './login-limiter.ts'

describe('LoginLimiter', () => {
  const limits = { after: 4, windowMs: 1_000, banMs: 5_000 }
  let nowMs = 0
  const limiter = () => new LoginLimiter(limits, () => nowMs)

  it('holds each refusal back twice as long as the one before, and no longer than five seconds', () => {
    const bans = new LoginLimiter({ ...limits, after: 1_000 }, () => nowMs)
    const delays = Array.from({ length: 8 }, () => bans.fail('192.0.2.1'))
    expect(delays).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
  })

  it('bans an address after so many failures within the window, for a while, and no other', () => {
    nowMs = 0
    const bans = limiter()
    for (let n = 0; n < 3; n++) bans.fail('192.0.2.1')
    expect(bans.isBanned('192.0.2.1')).toBe(false)
    bans.fail('192.0.2.1')
    expect([bans.isBanned('192.0.2.1'), bans.isBanned('192.0.2.2')]).toEqual([true, false])
    nowMs = 4_999
    expect(bans.isBanned('192.0.2.1')).toBe(true)
    nowMs = 5_000
    expect(bans.isBanned('192.0.2.1')).toBe(false)
  })

  it('forgets failures older than the window', () => {
    nowMs = 0
    const bans = limiter()
    for (let n = 0; n < 3; n++) bans.fail('192.0.2.1')
    nowMs = 1_001
    expect(bans.fail('192.0.2.1')).toBe(100)
    expect(bans.isBanned('192.0.2.1')).toBe(false)
  })

  it('remembers a bounded number of addresses', () => {
    nowMs = 0
    const bans = new LoginLimiter({ ...limits, after: 1 }, () => nowMs)
    for (let n = 0; n <= 10_000; n++) bans.fail(`a${n}`)
    expect([bans.isBanned('a0'), bans.isBanned('a1')]).toEqual([false, true])
  })
})

describe('addressGroup', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::1', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
  ])('puts %s to %s', (address, group) => {
    expect(addressGroup(address)).toBe(group)
  })
})
