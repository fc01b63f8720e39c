import { describe, expect, it } from 'vitest'
import { clientAddress, isProxy, trustedProxies } from './client-address.ts'
import { isOwnOrigin } from './websocket.ts'

describe('clientAddress', () => {
  const trusted = trustedProxies(['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])

  it.each([
    ['believes no claim of a stranger', '203.0.113.1', '1.2.3.4', '203.0.113.1'],
    ['believes a proxy of ours', '127.0.0.1', '203.0.113.1', '203.0.113.1'],
    ['looks behind several of ours', '::ffff:10.0.0.1', '203.0.113.1, 10.2.3.4', '203.0.113.1'],
    ['does not look behind a proxy of others', '10.0.0.1', '1.2.3.4, 203.0.113.1', '203.0.113.1'],
    ['stays with the proxy when it says nothing', '10.0.0.1', undefined, '10.0.0.1'],
    ['stays with the proxy when it says nonsense', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['knows IPv6', 'fd00::1', '2001:db8::1', '2001:db8::1'],
  ])('%s', (_title, remote, forwarded, address) => {
    expect(clientAddress(remote, forwarded, trusted)).toBe(address)
  })
})

describe('isProxy', () => {
  it.each([
    ['10.0.0.1', true],
    ['10.0.0.0/8', true],
    ['fd00::/8', true],
    ['10.0.0.0/33', false],
    ['nginx', false],
    ['10.0.0.0/8/8', false],
  ])('%s: %s', (entry, is) => {
    expect(isProxy(entry)).toBe(is)
  })
})

describe('isOwnOrigin', () => {
  it.each([
    [undefined, true],
    ['https://gw.example.org', true],
    ['https://example.org', false],
    ['null', false],
  ])('%s: %s', (origin, is) => {
    const headers = { host: 'gw.example.org', ...(origin === undefined ? {} : { origin }) }
    expect(isOwnOrigin({ headers })).toBe(is)
  })
})
