import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startService } from './child-process.ts'
import type { EngineName } from './options.ts'
import { parentOf, usageOfTree, type Usage } from './process-usage.ts'

export interface Engine {
  readonly name: EngineName
  /** For the result: what it says of itself. */
  readonly version: string
  readonly url: string
  /** Null: the server runs on another machine. */
  readonly usage: Usage | null
  stop(): Promise<void>
}

export const startEngine = (name: EngineName, serverUrl: string | null): Promise<Engine> =>
  name === 'embedded' ? startEmbedded() : createOnServer(serverUrl ?? '')

/** On disk and with every setting of `npm start`, in a folder of its own. */
async function startEmbedded(): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), 'gridkeeper-ingest-'))
  const program = createRequire(import.meta.url).resolve('@gridkeeper/embedded/main')
  const service = await startService(program, {
    EMBEDDED_DATA_DIR: join(folder, 'db'),
    EMBEDDED_HOST: '127.0.0.1',
    EMBEDDED_PORT: '0',
    EMBEDDED_PASSWORD: '',
  })
  const url = String(service.ready['url'])
  return {
    name: 'embedded',
    version: await askVersion(url),
    url,
    usage: usageOfTree(service.child.pid ?? 0),
    stop: async () => {
      await service.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A new database on the server, dropped at `stop`. */
async function createOnServer(serverUrl: string): Promise<Engine> {
  const name = `gridkeeper_ingest_${randomBytes(4).toString('hex')}`
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  await withClient(serverUrl, (client) => client.query(`create database ${name}`))
  return {
    name: 'native',
    version: await askVersion(serverUrl),
    url: url.href,
    usage: await findServerUsage(url.href),
    stop: async () => {
      await withClient(serverUrl, (client) => client.query(`drop database if exists ${name} with (force)`))
    },
  }
}

/** The parent of any backend is the server; all of its other processes are its children, too. */
const findServerUsage = (url: string): Promise<Usage | null> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ id: number; here: boolean }>(
      'select pg_backend_pid() as id, inet_server_addr() is not distinct from inet_client_addr() as here',
    )
    const serverId = rows[0]?.here === true ? parentOf(rows[0].id) : null
    return serverId === null || serverId <= 1 ? null : usageOfTree(serverId)
  })

const askVersion = (url: string): Promise<string> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ version: string }>('select version()')
    return rows[0]?.version ?? 'unknown'
  })

async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
