import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClient, rows, startTrial } from './embedded.trial.ts'
import { bind, execute, flush, parse, query, RawClient, sync } from './raw-client.trial.ts'
import type { Embedded } from './start-embedded.ts'

let embedded: Embedded

beforeAll(async () => {
  embedded = await startTrial({ idleInTransactionMs: 400, limits: { inboxBytes: 20_000 } })
  const client = await openClient(embedded.url)
  await client.query('create table item (id int primary key, owner text)')
  await client.end()
}, 60_000)
afterAll(() => embedded.stop())

const until = async (condition: () => boolean) => {
  while (!condition()) await delay(2)
}
const count = async (where: string) => {
  const client = await openClient(embedded.url)
  const [row] = await rows(client, `select count(*)::int from item where ${where}`)
  await client.end()
  return row?.[0]
}

describe('turns', () => {
  it('end at the end of a transaction, and the others wait in order', async () => {
    const [first, second, third] = await Promise.all([
      openClient(embedded.url),
      openClient(embedded.url),
      openClient(embedded.url),
    ])
    const order: string[] = []
    await first.query('begin')
    await first.query("insert into item values (1, 'first')")
    const waiting = [
      second
        .query('select owner from item where id = 1')
        .then(({ rows: [row] }) => order.push(`second sees ${(row as { owner: string }).owner}`)),
      delay(20)
        .then(() => third.query('select 1'))
        .then(() => order.push('third')),
    ]
    await until(() => embedded.counters().waiting === 2)
    await first.query("update item set owner = 'first again' where id = 1")
    order.push('first commits')
    await first.query('commit')
    await Promise.all(waiting)
    expect(order).toEqual(['first commits', 'second sees first again', 'third'])
    await Promise.all([first.end(), second.end(), third.end()])
  })

  it('last through a failed transaction, until it is rolled back', async () => {
    const failing = await RawClient.open(embedded.port)
    const other = await RawClient.open(embedded.port)
    expect(await failing.ask(query('begin'))).toEqual(['C:BEGIN', 'Z:T'])
    expect(await failing.ask(query('select 1/0'))).toEqual(['E:22012', 'Z:E'])
    const answer = other.query('select 1')
    await until(() => embedded.counters().waiting === 1)
    expect(await failing.ask(query('select 1'))).toEqual(['E:25P02', 'Z:E'])
    expect(await failing.ask(query('rollback'))).toEqual(['C:ROLLBACK', 'Z:I'])
    expect(await answer).toEqual(['T', 'D:1', 'C:SELECT 1', 'Z:I'])
    for (const client of [failing, other]) client.socket.destroy()
  })

  it('go round while one client sends a long burst', async () => {
    const busy = await RawClient.open(embedded.port)
    const other = await RawClient.open(embedded.port)
    const burst = Array.from({ length: 300 }, (_, index) => [
      parse('', `select ${index}`),
      bind(''),
      execute,
      sync,
    ]).flat()
    busy.socket.write(Buffer.concat(burst))
    const served: number[] = []
    for (let index = 0; index < 300; index += 1) {
      if (index === 10) void other.query('select 1').then(() => served.push(-1))
      const reply = await busy.until('Z')
      served.push(Number(reply.find(({ type }) => type === 'D')?.body.toString('utf8', 6)))
    }
    expect(served.filter((value) => value >= 0)).toEqual(Array.from({ length: 300 }, (_, index) => index))
    expect(served.indexOf(-1)).toBeGreaterThan(0)
    for (const client of [busy, other]) client.socket.destroy()
  })

  it('answer a burst in which one sequence fails', async () => {
    const client = await RawClient.open(embedded.port)
    client.socket.write(
      Buffer.concat([
        query('select 1/0'),
        query('select 2'),
        parse('', 'selec'),
        bind(''),
        execute,
        sync,
        query('select 3'),
      ]),
    )
    const types: string[] = []
    for (let index = 0; index < 4; index += 1)
      types.push((await client.until('Z')).map(({ type }) => type).join(''))
    expect(types).toEqual(['EZ', 'TDCZ', 'EZ', 'TDCZ'])
    client.socket.destroy()
  })

  it('keep transactions of many clients apart', async () => {
    const pool = new pg.Pool({ connectionString: embedded.url, max: 8 })
    await pool.query('create table purse (id int primary key, coins int); insert into purse values (1, 0)')
    const addOne = async () => {
      const client = await pool.connect()
      await client.query('begin')
      const { rows: found } = await client.query<{ coins: number }>(
        'select coins from purse where id = $1',
        [1],
      )
      await client.query('update purse set coins = $1 where id = 1', [(found[0]?.coins ?? 0) + 1])
      await client.query('commit')
      client.release()
    }
    await Promise.all(Array.from({ length: 60 }, addOne))
    expect((await pool.query('select coins from purse')).rows).toEqual([{ coins: 60 }])
    await pool.end()
  })
})

