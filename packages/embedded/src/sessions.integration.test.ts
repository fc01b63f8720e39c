import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClient, rows, startTrial } from './embedded.trial.ts'
import { bind, execute, parse, query, RawClient, startupPacket, sync } from './raw-client.trial.ts'
import type { Embedded } from './start-embedded.ts'
import { encodeMessage, int32 } from './wire-messages.ts'

let embedded: Embedded
let guarded: Embedded

beforeAll(async () => {
  embedded = await startTrial({ maxConnections: 12 })
  guarded = await startTrial({ password: 'ke&eper/1' })
}, 60_000)
afterAll(() => Promise.all([embedded.stop(), guarded.stop()]))

describe('prepared statements', () => {
  it('of two clients may bear the same name', async () => {
    const [a, b] = await Promise.all([openClient(embedded.url), openClient(embedded.url)])
    const ask = (client: pg.Client, text: string) => client.query({ name: 'same', text, rowMode: 'array' })
    expect((await ask(a, "select 'a'")).rows).toEqual([['a']])
    expect((await ask(b, "select 'b'")).rows).toEqual([['b']])
    expect((await ask(a, "select 'a'")).rows).toEqual([['a']])
    await Promise.all([a.end(), b.end()])
  })

  it('are freed when their client leaves', async () => {
    const a = await openClient(embedded.url)
    await a.query({ name: 'left', text: 'select 1' })
    await a.end()
    const b = await openClient(embedded.url)
    const left = "select count(*)::int from pg_prepared_statements where name like '%left'"
    while (Number((await rows(b, left))[0]?.[0]) > 0);
    await b.end()
  })

  it('without a name survive the turn of another client', async () => {
    const [a, b] = await Promise.all([RawClient.open(embedded.port), RawClient.open(embedded.port)])
    expect(await a.ask(parse('', "select 'a'"), sync)).toEqual(['1', 'Z:I'])
    expect(await b.ask(parse('', "select 'b'"), bind(''), execute, sync)).toContain('D:b')
    expect(await a.ask(bind(''), execute, sync)).toEqual(['2', 'D:a', 'C:SELECT 1', 'Z:I'])
    expect(await b.query("select 'c'")).toContain('D:c')
    expect(await b.ask(bind(''), execute, sync)).toEqual(['E:26000', 'Z:I'])
    expect(await a.ask(bind(''), execute, sync)).toContain('D:a')
    for (const client of [a, b]) client.socket.destroy()
  })

  it('can be described, closed and prepared again', async () => {
    const a = await RawClient.open(embedded.port)
    const describeIt = encodeMessage('D', Buffer.from('S'), 's')
    expect(await a.ask(parse('s', 'select 1'), describeIt, sync)).toEqual(['1', 't', 'T', 'Z:I'])
    expect(await a.ask(parse('s', 'select 2'), sync)).toEqual(['E:42P05', 'Z:I'])
    expect(
      await a.ask(
        encodeMessage('C', Buffer.from('S'), 's'),
        parse('s', 'select 3'),
        bind('s'),
        execute,
        sync,
      ),
    ).toEqual(['3', '1', '2', 'D:3', 'C:SELECT 1', 'Z:I'])
    a.socket.destroy()
  })
})

describe('session parameters', () => {
  it('belong to the client that set them', async () => {
    const [a, b] = await Promise.all([openClient(embedded.url), openClient(embedded.url)])
    await a.query("set timezone = 'Asia/Shanghai'")
    await b.query("select set_config('search_path', 'pg_catalog', false)")
    expect(await rows(a, "select current_setting('timezone'), current_setting('search_path')")).toEqual([
      ['Asia/Shanghai', '"$user", public'],
    ])
    expect(await rows(b, "select current_setting('timezone'), current_setting('search_path')")).toEqual([
      ['UTC', 'pg_catalog'],
    ])
    await a.query('reset timezone')
    expect(await rows(b, "select current_setting('search_path')")).toEqual([['pg_catalog']])
    await Promise.all([a.end(), b.end()])
    const c = await openClient(embedded.url)
    expect(await rows(c, "select current_setting('timezone'), current_setting('search_path')")).toEqual([
      ['UTC', '"$user", public'],
    ])
    await c.end()
  })

  it('set in a transaction that is rolled back are as before', async () => {
    const [a, b] = await Promise.all([openClient(embedded.url), openClient(embedded.url)])
    await a.query("set timezone = 'Europe/Paris'")
    await a.query('begin')
    await a.query("set timezone = 'Asia/Tokyo'")
    await a.query('rollback')
    await b.query('select 1')
    expect(await rows(a, "select current_setting('timezone')")).toEqual([['Europe/Paris']])
    await Promise.all([a.end(), b.end()])
  })

  it('include the role', async () => {
    const [a, b] = await Promise.all([openClient(embedded.url), openClient(embedded.url)])
    await a.query('create role watcher')
    await a.query('set role watcher')
    expect(await rows(b, 'select current_user')).toEqual([['postgres']])
    expect(await rows(a, 'select current_user')).toEqual([['watcher']])
    await Promise.all([a.end(), b.end()])
  })

  it('can be given at connect', async () => {
    const a = new pg.Client({ connectionString: embedded.url, options: '-c timezone=Asia/Shanghai' })
    await a.connect()
    expect(await rows(a, "select current_setting('timezone')")).toEqual([['Asia/Shanghai']])
    await a.end()
    const bad = await RawClient.connect(embedded.port)
    bad.socket.write(startupPacket({ user: 'postgres', database: 'postgres', no_such_thing: '1' }))
    expect(await bad.farewell()).toEqual(['E:42704'])
  })

  it('may fill temporary tables, which are gone with their client', async () => {
    const a = await openClient(embedded.url)
    await a.query('create temp table draft (a int)')
    await a.end()
    const b = await openClient(embedded.url)
    while ((await rows(b, "select to_regclass('draft')::text"))[0]?.[0] !== null);
    await b.end()
  })
})

