import { randomUUID } from 'node:crypto'
import pg from 'pg'

/** `copy`: a native server. `unnest`: the embedded engine, which has no COPY FROM STDIN. */
export type AppendPath = 'copy' | 'unnest'

export interface Store {
  readonly pool: pg.Pool
  readonly appendPath: AppendPath
  close(): Promise<void>
}

export interface OpenStoreOptions {
  readonly url: string
  readonly applicationName: string
  readonly maxConnections?: number
  /** Called for errors of idle connections (a restarting server); the pool replaces them by itself. */
  readonly onIdleError?: (error: Error) => void
  /** Default: by what the server is. */
  readonly appendPath?: AppendPath
}

/** Opens a pool and asks the server which way of appending it takes. Throws if the server cannot be reached. */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.maxConnections ?? 4,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  pool.on('error', (error) => options.onIdleError?.(error))
  try {
    return { pool, appendPath: options.appendPath ?? (await findAppendPath(pool)), close: () => pool.end() }
  } catch (error) {
    await pool.end()
    throw error
  }
}

/** By what the server is; any client or pool. */
export async function findAppendPath(client: pg.Pool | pg.ClientBase): Promise<AppendPath> {
  const { rows } = await client.query<{ version: string }>('select version()')
  return rows[0]?.version.includes('emcc') === true ? 'unnest' : 'copy'
}

/** Runs `work` in one transaction on one connection; rolls back and rethrows on any error. */
export const inTransaction = <T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> =>
  withClient(pool, async (client) => {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  })

/** Who commits, and the number of its last transaction. */
interface Writer {
  readonly id: string
  token: number
}
const writers = new WeakMap<pg.Pool, Writer>()

/** The connection broke after COMMIT had been sent: only the database knows whether the transaction stands. */
export class OutcomeUnknown<T> extends Error {
  readonly code = 'outcome-unknown'

  constructor(
    private readonly pool: pg.Pool,
    private readonly writer: string,
    private readonly token: number,
    private readonly result: T,
    cause: unknown,
  ) {
    super('the connection broke during the commit', { cause })
  }

  /**
   * The result if it was committed, null if it was not; throws as long as neither is known: a transaction that is still at it holds the writer's row.
   * To be asked before the writer's next transaction.
   */
  async settle(): Promise<T | null> {
    const { rows } = await this.pool.query<{ token: string }>(
      'select token from commit_token where writer = $1 for update nowait',
      [this.writer],
    )
    return rows[0]?.token === String(this.token) ? this.result : null
  }
}

/** As {@link inTransaction}, but a commit without an answer rejects with {@link OutcomeUnknown}, by which it can be settled. */
export const inKnownTransaction = <T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> =>
  withClient(pool, async (client) => {
    const writer = await writerOf(pool, client)
    const token = ++writer.token
    // Two statements in one message: one way there and back.
    await client.query(
      `begin; update commit_token set token = ${token}, at = now() where writer = '${writer.id}'`,
    )
    const result = await work(client)
    try {
      await client.query('commit')
    } catch (error) {
      throw isRefusal(error) ? error : new OutcomeUnknown(pool, writer.id, token, result, error)
    }
    return result
  })

/** Those that are gone for a day are forgotten on the way. */
async function writerOf(pool: pg.Pool, client: pg.PoolClient): Promise<Writer> {
  const known = writers.get(pool)
  if (known !== undefined) return known
  const writer = { id: randomUUID(), token: 0 }
  await client.query(`delete from commit_token where at < now() - interval '1 day'`)
  await client.query('insert into commit_token (writer, token, at) values ($1, 0, now())', [writer.id])
  writers.set(pool, writer)
  return writer
}

/** The server's own word that the transaction is rolled back; not that it is going down (class 57) or cannot be reached (class 08). */
const isRefusal = (error: unknown) =>
  error instanceof pg.DatabaseError && !/^(08|57)/.test(error.code ?? '08')

async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  // A connection that breaks tells its statement, and says so here once more; without a listener that would end the process.
  const onBroken = (error: Error) => {
    broken = error
  }
  client.on('error', onBroken)
  try {
    return await work(client)
  } catch (error) {
    // A connection whose rollback fails is not given back: it may still be inside the transaction.
    await client.query('rollback').catch((rollbackError: unknown) => {
      broken ??= rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError))
    })
    throw error
  } finally {
    client.off('error', onBroken)
    client.release(broken)
  }
}
