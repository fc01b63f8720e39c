import { ConfigError } from '@gridkeeper/service-kit'
import { describe, expect, it } from 'vitest'
import { readConfig } from './env.ts'

const least = { DATABASE_URL: 'postgres://x', BUS_SECRET: 'long enough' }

describe('readConfig', () => {
  it('needs a database and a secret, and has a value for all the rest', () => {
    expect(readConfig(least)).toMatchObject({
      databaseUrl: 'postgres://x',
      mqtt: { host: '127.0.0.1', port: 1883, busSecret: 'long enough' },
      intake: { maxItems: 5_000, lingerMs: 10, limitItems: 50_000 },
    })
  })

  it('has a broker of its own unless MQTT_URL names another', () => {
    expect(readConfig(least).external).toBeNull()
    expect(
      readConfig({ ...least, MQTT_URL: 'mqtts://user:secret@broker.example:8883' }).external,
    ).toMatchObject({
      group: 'gridkeeper',
      isShared: true,
      clientId: expect.stringMatching(/^gridkeeper-./) as string,
      receiveMaximum: 10_000,
      sessionExpirySeconds: 86_400,
    })
    const given = {
      MQTT_URL: 'ws://broker/mqtt',
      MQTT_TOPICS: 'gk/v1/#, +/online',
      MQTT_SHARED: 'false',
      BATCH_MAX_ITEMS: '100',
    }
    expect(readConfig({ ...least, ...given }).external).toMatchObject({
      topics: ['gk/v1/#', '+/online'],
      isShared: false,
      receiveMaximum: 200,
    })
  })

  it('takes no group and no client id that would change a topic, and no other kind of address', () => {
    const read = () => readConfig({ ...least, MQTT_URL: 'http://x', MQTT_GROUP: 'a/b', MQTT_CLIENT_ID: '+' })
    for (const name of ['MQTT_URL', 'MQTT_GROUP', 'MQTT_CLIENT_ID']) expect(read).toThrow(new RegExp(name))
  })

  it('lists every problem at once', () => {
    const read = () => readConfig({ MQTT_PORT: '70000', BUS_SECRET: 'short', BATCH_MAX_ITEMS: '0' })
    expect(read).toThrow(ConfigError)
    for (const name of ['DATABASE_URL', 'MQTT_PORT', 'BUS_SECRET', 'BATCH_MAX_ITEMS'])
      expect(read).toThrow(new RegExp(name))
  })
})