describe('the handshake', () => {
  it('declines encryption, then goes on', async () => {
    const client = await RawClient.connect(embedded.port)
    const answer = new Promise<Buffer>((resolve) => client.socket.prependOnceListener('data', resolve))
    client.socket.write(Buffer.concat([int32(8), int32(80_877_103)]))
    expect((await answer).toString()).toBe('N')
    client.socket.destroy()
  })

  it('tells what drivers want to know, and negotiates the version', async () => {
    const client = await RawClient.connect(embedded.port)
    client.socket.write(startupPacket({ user: 'postgres', database: 'postgres' }, 196_610))
    const replies = await client.until('Z')
    const parameters = new Map(
      replies
        .filter(({ type }) => type === 'S')
        .map(({ body }) => body.toString().split('\0') as [string, string]),
    )
    expect(replies[0]?.type).toBe('v')
    expect(parameters.get('server_version')).toMatch(/^17\./)
    expect(parameters.get('TimeZone')).toBe('UTC')
    client.socket.destroy()
  })

  it.each([
    ['another database', { user: 'postgres', database: 'other' }, 'E:3D000'],
    ['another user', { user: 'other', database: 'postgres' }, 'E:28000'],
  ])('refuses %s', async (_, parameters, answer) => {
    const client = await RawClient.connect(embedded.port)
    client.socket.write(startupPacket(parameters))
    expect(await client.farewell()).toEqual([answer])
  })

  it('refuses more clients than it may have', async () => {
    const clients = await Promise.all(Array.from({ length: 12 }, () => RawClient.open(embedded.port)))
    const late = await RawClient.connect(embedded.port)
    late.socket.write(startupPacket({ user: 'postgres', database: 'postgres' }))
    expect(await late.farewell()).toEqual(['E:53300'])
    for (const client of clients) client.socket.destroy()
  })

  it('survives a cancel request and noise', async () => {
    for (const bytes of [
      Buffer.concat([int32(16), int32(80_877_102), int32(1), int32(1)]),
      Buffer.from('\xff'.repeat(20), 'latin1'),
    ]) {
      const client = await RawClient.connect(embedded.port)
      client.socket.write(bytes)
      await client.farewell()
    }
    const client = await openClient(embedded.url)
    await client.end()
  })

  it('asks for the password, if there is one', async () => {
    const client = await openClient(guarded.url)
    expect(await rows(client, 'select 1')).toEqual([[1]])
    await client.end()
    const wrong = new pg.Client({ connectionString: guarded.url.replace('eper', 'epers') })
    await expect(wrong.connect()).rejects.toMatchObject({ code: '28P01' })
  })
})

const psql = '/usr/bin/psql'

it.skipIf(!existsSync(psql))('psql works', async () => {
  const run = (...commands: string[]) => {
    // spawnSync would block the server, which is in this process.
    return import('node:child_process').then(
      ({ execFile }) =>
        new Promise<string>((resolve) =>
          execFile(
            psql,
            ['-X', '-A', '-t', embedded.url, ...commands.flatMap((command) => ['-c', command])],
            (_, out, err) => resolve(out + err),
          ),
        ),
    )
  }
  expect(spawnSync(psql, ['--version']).status).toBe(0)
  await run('create table shown (a int primary key, b text)')
  expect(await run('\\dt shown')).toContain('public|shown|table|postgres')
  expect(await run('\\copy shown from /dev/null')).toContain('COPY FROM STDIN is not supported')
  expect(await run("insert into shown values (1, 'x')", '\\copy shown to stdout')).toContain('1\tx')
  void query
})
