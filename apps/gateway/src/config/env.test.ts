import { ConfigError } from '@gridkeeper/service-kit'
import { describe, expect, it } from 'vitest'
import { readConfig } from './env.ts'

const least = { DATABASE_URL: 'postgres://x', BUS_SECRET: 'long enough' }

describe('readConfig', () => {
  it('needs a database and a secret, and has a value for all the rest', () => {
    expect(readConfig(least)).toMatchObject({
      databaseUrl: 'postgres://x',
      mqtt: { host: '127.0.0.1', port: 1883, busSecret: 'long enough' },
      intake: { maxItems: 2_000, lingerMs: 10, limitItems: 50_000 },
    })
  })

  it('lists every problem at once', () => {
    const read = () => readConfig({ MQTT_PORT: '70000', BUS_SECRET: 'short', BATCH_MAX_ITEMS: '0' })
    expect(read).toThrow(ConfigError)
    for (const name of ['DATABASE_URL', 'MQTT_PORT', 'BUS_SECRET', 'BATCH_MAX_ITEMS'])
      expect(read).toThrow(new RegExp(name))
  })
})
