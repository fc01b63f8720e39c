import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, freePort } from '@gridkeeper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeTarget } from './broker-target.ts'
import { mosquittoProgram, startMosquitto, type Mosquitto } from './mosquitto.trial.ts'
import { MqttConnection } from './mqtt-connection.ts'

const certifier = 'openssl'
const canRun = mosquittoProgram !== undefined && spawnSync(certifier, ['version']).error === undefined

describe.skipIf(!canRun)('the ways to a broker (skipped where Mosquitto or openssl is not installed)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gridkeeper-tls-'))
  const [certificate, key] = [join(folder, 'broker.pem'), join(folder, 'broker.key')]
  let broker: Mosquitto
  let wsPort: number
  let tlsPort: number

  beforeAll(async () => {
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const asked = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      certificate,
    ]
    expect(spawnSync(certifier, [...asked, ...names]).status).toBe(0)
    ;[wsPort, tlsPort] = [await freePort(), await freePort()]
    broker = await startMosquitto([
      `listener ${wsPort} 127.0.0.1`,
      'protocol websockets',
      `listener ${tlsPort} 127.0.0.1`,
      `certfile ${certificate}`,
      `keyfile ${key}`,
    ])
  })
  afterAll(async () => {
    await broker?.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const visit = async (url: string, caFile: string | null = null): Promise<void> => {
    const heard: string[] = []
    const connection = await MqttConnection.open({
      target: makeTarget(url, { caFile, certFile: null, keyFile: null }),
      clientId: '',
      username: null,
      password: null,
      clean: true,
      sessionExpirySeconds: 0,
      receiveMaximum: 10,
      onPublish: ({ payload }) => void heard.push(payload.toString()),
      onEnd: () => undefined,
    })
    await connection.subscribe([{ topic: 'a', qos: 0 }])
    connection.publish('a', 'x'.repeat(100_000))
    await eventually(() => expect(heard[0]).toHaveLength(100_000))
    await connection.close()
  }

  it('is plain', () => visit(broker.url))

  it('is a WebSocket', () => visit(`ws://127.0.0.1:${wsPort}/mqtt`))

  it('is TLS, of a certificate that is known and no other', async () => {
    await visit(`mqtts://localhost:${tlsPort}`, certificate)
    await expect(visit(`mqtts://localhost:${tlsPort}`)).rejects.toThrow(/self.signed/)
  })
})
