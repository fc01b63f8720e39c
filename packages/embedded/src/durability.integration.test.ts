import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { forkTrial, killTrials, openClient, rows, startTrial } from './embedded.trial.ts'
import { RawClient } from './raw-client.trial.ts'

const root = mkdtempSync(join(tmpdir(), 'gridkeeper-embedded-'))
const dataDir = join(root, 'new', 'db')

afterAll(() => {
  killTrials()
  rmSync(root, { recursive: true, force: true })
})

describe('a data directory', { timeout: 180_000 }, () => {
  it('keeps every acknowledged row through kill -9 in full work', async () => {
    let acknowledged = 0
    for (let round = 0; round < 3; round += 1) {
      const server = forkTrial({ EMBEDDED_DATA_DIR: dataDir })
      const ready = await server.message
      expect(ready).toMatchObject({ type: 'ready' })
      const client = await openClient(ready.url ?? '')
      if (round === 0) {
        await client.query('create table reading (at timestamptz not null, id int not null)')
        await client.query("select create_hypertable('reading', 'at')")
      }
      // Right after a restart the very first statement meets a hypertable.
      expect(
        (await rows(client, 'select count(distinct id)::int from reading'))[0]?.[0],
      ).toBeGreaterThanOrEqual(acknowledged)
      const stopAt = acknowledged + 15
      await new Promise<void>((resolve) => {
        const insertNext = (id: number) => {
          client
            .query(
              "insert into reading select now() - id * interval '1 day', $1::int from generate_series(1, 8) id",
              [id],
            )
            .then(
              () => {
                acknowledged = id
                // Not at a moment between two requests.
                if (id === stopAt) setTimeout(() => server.child.kill('SIGKILL'), 3)
                insertNext(id + 1)
              },
              () => resolve(),
            )
        }
        insertNext(acknowledged + 1)
      })
      expect(await server.exit).toBeNull()
      expect(acknowledged).toBeGreaterThanOrEqual(stopAt)
    }
    const embedded = await startTrial({ dataDir })
    const client = await openClient(embedded.url)
    expect(
      await rows(client, `select count(distinct id)::int from reading where id <= ${acknowledged}`),
    ).toEqual([[acknowledged]])
    expect(
      await rows(
        client,
        'select count(*)::int from (select id from reading group by id having count(*) % 8 <> 0) part',
      ),
    ).toEqual([[0]])
    await client.query('begin; insert into reading values (now(), -1); commit')
    await client.end()
    await embedded.stop()
    expect(existsSync(join(dataDir, 'lock'))).toBe(false)
  })

  it('is refused to a second server', async () => {
    const embedded = await startTrial({ dataDir })
    const second = forkTrial({ EMBEDDED_DATA_DIR: dataDir })
    expect((await second.message).message).toMatch(/in use by process \d+.*EMBEDDED_DATA_DIR/)
    expect(await second.exit).toBe(1)
    await embedded.stop()
  })

  it('is whole after a clean stop by SIGTERM, also of an open transaction', async () => {
    const server = forkTrial({ EMBEDDED_DATA_DIR: dataDir })
    const { url = '' } = await server.message
    const client = await openClient(url)
    await client.query('begin; insert into reading values (now(), -2)')
    server.child.kill('SIGTERM')
    expect(await server.exit).toBe(0)
    const embedded = await startTrial({ dataDir })
    const again = await openClient(embedded.url)
    expect(await rows(again, 'select id from reading where id < 0')).toEqual([[-1]])
    await again.end()
    await embedded.stop()
  })

  it('outlives a trap of the engine: clients are sent away and may come back', async () => {
    const embedded = await startTrial({ dataDir })
    const bystander = await RawClient.open(embedded.port)
    const client = await openClient(embedded.url)
    await client.query('insert into reading values (now(), -3)')
    // Nested deeper than the engine's stack: a trap of the WebAssembly module.
    await expect(client.query(`select '${'['.repeat(200_000)}'::jsonb`)).rejects.toMatchObject({
      code: '57P02',
    })
    expect(await bystander.farewell()).toEqual(['E:57P02'])
    const again = await eventuallyOpen(embedded.url)
    expect(await rows(again, 'select id from reading where id = -3')).toEqual([[-3]])
    expect(embedded.counters().engineRestarts).toBe(1)
    await again.end()
    await embedded.stop()
  })

  it('whose creation was cut short is created again', async () => {
    const half = join(root, 'half')
    cpSync(join(dataDir, 'cluster', 'base'), join(half, 'cluster', 'base'), { recursive: true })
    const embedded = await startTrial({ dataDir: half })
    const client = await openClient(embedded.url)
    expect(await rows(client, 'select 1')).toEqual([[1]])
    await client.end()
    await embedded.stop()
  })
})

async function eventuallyOpen(url: string) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await openClient(url)
    } catch (error) {
      // The database system is starting up.
      if (attempt === 200 || (error as { code?: string }).code !== '57P03') throw error
      await delay(100)
    }
  }
}

describe('the process', { timeout: 180_000 }, () => {
  it('says which setting moves it to another port', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => blocker.once('listening', resolve))
    const { port } = blocker.address() as AddressInfo
    const server = forkTrial({ EMBEDDED_DATA_DIR: 'memory://', EMBEDDED_PORT: String(port) })
    expect(await server.message).toEqual({
      type: 'failed',
      message: expect.stringMatching(new RegExp(`port ${port} .*EMBEDDED_PORT`)) as string,
    })
    expect(await server.exit).toBe(1)
    blocker.close()
  })

  it('lets the open transaction finish when it stops', async () => {
    const embedded = await startTrial()
    const client = await RawClient.open(embedded.port)
    const idle = await RawClient.open(embedded.port)
    await client.query('create table item (id int)')
    await client.query('begin')
    const stopped = embedded.stop()
    expect(await idle.farewell()).toEqual(['E:57P01'])
    expect(await client.query('insert into item values (1)')).toEqual(['C:INSERT 0 1', 'Z:T'])
    expect(await client.query('commit')).toEqual(['C:COMMIT', 'Z:I'])
    expect(await client.farewell()).toEqual(['E:57P01'])
    await stopped
  })
})
