import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { migrate, openStore, type Store } from '@gridkeeper/store'
import { eventually, startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { busSecret, registerDevices } from '../gateway.trial.ts'
import { Publisher } from '../publisher.trial.ts'
import { mosquittoProgram, startMosquitto, type Mosquitto } from './mosquitto.trial.ts'

/** The goal is 50; a run of all tests does a few. */
const kills = Number(process.env['TEST_KILLS'] ?? 3)
const publisherCount = 6
const perPublisher = 1_500 + 600 * kills

describe.skipIf(mosquittoProgram === undefined)(
  'two gateways behind Mosquitto (skipped where Mosquitto is not installed)',
  () => {
    let database: TestDatabase
    let store: Store
    let broker: Mosquitto
    const running = new Set<ChildProcess>()
    const fromMs = Date.now() - 3_600_000

    beforeAll(async () => {
      database = await startTestDatabase()
      store = await openStore({ url: database.url, applicationName: 'test' })
      await migrate(store.pool)
      await registerDevices(store.pool, 10)
      broker = await startMosquitto()
    })
    afterAll(async () => {
      for (const child of running) child.kill('SIGKILL')
      await store?.close()
      await broker?.remove()
      await database?.stop()
    })

    const startGateway = async (clientId: string): Promise<ChildProcess> => {
      const child = fork(join(import.meta.dirname, '..', '..', 'dist', 'main.js'), [], {
        execArgv: [],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        env: {
          ...process.env,
          LOG_LEVEL: 'silent',
          DATABASE_URL: database.url,
          BUS_SECRET: busSecret,
          GATEWAY_HTTP_PORT: '0',
          MQTT_URL: broker.url,
          MQTT_CLIENT_ID: clientId,
          MQTT_TAKEOVER_S: '2',
        },
      })
      running.add(child)
      const [message] = (await once(child, 'message')) as [{ type: string }]
      expect(message.type).toBe('ready')
      return child
    }
    const kill = async (child: ChildProcess) => {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
      running.delete(child)
    }

    it(
      `lose nothing and double nothing when one of them is killed ${kills} times at random moments, and the last time stays away`,
      async () => {
        const names = ['first', 'second']
        const gateways = await Promise.all(names.map(startGateway))
        const publishers = Array.from(
          { length: publisherCount },
          (_, index) => new Publisher(`M-${index + 1}`, () => broker.port, fromMs),
        )
        const publishing = Promise.all(publishers.map((publisher) => publisher.run(perPublisher)))
        let isPublishing = true
        void publishing.then(() => (isPublishing = false))
        let underLoad = 0
        for (let done = 0; done < kills; done++) {
          await sleep(100 + Math.random() * 400)
          const at = done % 2
          const victim = gateways[at]
          if (victim === undefined) throw new Error('no such gateway')
          if (isPublishing) underLoad++
          await kill(victim)
          if (done < kills - 1) gateways[at] = await startGateway(names[at] ?? '')
        }
        await publishing
        const stored = async () => {
          const { rows } = await store.pool.query<{ key: string; rows: number; times: number }>(
            `select device.key, count(*)::int as rows, count(distinct time)::int as times
             from reading_meter join device using (asset_id) group by 1 order by 1`,
          )
          return rows
        }
        await eventually(
          async () =>
            expect(await stored()).toEqual(
              publishers.map(({ deviceKey }) => ({
                key: deviceKey,
                rows: perPublisher,
                times: perPublisher,
              })),
            ),
          { timeoutMs: 30_000, intervalMs: 200 },
        )
        expect(publishers.map(({ acknowledged }) => acknowledged.size)).toEqual(
          publishers.map(() => perPublisher),
        )
        expect(underLoad).toBeGreaterThan(0)
      },
      60_000 + kills * 10_000,
    )
  },
)
