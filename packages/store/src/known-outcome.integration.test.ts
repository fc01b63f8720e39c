import { startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrate } from './migrate.ts'
import { inKnownTransaction, openStore, OutcomeUnknown, type Store } from './pool.ts'

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

const lastToken = async () => {
  const { rows } = await store.pool.query<{ writer: string; token: string }>(
    'select writer, token from commit_token',
  )
  return { writer: rows[0]?.writer ?? '', token: Number(rows[0]?.token) }
}
const unknown = (writer: string, token: number) =>
  new OutcomeUnknown(store.pool, writer, token, 'the result', new Error('no answer'))

it('settles by what the writer itself committed, and not by ids that the server may give twice', async () => {
  await inKnownTransaction(store.pool, async (client) => client.query('select 1'))
  const { writer, token } = await lastToken()
  expect(await unknown(writer, token).settle()).toBe('the result')
  // The next one did not come through; meanwhile the server commits others as often as it likes.
  for (let at = 0; at < 5; at++) await store.pool.query('create table if not exists other (id int)')
  expect(await unknown(writer, token + 1).settle()).toBeNull()
  await inKnownTransaction(store.pool, async (client) => client.query('select 1'))
  expect(await unknown(writer, token + 1).settle()).toBe('the result')
})

it('leaves no trace of a transaction that failed', async () => {
  const before = await lastToken()
  await expect(inKnownTransaction(store.pool, (client) => client.query('select 1 / 0'))).rejects.toThrow()
  expect(await lastToken()).toEqual(before)
  expect(await unknown(before.writer, before.token + 1).settle()).toBeNull()
})
