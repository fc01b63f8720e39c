import { randomBytes } from 'node:crypto'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, readlink, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@gridkeeper/testkit'
import pg from 'pg'
import { Program } from './program.ts'

/** The database of one scenario: made for it, thrown away after it. */
export interface Database {
  readonly url: string
  /** Whose memory is watched, and who is killed; null: not running, or not on this machine. */
  readonly pid: number | null
  /** Why its process cannot be killed or stopped by us; null: it can. */
  readonly outOfReach: string | null
  /** `kill -9`; resolves to how it ended. */
  kill(): Promise<string>
  stop(): Promise<void>
  start(): Promise<void>
  dispose(): Promise<void>
}

export interface DatabaseOptions {
  /** A server's address; null: the embedded engine, in a temporary folder on disk. */
  readonly serverUrl: string | null
  /** The data folder of that server, where it is on this machine and ours to kill. */
  readonly postgresData: string | null
}

export const openDatabase = ({ serverUrl, postgresData }: DatabaseOptions): Promise<Database> =>
  serverUrl === null ? EmbeddedDatabase.open() : NativeDatabase.open(serverUrl, postgresData)

class EmbeddedDatabase implements Database {
  readonly outOfReach = null
  #program: Program | null = null

  private readonly folder: string
  private readonly port: number

  private constructor(folder: string, port: number) {
    this.folder = folder
    this.port = port
  }

  static async open(): Promise<EmbeddedDatabase> {
    const folder = await mkdtemp(join(tmpdir(), 'gridkeeper-faults-'))
    const database = new EmbeddedDatabase(folder, await freePort())
    await database.start()
    return database
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`
  }

  get pid(): number | null {
    return this.#program === null || this.#program.hasEnded ? null : this.#program.pid
  }

  async start(): Promise<void> {
    this.#program = await Program.start('packages/embedded/dist/main.js', {
      EMBEDDED_DATA_DIR: join(this.folder, 'db'),
      EMBEDDED_HOST: '127.0.0.1',
      EMBEDDED_PORT: String(this.port),
      EMBEDDED_PASSWORD: '',
      EMBEDDED_TEMPLATE_DIR: join(tmpdir(), 'gridkeeper-testkit'),
    })
  }

  async kill(): Promise<string> {
    return (await this.#program?.kill()) ?? 'was not running'
  }

  async stop(): Promise<void> {
    await this.#program?.stop()
  }

  async dispose(): Promise<void> {
    await this.kill()
    await rm(this.folder, { recursive: true, force: true })
  }
}

class NativeDatabase implements Database {
  readonly url: string
  pid: number | null = null
  /** How the server was started, so that it is started the same way again. */
  #command: { program: string; args: string[]; uid: number; gid: number } | null = null

  private readonly serverUrl: string
  private readonly dataFolder: string | null
  private readonly name: string

  private constructor(serverUrl: string, dataFolder: string | null, name: string) {
    this.serverUrl = serverUrl
    this.dataFolder = dataFolder
    this.name = name
    const url = new URL(serverUrl)
    url.pathname = `/${name}`
    this.url = url.href
  }

  static async open(serverUrl: string, dataFolder: string | null): Promise<NativeDatabase> {
    const database = new NativeDatabase(
      serverUrl,
      dataFolder,
      `gridkeeper_faults_${randomBytes(5).toString('hex')}`,
    )
    await runOnce(serverUrl, `create database ${database.name}`)
    await runOnce(database.url, 'create extension if not exists timescaledb')
    await database.#findServer()
    return database
  }

  get outOfReach(): string | null {
    return this.#command === null
      ? 'a server of its own life: name its data folder by --postgres-data, if it may be killed'
      : null
  }

  kill(): Promise<string> {
    return this.#end('SIGKILL')
  }

  async stop(): Promise<void> {
    // What `pg_ctl stop -m fast` sends.
    await this.#end('SIGINT')
  }

  async start(): Promise<void> {
    const command = this.#command
    if (command === null) return
    // After a kill the server's other processes hold the old memory for a moment; until they are gone a new one gives up at once.
    for (let attempt = 0; attempt < 200; attempt++) {
      const { program, args, uid, gid } = command
      const isRoot = process.getuid?.() === 0
      const child = spawn(program, args, {
        detached: true,
        stdio: 'ignore',
        cwd: '/',
        ...(isRoot ? { uid, gid } : {}),
      })
      child.unref()
      const ended = new Promise<true>((resolve) => child.once('exit', () => resolve(true)))
      while ((await Promise.race([ended, sleep(100, false)])) === false) {
        if (!(await this.#answers())) continue
        await this.#findServer()
        return
      }
      await sleep(100)
    }
    throw new Error(`the server did not start again: ${command.program} ${command.args.join(' ')}`)
  }

  async dispose(): Promise<void> {
    if (!(await this.#answers())) await this.start()
    await runOnce(this.serverUrl, `drop database if exists ${this.name} with (force)`)
  }

  async #end(signal: 'SIGKILL' | 'SIGINT'): Promise<string> {
    const { pid } = this
    if (pid === null) return 'was not running'
    process.kill(pid, signal)
    while (isAlive(pid)) await sleep(10)
    this.pid = null
    return signal
  }

  async #findServer(): Promise<void> {
    if (this.dataFolder === null) return
    const pid = Number((await readFile(join(this.dataFolder, 'postmaster.pid'), 'utf8')).split('\n')[0])
    const { uid, gid } = await stat(this.dataFolder)
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').slice(0, -1)
    this.pid = pid
    this.#command ??= { program: await readlink(`/proc/${pid}/exe`), args: words.slice(1), uid, gid }
  }

  async #answers(): Promise<boolean> {
    try {
      await runOnce(this.serverUrl, 'select 1')
      return true
    } catch {
      return false
    }
  }
}

/** A process that has ended and was not yet collected by its parent is not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function runOnce(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
