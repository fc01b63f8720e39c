import { hashSecret, hashToken, type KnownDevice } from '@gridkeeper/store'
import { beforeEach, describe, expect, it } from 'vitest'
import { Logins, stillCounts } from './logins.ts'

const device = (key: string, fields: Partial<KnownDevice> = {}): KnownDevice => ({
  key,
  asset: null,
  keeperId: null,
  secretHash: null,
  via: null,
  isRevoked: false,
  ...fields,
})

describe('Logins', () => {
  const devices = new Map<string, KnownDevice>()
  const registered: string[] = []
  const directory = {
    find: (key: string) => Promise.resolve(devices.get(key)),
    refresh: (key: string) => Promise.resolve(devices.get(key)),
    knownToken: (hash: string) => [...devices.values()].find(({ secretHash }) => secretHash === hash),
  }
  const logins = new Logins({
    directory,
    busSecret: 'of the bus',
    openRegistration: ['sim:*', 'one'],
    lookAgain: () => Promise.resolve(),
    register: (key, secretHash) => {
      registered.push(key)
      devices.set(key, device(key, { secretHash }))
      return Promise.resolve()
    },
  })
  const check = (name: string | null, secret: string | null) => logins.check({ name, secret })
  const refused = (reason: string) => ({ kind: 'refused', reason })
  const speaker = (given: object) => ({ kind: 'speaker', speaker: given })

  beforeEach(async () => {
    devices.clear()
    registered.length = 0
    devices.set('M-1', device('M-1', { secretHash: await hashSecret('right secret') }))
  })

  it('knows a device by its secret, and nobody by a wrong one, first or later', async () => {
    for (let n = 0; n < 2; n++) {
      expect(await check('M-1', 'wrong')).toEqual(refused('wrong-secret'))
      expect(await check('M-1', 'right secret')).toMatchObject(speaker({ kind: 'login', key: 'M-1' }))
    }
  })

  it('forgets what it has proven when the secret changes', async () => {
    await check('M-1', 'right secret')
    devices.set('M-1', device('M-1', { secretHash: await hashSecret('another') }))
    expect(await check('M-1', 'right secret')).toEqual(refused('wrong-secret'))
  })

  it('refuses what was revoked, whatever it presents', async () => {
    devices.set('M-1', device('M-1', { isRevoked: true }))
    expect(await check('M-1', 'right secret')).toEqual(refused('revoked'))
  })

  it('knows a login by its token alone, and shows no token of strangers', async () => {
    devices.set('T-1', device('T-1', { secretHash: hashToken('token of T-1') }))
    expect(await check('token of T-1', null)).toMatchObject(speaker({ kind: 'login', key: 'T-1' }))
    const stranger = await check('token of nobody', '')
    expect(stranger).toMatchObject(
      speaker({
        kind: 'stranger',
        login: expect.stringMatching(/^token:[0-9a-f]{16}$/),
        secretHash: hashToken('token of nobody'),
      }),
    )
    expect(JSON.stringify(stranger)).not.toContain('nobody')
  })

  it('takes the unknown, the nameless and those without any way in for strangers', async () => {
    devices.set('N-1', device('N-1'))
    expect(await check(null, null)).toMatchObject(
      speaker({ kind: 'stranger', login: null, secretHash: null }),
    )
    for (const name of ['who', 'N-1'])
      expect(await check(name, 'some secret')).toMatchObject(
        speaker({ kind: 'stranger', login: name, secretHash: expect.stringMatching(/^scrypt\$/) }),
      )
  })

  it('hashes what the same stranger presents once', async () => {
    const first = await check('who', 'some secret')
    expect(await check('who', 'some secret')).toEqual(first)
    expect(await check('who', 'another secret')).not.toEqual(first)
  })

  it('lets into the bus only with its secret', async () => {
    expect(await check('gk-bus', 'of the bus')).toEqual({ kind: 'bus' })
    for (const secret of ['wrong', '', null])
      expect(await check('gk-bus', secret)).toEqual(refused('wrong-secret'))
  })

  it('registers those for whom registration is open, but takes over nobody', async () => {
    devices.set('sim:2', device('sim:2', { via: 'box' }))
    for (const name of ['sim:1', 'one'])
      expect(await check(name, 'long enough')).toMatchObject(speaker({ kind: 'login', key: name }))
    expect(await check('sim:1', 'another one')).toEqual(refused('wrong-secret'))
    for (const [name, secret] of [
      ['sim:2', 'long enough'],
      ['one:more', 'long enough'],
      ['sim:3', 'short'],
      ['sim:a b', 'long enough'],
    ] as const)
      expect(await check(name, secret)).toMatchObject(speaker({ kind: 'stranger', login: name }))
    expect(registered).toEqual(['sim:1', 'one'])
  })
})

describe('stillCounts', () => {
  const known = (...list: readonly KnownDevice[]) => ({
    known: (key: string) => list.find((one) => one.key === key),
    knownToken: (hash: string) => list.find(({ secretHash }) => secretHash === hash),
  })
  const login = { speaker: { kind: 'login', key: 'A' }, secretHash: 'h', heardKeys: [] } as const
  const stranger = (secretHash: string | null, ...heardKeys: string[]) =>
    ({ speaker: { kind: 'stranger', login: 'S', secretHash }, secretHash, heardKeys }) as const

  it.each([
    ['a login as it was', login, known(device('A', { secretHash: 'h' })), true],
    ['a login that was deleted', login, known(), false],
    ['a login with another secret', login, known(device('A', { secretHash: 'i' })), false],
    ['a login without a secret', login, known(device('A')), false],
    ['a revoked login', login, known(device('A', { secretHash: 'h', isRevoked: true })), false],
    ['a stranger as it was', stranger('h', 'K'), known(), true],
    ['a stranger whose name is registered without a way in', stranger('h'), known(device('S')), true],
    ['a stranger whose name got a secret', stranger('h'), known(device('S', { secretHash: 'i' })), false],
    ['a stranger whose token was adopted', stranger('h'), known(device('A', { secretHash: 'h' })), false],
    ['a stranger whose key got a voice', stranger('h', 'K'), known(device('K', { via: 'S' })), false],
  ])('%s', (_what, session, directory, counts) => {
    expect(stillCounts(session, directory)).toBe(counts)
  })
})
