import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, freePort } from '@gridkeeper/testkit'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mosquittoProgram } from './mosquitto.trial.ts'

const example = join(import.meta.dirname, '..', '..', '..', '..', 'infra', 'mosquitto')
const conf = readFileSync(join(example, 'mosquitto.conf'), 'utf8')
/** Beside the broker in every package of it. */
const passwordProgram = 'mosquitto_passwd'
const canRun = mosquittoProgram !== undefined && spawnSync(passwordProgram, []).error === undefined

describe.skipIf(!canRun)(
  'infra/mosquitto, as Mosquitto reads it (skipped where Mosquitto is not installed)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'gridkeeper-mosquitto-'))
    let broker: ChildProcess | undefined
    let url = ''

    beforeAll(async () => {
      // Started by root, Mosquitto becomes a user of its own.
      chmodSync(folder, 0o777)
      const port = await freePort()
      url = `mqtt://127.0.0.1:${port}`
      const file = join(folder, 'mosquitto.conf')
      writeFileSync(
        file,
        conf
          .replace('listener 1883', `listener ${port} 127.0.0.1`)
          .replace('/mosquitto/config/acl', join(example, 'acl'))
          .replaceAll('/mosquitto/data/', `${folder}/`),
      )
      writeFileSync(join(folder, 'passwords'), '')
      for (const name of ['gk-bus', 'gk-gateway', 'M-1'])
        spawnSync(passwordProgram, ['-b', join(folder, 'passwords'), name, `${name} secret`])
      chmodSync(join(folder, 'passwords'), 0o644)
      broker = spawn(mosquittoProgram ?? '', ['-c', file], { stdio: 'ignore' })
      await eventually(async () => (await login('gk-bus')).end(true))
    })
    afterAll(() => {
      broker?.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    })

    const login = (name: string, password = `${name} secret`) =>
      connectAsync(url, { username: name, password, protocolVersion: 5, reconnectPeriod: 0 }, false)
    /** What a listener with every right hears of a publication. */
    const passes = async (name: string, topic: string): Promise<boolean> => {
      const speaker = await login(name)
      const code = await speaker.publishAsync(topic, 'x', { qos: 1 }).then(
        () => 0,
        (error: { code?: number }) => error.code ?? 0x80,
      )
      speaker.end(true)
      return code < 0x80
    }

    it('refuses a wrong password, and no password', async () => {
      await expect(login('M-1', 'wrong')).rejects.toThrow(/Not authorized|Bad/i)
      await expect(connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0 }, false)).rejects.toThrow()
    })

    it('lets a device speak under its own key only', async () => {
      expect(await passes('M-1', 'gk/v1/M-1/readings')).toBe(true)
      for (const topic of [
        'gk/v1/M-2/readings',
        'gk/bus/frames/x',
        'gk/bus/session/gridkeeper/x',
        'spBv1.0/g/NCMD/M-1',
        '$SYS/x',
      ])
        expect(await passes('M-1', topic), topic).toBe(false)
      expect(await passes('gk-gateway', 'gk/bus/frames/x')).toBe(false)
      expect(await passes('gk-gateway', 'spBv1.0/g/NCMD/edge')).toBe(true)
      expect(await passes('gk-bus', 'gk/bus/frames/x')).toBe(true)
    })

    it('lets a device hear nothing of others', async () => {
      const [device, gateway] = [await login('M-1'), await login('gk-gateway')]
      const heard = { device: 0, gateway: 0 }
      device.on('message', () => heard.device++)
      gateway.on('message', () => heard.gateway++)
      await device.subscribeAsync(['gk/v1/#', 'gk/bus/#']).catch(() => undefined)
      await gateway.subscribeAsync('$share/gridkeeper/gk/v1/+/readings', { qos: 1 })
      await device.publishAsync('gk/v1/M-1/readings', 'x', { qos: 1 })
      await eventually(() => expect(heard.gateway).toBe(1))
      expect(heard.device).toBe(0)
      device.end(true)
      gateway.end(true)
    })
  },
)
