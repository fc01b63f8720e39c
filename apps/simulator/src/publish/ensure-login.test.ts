import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { replayLogin } from '../replay/obtain-login.ts'
import { ensureLogin, speakFor } from './ensure-login.ts'

/** An api that knows these devices, and remembers what it was asked. */
const device = (key: string, more: object) => ({
  key,
  protocol: 'native',
  state: 'active',
  assetCode: null,
  keeperCode: null,
  via: null,
  secret: null,
  online: null,
  statusAtMs: null,
  createdAtMs: 0,
  changedAtMs: 0,
  ...more,
})
const devices = new Map(
  [
    device('free', {}),
    device('mine', { via: 'replay:mine' }),
    device('real', { secret: 'password' }),
    device('of-another', { via: 'bridge' }),
  ].map((row) => [row.key, row]),
)
const asked: string[] = []
const server = createServer((request, response) => {
  void (async () => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const [key = ''] = (request.url ?? '').split('/').slice(3)
    asked.push(`${request.method} ${request.url} ${body}`.trim())
    const known = request.method === 'GET' ? devices.get(key) : device(key, {})
    response.statusCode = known === undefined ? 404 : 200
    const isSecret = request.url?.endsWith('/secret') === true
    response.end(JSON.stringify(isSecret ? { key, secret: 'made-for-you' } : (known ?? {})))
  })()
})
let access = { url: '', name: 'admin', password: 'p' }

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  access = { ...access, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
})
afterAll(() => server.close())
beforeEach(() => asked.splice(0))

describe('logging in', () => {
  it('makes the login and takes a new secret for it', async () => {
    expect(await ensureLogin(access, 'replay:a')).toEqual({ username: 'replay:a', password: 'made-for-you' })
    expect(asked).toEqual(['PUT /api/devices/replay:a {}', 'POST /api/devices/replay:a/secret {}'])
  })

  it('speaks for a device that nobody speaks for, and says nothing where it does already', async () => {
    expect(await speakFor(access, 'replay:free', 'free')).toBe('ready')
    expect(asked.at(-1)).toBe('PUT /api/devices/free {"via":"replay:free"}')
    expect(await speakFor(access, 'replay:mine', 'mine')).toBe('ready')
    expect(asked.at(-1)).toBe('GET /api/devices/mine')
  })

  it('never takes a device from who speaks for it', async () => {
    expect(await speakFor(access, 'replay:real', 'real')).toBe('taken')
    expect(await speakFor(access, 'replay:x', 'of-another')).toBe('taken')
    expect(await speakFor(access, 'replay:nobody', 'nobody')).toBe('unknown')
    expect(asked.filter((line) => !line.startsWith('GET'))).toEqual([])
  })

  it('has a login for each device, which is a key however long the device key is', () => {
    expect(replayLogin('m1')).toBe('replay:m1')
    const [a, b] = ['a', 'b'].map((last) => replayLogin('k'.repeat(63) + last))
    expect(a).toMatch(/^[A-Za-z0-9._:-]{1,64}$/)
    expect(a).not.toBe(b)
  })
})
