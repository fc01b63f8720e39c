import { queryEngine } from './engine-query.ts'
import type { Engine } from './engine.ts'

/**
 * What a native server's background processes do besides policy jobs: checkpoints (without them the log and the time
 * to recover grow for ever) and vacuum (the engine keeps no row statistics, so tables are chosen by size and age).
 */
export interface UpkeepPolicy {
  readonly checkpointLogBytes: number
  readonly checkpointIntervalMs: number
  /** A table of the people's side is vacuumed this often; most of that is a look at a map of clean pages. */
  readonly vacuumIntervalMs: number
}

export const defaultUpkeep: UpkeepPolicy = {
  checkpointLogBytes: 64 * 1024 * 1024,
  checkpointIntervalMs: 5 * 60_000,
  vacuumIntervalMs: 30 * 60_000,
}

export class Upkeep {
  readonly #policy: UpkeepPolicy
  readonly #now: () => number
  #logPosition: bigint | undefined
  #checkpointAtMs: number
  readonly #vacuumedAtMs = new Map<string, number>()
  readonly #bornAtMs: number

  constructor(policy: UpkeepPolicy, now: () => number) {
    this.#policy = policy
    this.#now = now
    this.#checkpointAtMs = now()
    this.#bornAtMs = now()
  }

  checkpointIfDue(engine: Engine): boolean {
    const position = BigInt(
      queryEngine(engine, "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint as at")[0]?.['at'] ??
        '0',
    )
    this.#logPosition ??= position
    const written = position - this.#logPosition
    const isOld = this.#now() - this.#checkpointAtMs >= this.#policy.checkpointIntervalMs && written > 0n
    if (written < BigInt(this.#policy.checkpointLogBytes) && !isOld) return false
    queryEngine(engine, 'checkpoint')
    this.#logPosition = position
    this.#checkpointAtMs = this.#now()
    return true
  }

  /**
   * Vacuums and analyses the one table that needs it most: it has grown by half since it was last analysed, or (for a
   * table that is no chunk) its time has come. Returns its name.
   */
  vacuumIfDue(engine: Engine): string | undefined {
    const rows = queryEngine(
      engine,
      `select c.oid::text as id, format('%I.%I', n.nspname, c.relname) as name,
         (n.nspname like '\\_timescaledb\\_%')::text as is_internal,
         (pg_relation_size(c.oid) / 8192 > greatest(c.relpages, 0) * 1.5 + 10)::text as has_grown
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'm') and c.relpersistence = 'p' and n.nspname not in ('pg_toast', 'information_schema')
         and pg_relation_size(c.oid) > 0
       order by pg_relation_size(c.oid) desc`,
    )
    const now = this.#now()
    const lastMs = (id: string) => this.#vacuumedAtMs.get(id) ?? this.#bornAtMs
    const isDue = (row: (typeof rows)[number]) => {
      const ageMs = now - lastMs(row['id'] ?? '')
      if (row['has_grown'] === 'true') return ageMs >= Math.min(60_000, this.#policy.vacuumIntervalMs)
      return row['is_internal'] === 'false' && ageMs >= this.#policy.vacuumIntervalMs
    }
    const table = rows.find(isDue)
    const name = table?.['name'] ?? undefined
    if (table === undefined || name === undefined) return undefined
    this.#vacuumedAtMs.set(table['id'] ?? '', now)
    queryEngine(engine, `vacuum (analyze) ${name}`)
    return name
  }
}
