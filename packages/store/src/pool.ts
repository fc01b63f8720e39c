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

/** The connection broke after COMMIT had been sent: only the server knows whether the transaction stands. */
export class OutcomeUnknown<T> extends Error {
  readonly code = 'outcome-unknown'

  constructor(
    private readonly pool: pg.Pool,
    private readonly transactionId: string,
    private readonly result: T,
    cause: unknown,
  ) {
    super('the connection broke during the commit', { cause })
  }

  /** The result if it was committed, null if it was not; throws as long as neither is known. */
  async settle(): Promise<T | null> {
    const status = await this.#askStatus()
    if (status === 'in progress') throw this
    return status === 'committed' ? this.result : null
  }

  async #askStatus(): Promise<string | null> {
    try {
      const { rows } = await this.pool.query<{ status: string | null }>(
        'select pg_xact_status($1::xid8) as status',
        [this.transactionId],
      )
      return rows[0]?.status ?? null
    } catch (error) {
      // "In the future": the server has been set back to before it.
      if (error instanceof pg.DatabaseError && error.code === '22023') return 'aborted'
      throw error
    }
  }
}

/** As {@link inTransaction}, but a commit without an answer rejects with {@link OutcomeUnknown}, by which it can be settled. */
export const inKnownTransaction = <T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> =>
  withClient(pool, async (client) => {
    const id = await beginKnown(client)
    const result = await work(client)
    try {
      await client.query('commit')
    } catch (error) {
      throw isRefusal(error) ? error : new OutcomeUnknown(pool, id, result, error)
    }
    return result
  })

async function beginKnown(client: pg.PoolClient): Promise<string> {
  // Two statements in one message: one way there and back.
  const answers = (await client.query(
    'begin; select pg_current_xact_id()::text as id',
  )) as unknown as pg.QueryResult<{ id: string }>[]
  return answers[1]?.rows[0]?.id ?? ''
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
