import { describe, expect, it } from 'vitest'
import { readCredentials, withoutSecret } from './http-credentials.ts'

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

describe('readCredentials', () => {
  it.each([
    [basic('M-1:a:b c'), '', { kind: 'named', name: 'M-1', secret: 'a:b c' }],
    [basic('token'), '', { kind: 'named', name: 'token', secret: null }],
    ['bearer a secret', '', { kind: 'bearer', secret: 'a secret' }],
    [undefined, 'secret=s%20s&id=1', { kind: 'bearer', secret: 's s' }],
    [basic('M-1:x'), 'secret=y', { kind: 'named', name: 'M-1', secret: 'x' }],
    [undefined, '', { kind: 'none' }],
    ['Digest x', 'secret=', { kind: 'none' }],
  ])('reads %s and ?%s', (authorization, query, presented) => {
    expect(readCredentials(authorization, new URLSearchParams(query))).toEqual(presented)
  })
})

describe('withoutSecret', () => {
  it.each([
    ['id=1&secret=x&lat=2', 'id=1&lat=2'],
    ['secret=x', ''],
    ['id=1&%73ecret=x&secret', 'id=1'],
    ['id=%E0%A4%A&secrets=y', 'id=%E0%A4%A&secrets=y'],
  ])('makes of %s: %s', (form, rest) => {
    expect(withoutSecret(form)).toBe(rest)
  })
})
