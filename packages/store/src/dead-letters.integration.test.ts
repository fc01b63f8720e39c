import { startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appendBatch } from './append-batch.ts'
import type { DeadLetterRow } from './batch.ts'
import {
  countDeadLetters,
  findDeadLetter,
  requestRerun,
  rerunAccepted,
  searchDeadLetters,
  settleReruns,
  takeRerunnable,
} from './dead-letters.ts'
import { migrate } from './migrate.ts'
import { openStore, type Store } from './pool.ts'
import { baseMs, batch, deadLetter } from './rows.trial.ts'

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await startTestDatabase()
  store = await openStore({ url: database.url, applicationName: 'test' })
  await migrate(store.pool)
})
afterAll(async () => {
  await store?.close()
  await database?.stop()
})

const text = (content: string) => ({ bytes: Buffer.from(content), size: content.length })
const keep = (...rows: Partial<DeadLetterRow>[]) =>
  appendBatch(store.pool, store.appendPath, batch({ deadLetters: rows.map(deadLetter) }))
const idsOf = async (reason: string) =>
  (await searchDeadLetters(store.pool, { reason }, 100)).map(({ id }) => id).toReversed()

describe('searching dead letters', () => {
  beforeAll(() =>
    keep(
      ...Array.from({ length: 5 }, (_, n) => ({
        reason: 'page',
        topic: `gk/v1/Meter-${n % 2}/readings`,
        detail: `KEY-${n}`,
        login: `login-${n}`,
        receivedAtMs: baseMs + Math.floor(n / 2),
      })),
    ),
  )
  const details = async (filter: object) =>
    (await searchDeadLetters(store.pool, { reason: 'page', ...filter }, 100)).map(({ detail }) => detail)

  it('finds them by login, by part of the topic or the key, and by time', async () => {
    expect(await details({})).toEqual(['KEY-4', 'KEY-3', 'KEY-2', 'KEY-1', 'KEY-0'])
    expect(await details({ login: 'login-3' })).toEqual(['KEY-3'])
    expect(await details({ text: 'meter-1' })).toEqual(['KEY-3', 'KEY-1'])
    expect(await details({ text: 'key-2' })).toEqual(['KEY-2'])
    expect(await details({ text: '%' })).toEqual([])
    expect(await details({ range: { fromMs: baseMs + 1, toMs: baseMs + 2 } })).toEqual(['KEY-3', 'KEY-2'])
  })

  it('pages without a gap or a repetition, also between letters of one millisecond', async () => {
    const seen: (string | null)[] = []
    for (let after = null; ;) {
      const page = await searchDeadLetters(store.pool, { reason: 'page' }, 2, after)
      seen.push(...page.map(({ detail }) => detail))
      const last = page.at(-1)
      if (last === undefined) break
      after = last as never
    }
    expect(seen).toEqual(['KEY-4', 'KEY-3', 'KEY-2', 'KEY-1', 'KEY-0'])
  })

  it('counts them by reason, with those that could run again', async () => {
    const fromMs = baseMs + 1_000_000
    const receivedAtMs = fromMs + 5
    await keep(
      { reason: 'counted', receivedAtMs, ...text('a') },
      { reason: 'counted', receivedAtMs: receivedAtMs + 1, bytes: Buffer.from('cut'), size: 9_000 },
    )
    expect(await countDeadLetters(store.pool, { fromMs, toMs: fromMs + 1_000 })).toEqual([
      { reason: 'counted', count: 2, newestMs: receivedAtMs + 1, rerunnable: 1 },
    ])
  })

  it('shows the bytes of one', async () => {
    await keep({ reason: 'bytes', ...text('{"网"'), size: 6 })
    const [id = 0] = await idsOf('bytes')
    expect((await findDeadLetter(store.pool, id))?.bytes.toString()).toBe('{"网"')
    expect(await findDeadLetter(store.pool, 999_999)).toBeNull()
  })
})

describe('running dead letters again', () => {
  it('asks only for those whose bytes are whole, once', async () => {
    await keep(
      { reason: 'whole', ...text('a') },
      { reason: 'whole', ...text('b') },
      { reason: 'whole', bytes: Buffer.from('cut'), size: 9_000 },
    )
    expect(await requestRerun(store.pool, { reason: 'whole' })).toEqual({ requested: 2, left: 0 })
    expect(await requestRerun(store.pool, { reason: 'whole' })).toEqual({ requested: 0, left: 0 })
    const taken = await takeRerunnable(store.pool, 10)
    expect(taken.map(({ bytes }) => bytes.toString())).toEqual(['a', 'b'])
    expect(taken[0]).toMatchObject({ source: 'mqtt', topic: 'gk/v1/X/readings', receivedAtMs: baseMs })
  })

  it('asks for no more than the limit, oldest first, and tells how many are left', async () => {
    await keep(...[3, 1, 2].map((n) => ({ reason: 'many', receivedAtMs: baseMs + n, ...text(`${n}`) })))
    expect(await requestRerun(store.pool, { reason: 'many' }, 2)).toEqual({ requested: 2, left: 1 })
    expect((await takeRerunnable(store.pool, 10)).map(({ bytes }) => bytes.toString())).toEqual(['1', '2'])
  })

  it('gives a letter to one gateway, and to another one if that one died', async () => {
    await keep({ reason: 'leased', ...text('a') })
    const ids = await idsOf('leased')
    expect(await requestRerun(store.pool, { ids })).toMatchObject({ requested: 1 })
    expect((await takeRerunnable(store.pool, 10)).map(({ id }) => id)).toEqual(ids)
    expect(await takeRerunnable(store.pool, 10)).toEqual([])
    await store.pool.query(`update dead_letter set rerun_taken_at = now() - interval '2 minutes'`)
    expect((await takeRerunnable(store.pool, 100)).map(({ id }) => id)).toEqual(expect.arrayContaining(ids))
  })

  it('keeps the outcome; what was refused again may be asked for again, what was accepted may not', async () => {
    await keep({ reason: 'settled', ...text('a') }, { reason: 'settled', ...text('b') })
    const [first = 0, second = 0] = await idsOf('settled')
    await requestRerun(store.pool, { reason: 'settled' })
    await takeRerunnable(store.pool, 100)
    await settleReruns(store.pool, [
      { id: first, outcome: rerunAccepted },
      { id: second, outcome: 'unknown-device' },
    ])
    expect(await findDeadLetter(store.pool, second)).toMatchObject({ rerunOutcome: 'unknown-device' })
    expect(await requestRerun(store.pool, { reason: 'settled' })).toEqual({ requested: 1, left: 0 })
    expect((await takeRerunnable(store.pool, 100)).map(({ id }) => id)).toEqual([second])
  })
})