describe('a client that stops', () => {
  it('inside its transaction is rolled back and closed after the idle timeout', async () => {
    const stuck = await RawClient.open(embedded.port)
    await stuck.query("begin; insert into item values (100, 'stuck')")
    const other = await openClient(embedded.url)
    await other.query("insert into item values (101, 'other')")
    expect(await stuck.farewell()).toEqual(['E:25P03'])
    expect(await count('id in (100, 101)')).toBe(1)
    await other.end()
  })

  it('inside an extended sequence is closed after the idle timeout', async () => {
    const stuck = await RawClient.open(embedded.port)
    stuck.socket.write(
      Buffer.concat([parse('', "insert into item values (110, 'stuck')"), bind(''), execute, flush]),
    )
    await stuck.until('C')
    expect(await count('id = 110')).toBe(0)
    expect(await stuck.farewell()).toEqual(['E:25P03'])
  })

  it('before it has sent a whole request keeps nobody waiting', async () => {
    const slow = await RawClient.open(embedded.port)
    slow.socket.write(Buffer.concat([parse('', 'select 1'), bind('')]))
    await delay(10)
    const beforeMs = performance.now()
    expect(await count('id = -1')).toBe(0)
    expect(performance.now() - beforeMs).toBeLessThan(400)
    expect(await slow.ask(execute, sync)).toEqual(['1', '2', 'D:1', 'C:SELECT 1', 'Z:I'])
    slow.socket.destroy()
  })
})

describe('a client that dies', () => {
  it('inside its transaction is rolled back', async () => {
    const dying = await RawClient.open(embedded.port)
    await dying.query("begin; insert into item values (200, 'dying')")
    dying.socket.resetAndDestroy()
    expect(await count('id = 200')).toBe(0)
  })

  it('in its failed transaction leaves the backend usable', async () => {
    const dying = await RawClient.open(embedded.port)
    await dying.query('begin; select 1/0')
    dying.socket.destroy()
    expect(await count('id = 200')).toBe(0)
  })

  it('before Sync is rolled back, although its statement was executed', async () => {
    const dying = await RawClient.open(embedded.port)
    dying.socket.write(
      Buffer.concat([parse('', "insert into item values (210, 'dying')"), bind(''), execute, flush]),
    )
    await dying.until('C')
    dying.socket.resetAndDestroy()
    expect(await count('id = 210')).toBe(0)
  })

  it('after an error before Sync leaves the backend usable', async () => {
    const dying = await RawClient.open(embedded.port)
    dying.socket.write(Buffer.concat([parse('', 'selec'), flush]))
    await dying.until('E')
    dying.socket.destroy()
    expect(await count('id = 210')).toBe(0)
  })

  it('while it waits is forgotten', async () => {
    const holder = await openClient(embedded.url)
    await holder.query('begin')
    const dying = await RawClient.open(embedded.port)
    dying.socket.write(query("insert into item values (220, 'dying')"))
    await until(() => embedded.counters().waiting === 1)
    dying.socket.resetAndDestroy()
    await until(() => embedded.counters().waiting === 0)
    await holder.query('commit')
    expect(await count('id = 220')).toBe(0)
    await holder.end()
  })
})

describe('a client that sends too much', () => {
  it('is not read while it waits, and loses nothing', async () => {
    const holder = await openClient(embedded.url)
    await holder.query('begin')
    const eager = await RawClient.open(embedded.port)
    const pausedBefore = embedded.counters().pausedReads
    for (let index = 0; index < 2000; index += 1)
      eager.socket.write(query(`select ${index}, '${'x'.repeat(400)}'`))
    await until(() => embedded.counters().pausedReads > pausedBefore)
    await holder.query('commit')
    for (let index = 0; index < 2000; index += 1) {
      const [, row] = await eager.until('Z')
      expect(row?.body.toString('utf8', 6, 6 + String(index).length)).toBe(String(index))
    }
    eager.socket.destroy()
    await holder.end()
  })

  it('may send one request larger than the bound', async () => {
    const client = await openClient(embedded.url)
    const text = 'x'.repeat(3_000_000)
    const { rows: found } = await client.query<{ length: number }>('select length($1::text)', [text])
    expect(found).toEqual([{ length: 3_000_000 }])
    await client.end()
  })
})
