import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, freePort } from '@gridkeeper/testkit'

const candidates = [process.env['MOSQUITTO'] ?? '', 'mosquitto', '/usr/sbin/mosquitto']
/** Debian installs it where only root's PATH leads. */
export const mosquittoProgram = candidates.find(
  (program) =>
    program !== '' &&
    (program.includes('/') ? existsSync(program) : spawnSync(program, ['-h']).error === undefined),
)

export interface Mosquitto {
  readonly port: number
  readonly url: string
  /** Kills it at once; what it had not written is lost. */
  kill(): Promise<void>
  /** A clean stop. */
  halt(): Promise<void>
  restart(): Promise<void>
  /** Stopped, and its files removed. */
  remove(): Promise<void>
}

/** A real Mosquitto 2 that takes everybody, on a free port. */
export async function startMosquitto(settings: readonly string[] = []): Promise<Mosquitto> {
  const program = mosquittoProgram
  if (program === undefined) throw new Error('Mosquitto is not installed')
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'gridkeeper-mosquitto-'))
  const file = join(folder, 'mosquitto.conf')
  await writeFile(
    file,
    [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'user root',
      'persistence true',
      `persistence_location ${folder}/`,
      'max_inflight_messages 10000',
      'max_queued_messages 1000000',
      'log_dest stderr',
      'log_type error',
      'log_type warning',
      'sys_interval 1',
      ...settings,
      '',
    ].join('\n'),
  )
  let child: ChildProcess | undefined
  const start = async () => {
    child = spawn(program, ['-c', file], { stdio: ['ignore', 'ignore', 'ignore'] })
    await eventually(async () => {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      socket.destroy()
    })
  }
  const end = async (signal: NodeJS.Signals) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  await start()
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    kill: () => end('SIGKILL'),
    halt: () => end('SIGTERM'),
    restart: start,
    remove: async () => {
      await end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
