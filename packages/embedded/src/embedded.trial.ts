// What the integration tests share: a server in this process, and one in a process that can be killed.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLogger } from '@gridkeeper/service-kit'
import pg from 'pg'
import { startEmbedded } from './start-embedded.ts'
import type { Embedded, EmbeddedOptions } from './start-embedded.ts'

export const templateDir = join(tmpdir(), 'gridkeeper-testkit')

export function startTrial(options: Partial<EmbeddedOptions> = {}): Promise<Embedded> {
  return startEmbedded({
    dataDir: 'memory://',
    logger: createLogger('trial', 'silent'),
    jobIntervalMs: 0,
    templateDir,
    ...options,
  })
}

export async function openClient(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  // A test that kills its server expects the connection to break.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

export async function rows(client: pg.Client, sql: string): Promise<unknown[][]> {
  const result = await client.query({ text: sql, rowMode: 'array' })
  return result.rows as unknown[][]
}

export interface TrialProcess {
  readonly child: ChildProcess
  readonly message: Promise<{ type: string; url?: string; message?: string }>
  readonly exit: Promise<number | null>
  readonly errors: () => string
}

const running = new Set<ChildProcess>()

/** The built-in process entry, from source. */
export function forkTrial(env: Record<string, string>): TrialProcess {
  const child = fork(fileURLToPath(new URL('./main.ts', import.meta.url)), [], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
    env: {
      ...process.env,
      EMBEDDED_PORT: '0',
      EMBEDDED_JOB_INTERVAL_MS: '0',
      EMBEDDED_TEMPLATE_DIR: templateDir,
      ...env,
    },
  })
  running.add(child)
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const exit = once(child, 'exit').then(([code]) => {
    running.delete(child)
    return code as number | null
  })
  const message = new Promise<{ type: string; url?: string; message?: string }>((resolve) => {
    child.once('message', (value) => resolve(value as { type: string }))
    void exit.then((code) => resolve({ type: 'ended', message: `ended with ${code}: ${errors}` }))
  })
  return { child, message, exit, errors: () => errors }
}

export function killTrials(): void {
  for (const child of running) child.kill('SIGKILL')
}
