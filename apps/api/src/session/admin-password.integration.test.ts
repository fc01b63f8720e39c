import { startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { basic, startTestApi } from '../testing/start-test-api.ts'
import { startTestBroker, type TestBroker } from '../testing/start-test-broker.ts'

let database: TestDatabase
let broker: TestBroker

beforeAll(async () => {
  database = await startTestDatabase()
  broker = await startTestBroker()
})

afterAll(async () => {
  await broker.stop()
  await database.stop()
})

it('lets the administrator in with the password of the environment, whatever the database remembers', async () => {
  const statusWith = async (adminPassword: string, tried: string) => {
    const api = await startTestApi(database.url, broker.url, {
      session: { secret: 'x'.repeat(32), adminPassword },
    })
    try {
      const response = await fetch(`${api.url}/api/session`, {
        headers: basic({ name: 'admin', password: tried }),
      })
      return response.status
    } finally {
      await api.stop()
    }
  }
  expect(await statusWith('the first one', 'the first one')).toBe(200)
  expect(await statusWith('the second one', 'the first one')).toBe(401)
  expect(await statusWith('the second one', 'the second one')).toBe(200)
})
