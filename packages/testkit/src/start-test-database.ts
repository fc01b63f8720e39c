import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

export interface TestDatabase {
  /** A connection string for `pg`. */
  readonly url: string
  stop(): Promise<void>
}

export interface TestDatabaseOptions {
  /** Run due policy jobs this often. Default 0: never, so that a test sees only what it does itself. */
  readonly jobIntervalMs?: number
}

/**
 * An empty database with TimescaleDB. It is an embedded one in memory, in a process of its own (about 0.9 s, because
 * the engine blocks the process it runs in; 3 s the first time on a machine); or, when TEST_DATABASE_URL is set, a new
 * database on that native server, dropped at `stop`.
 */
export function startTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const serverUrl = process.env['TEST_DATABASE_URL']
  return serverUrl === undefined || serverUrl === ''
    ? startEmbeddedProcess(options)
    : createOnServer(serverUrl, options)
}

async function startEmbeddedProcess({ jobIntervalMs = 0 }: TestDatabaseOptions): Promise<TestDatabase> {
  const program = createRequire(import.meta.url).resolve('@gridkeeper/embedded/main')
  const child = fork(program, [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
    env: {
      ...process.env,
      LOG_LEVEL: 'silent',
      EMBEDDED_DATA_DIR: 'memory://',
      EMBEDDED_HOST: '127.0.0.1',
      EMBEDDED_PORT: '0',
      EMBEDDED_PASSWORD: '',
      EMBEDDED_JOB_INTERVAL_MS: String(jobIntervalMs),
      EMBEDDED_TEMPLATE_DIR: join(tmpdir(), 'gridkeeper-testkit'),
    },
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message: { type: string; url?: string; message?: string }) => {
      if (message.type === 'ready' && message.url !== undefined) resolve(message.url)
      else reject(new Error(message.message ?? 'the test database did not start'))
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the test database ended with ${code}`)))
  })
  return {
    url,
    async stop() {
      // Nothing in it is worth a clean end.
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function createOnServer(
  serverUrl: string,
  { jobIntervalMs = 0 }: TestDatabaseOptions,
): Promise<TestDatabase> {
  const name = `gridkeeper_test_${randomBytes(6).toString('hex')}`
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  await runOnce(serverUrl, `create database ${name}`)
  await runOnce(url.href, 'create extension if not exists timescaledb')
  // The server's own scheduler would run policies behind the test's back.
  if (jobIntervalMs === 0) await runOnce(url.href, 'select _timescaledb_functions.stop_background_workers()')
  return {
    url: url.href,
    stop: () => runOnce(serverUrl, `drop database if exists ${name} with (force)`),
  }
}

async function runOnce(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
