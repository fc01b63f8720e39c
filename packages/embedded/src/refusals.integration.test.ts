import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClient, rows, startTrial } from './embedded.trial.ts'
import { bind, execute, parse, query, RawClient, sync } from './raw-client.trial.ts'
import type { Embedded } from './start-embedded.ts'
import { encodeMessage } from './wire-messages.ts'

let embedded: Embedded
let client: RawClient

beforeAll(async () => {
  embedded = await startTrial()
  client = await RawClient.open(embedded.port)
  await client.query('create table item (id int)')
}, 60_000)
afterAll(() => embedded.stop())

const alive = ['T', 'D:1', 'C:SELECT 1', 'Z:I']

describe('COPY FROM STDIN is refused', () => {
  it('in a simple query', async () => {
    expect(await client.query('copy item from stdin')).toEqual(['E:0A000', 'Z:I'])
    expect(await client.query('select 1')).toEqual(alive)
  })

  it('in the middle of several statements, none of which has run', async () => {
    expect(await client.query('insert into item values (1); COPY item /* x */ FROM STDIN; select 1')).toEqual(
      ['E:0A000', 'Z:I'],
    )
    expect(await client.query('select count(*) from item')).toContain('D:0')
  })

  it('in the extended protocol, up to Sync', async () => {
    expect(await client.ask(parse('', 'copy item from stdin'), bind(''), execute, sync)).toEqual([
      'E:0A000',
      'Z:I',
    ])
    expect(await client.ask(parse('c', 'copy item from stdin'), sync)).toEqual(['E:0A000', 'Z:I'])
    expect(await client.query('select 1')).toEqual(alive)
  })

  it('inside a transaction, which is aborted by it', async () => {
    await client.query('begin; insert into item values (1)')
    expect(await client.query('copy item from stdin')).toEqual(['E:0A000', 'Z:E'])
    expect(await client.query('select 1')).toEqual(['E:25P02', 'Z:E'])
    expect(await client.query('commit')).toEqual(['C:ROLLBACK', 'Z:I'])
    await client.query('begin')
    expect(await client.ask(parse('', 'copy item from stdin'), bind(''), execute, sync)).toEqual([
      'E:0A000',
      'Z:E',
    ])
    expect(await client.query('rollback')).toEqual(['C:ROLLBACK', 'Z:I'])
    expect(await client.query('select count(*) from item')).toContain('D:0')
  })

  it('and what such a client sends all the same is dropped', async () => {
    client.socket.write(Buffer.concat([encodeMessage('d', '1'), encodeMessage('c'), encodeMessage('f', 'x')]))
    expect(await client.query('select 1')).toEqual(alive)
  })
})

describe('other statements', () => {
  it('COPY TO STDOUT works in both protocols', async () => {
    const text = ['H', 'd', 'c', 'C:COPY 1', 'Z:I']
    expect(await client.query('copy (select 1) to stdout')).toEqual(text)
    expect(await client.ask(parse('', 'copy (select 1) to stdout'), bind(''), execute, sync)).toEqual([
      '1',
      '2',
      ...text,
    ])
  })

  it.each(['listen x', 'discard all', 'deallocate all', 'select pg_advisory_lock(1)'])(
    '%s is refused',
    async (sql) => {
      expect(await client.query(sql)).toEqual(['E:0A000', 'Z:I'])
    },
  )

  it('NOTIFY and transaction-level advisory locks work', async () => {
    expect(await client.query("notify x, 'y'")).toEqual(['C:NOTIFY', 'Z:I'])
    expect(await client.query('begin; select pg_advisory_xact_lock(1); commit')).toContain('C:COMMIT')
  })

  it('function calls by the fast path fail without harm', async () => {
    expect(await client.ask(encodeMessage('F', Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0, 0])))).toEqual([
      'E:42883',
      'Z:I',
    ])
    expect(await client.query('select 1')).toEqual(alive)
  })
})

describe('bytes that are no protocol', () => {
  it.each([
    ['an unknown message', Buffer.from('y\0\0\0\x04')],
    ['a wrong length', Buffer.from('Q\0\0\0\x01')],
    ['noise', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a Parse without a string end', Buffer.from('P\0\0\0\x06ab')],
    ['a Bind without a string end', Buffer.from('B\0\0\0\x08abcd')],
  ])('close only their sender: %s', async (_, bytes) => {
    const bad = await RawClient.open(embedded.port)
    bad.socket.write(Buffer.concat([bytes, sync]))
    expect((await bad.farewell())[0]).toBe('E:08P01')
    expect(await client.query('select 1')).toEqual(alive)
  })

  it('inside a transaction roll it back', async () => {
    const bad = await RawClient.open(embedded.port)
    await bad.query('begin; insert into item values (7)')
    bad.socket.write(Buffer.from('y\0\0\0\x04'))
    expect(await bad.farewell()).toEqual(['E:08P01'])
    const driver = await openClient(embedded.url)
    expect(await rows(driver, 'select count(*)::int from item where id = 7')).toEqual([[0]])
    await driver.end()
  })

  it('a truncated Query is an error of the client, not of the server', async () => {
    const bad = await RawClient.open(embedded.port)
    expect(await bad.ask(Buffer.from('Q\0\0\0\x06ab'))).toEqual(['E:08P01', 'Z:I'])
    bad.socket.destroy()
    expect(await client.query('select 1')).toEqual(alive)
  })

  it('pass as an unused query', async () => {
    expect(await client.ask(query(''))).toEqual(['I', 'Z:I'])
  })
})
