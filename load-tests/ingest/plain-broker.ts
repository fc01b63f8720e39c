import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, freePort } from '@gridkeeper/testkit'
import { end } from './child-process.ts'

export interface PlainBroker {
  readonly name: string
  readonly port: number
  stop(): Promise<void>
}

/** A Mosquitto without limits on what waits, so that it is never what holds Node-RED up. Null: there is none on PATH. */
export async function startPlainBroker(): Promise<PlainBroker | null> {
  const asked = spawnSync('mosquitto', ['-h'], { encoding: 'utf8' })
  const version = /mosquitto version (\S+)/.exec(asked.stdout ?? '')?.[1]
  if (version === undefined) return null
  const folder = mkdtempSync(join(tmpdir(), 'gridkeeper-ingest-broker-'))
  const file = join(folder, 'mosquitto.conf')
  const port = await freePort()
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence false',
    'max_queued_messages 0',
    'max_inflight_messages 1000',
    'set_tcp_nodelay true',
    'log_type error',
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  const child = spawn('mosquitto', ['-c', file], { stdio: 'ignore' })
  await eventually(() => answers(port))
  return {
    name: `Mosquitto ${version}`,
    port,
    stop: async () => {
      await end(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const answers = (port: number) =>
  new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', reject)
  })
