import type { KnownDevice } from '@gridkeeper/store'
import { describe, expect, it } from 'vitest'
import { hear, loginOf, trusted, type Hearing, type Speaker } from './speaker.ts'

const device = (over: Partial<KnownDevice> = {}): KnownDevice => ({
  key: 'M-1',
  asset: { assetId: 1, kind: 'meter' },
  keeperId: null,
  secretHash: 'scrypt$a$b',
  via: null,
  isRevoked: false,
  ...over,
})
const login = (key: string): Speaker => ({ kind: 'login', key })
const stranger: Speaker = { kind: 'stranger', login: 'M-1', secretHash: null }

describe('hear', () => {
  it.each<[string, Speaker, KnownDevice | undefined, Hearing]>([
    ['a device under its own key', login('M-1'), device(), 'heard'],
    ['a concentrator for its own', login('C-1'), device({ secretHash: null, via: 'C-1' }), 'heard'],
    ['a device that has a concentrator by itself', login('M-1'), device({ via: 'C-1' }), 'heard'],
    ['another device', login('M-2'), device(), 'not-own-key'],
    ['another concentrator', login('C-2'), device({ secretHash: null, via: 'C-1' }), 'not-own-key'],
    ['a stranger under a key that has an owner', stranger, device(), 'not-own-key'],
    ['a stranger under a key without a login', stranger, device({ secretHash: null }), 'no-login'],
    ['a login under a key without a login', login('M-2'), device({ secretHash: null }), 'no-login'],
    ['a stranger', stranger, undefined, 'unknown-device'],
    ['a login for somebody unknown', login('C-1'), undefined, 'unknown-device'],
    ['who is revoked', login('M-1'), device({ isRevoked: true }), 'revoked'],
    ['who is revoked behind a broker', trusted, device({ isRevoked: true }), 'revoked'],
    ['anybody whom the broker in front let in', trusted, device({ secretHash: null }), 'heard'],
    ['somebody unknown behind a broker', trusted, undefined, 'unknown-device'],
  ])('%s', (_, speaker, known, expected) => {
    expect(hear(speaker, known)).toBe(expected)
  })
})

it('tells the name that a speaker came with', () => {
  expect([login('M-1'), stranger, trusted].map(loginOf)).toEqual(['M-1', 'M-1', null])
})
