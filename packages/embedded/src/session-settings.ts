import { literal, queryEngine, QueryFailure } from './engine-query.ts'
import type { Engine } from './engine.ts'

export type Settings = ReadonlyMap<string, string>

export const noSettings: Settings = new Map()

/**
 * What every session starts with. The engine takes no configuration file and no `-c` options, so it is set here.
 * synchronous_commit stays on: an acknowledged commit survives kill -9.
 */
const baselineSql = `
  set search_path = "$user", public;
  set client_min_messages = notice;
  set timezone = 'UTC';
  set synchronous_commit = on;
  set standard_conforming_strings = on;
  set work_mem = '16MB';
  set maintenance_work_mem = '64MB';
  set jit = off;
  set max_parallel_workers_per_gather = 0;
`

/**
 * Session parameters (SET) belong to a connection, but the engine has one session. This keeps what each connection
 * has changed and puts it in place when the turn passes to it. Connections that change nothing cost nothing.
 */
export class SessionSettings {
  readonly #engine: Engine
  readonly #baseline: Settings
  /** What differs from the baseline inside the engine now. */
  #applied: Settings = noSettings

  constructor(engine: Engine) {
    this.#engine = engine
    queryEngine(engine, baselineSql)
    this.#baseline = this.#read([])
  }

  /** Makes the engine's session look like that of a connection with these changes. */
  apply(wanted: Settings): void {
    if (wanted === this.#applied) return
    const changes: string[] = []
    for (const name of new Set([...this.#applied.keys(), ...wanted.keys()])) {
      const value = wanted.get(name) ?? this.#baseline.get(name)
      if (value === this.#applied.get(name)) continue
      changes.push(
        value === undefined
          ? `reset ${quoted(name)}`
          : `select set_config(${literal(name)}, ${literal(value)}, false)`,
      )
    }
    this.#applied = wanted
    if (changes.length > 0) queryEngine(this.#engine, changes.join(';'))
  }

  /** What the connection that has the turn differs in from the baseline. Call it outside a transaction. */
  capture(): Settings {
    const current = this.#read([...this.#baseline.keys()])
    const changed = new Map([...current].filter(([name, value]) => this.#baseline.get(name) !== value))
    this.#applied = changed.size === 0 ? noSettings : changed
    return this.#applied
  }

  /**
   * Checks the parameters of a StartupMessage and turns them into changes.
   * @throws QueryFailure for an unknown parameter or a bad value
   */
  admit(requested: ReadonlyMap<string, string>): Settings {
    if (requested.size === 0) return noSettings
    this.apply(noSettings)
    try {
      for (const [name, value] of requested) {
        queryEngine(this.#engine, `select set_config(${literal(name)}, ${literal(value)}, false)`)
      }
    } catch (error) {
      this.capture()
      this.apply(noSettings)
      if (error instanceof QueryFailure) throw error
      throw error
    }
    return this.capture()
  }

  #read(names: readonly string[]): Settings {
    const list = names.map(literal).join(', ')
    const rows = queryEngine(
      this.#engine,
      `select name, setting from pg_catalog.pg_settings where source = 'session'${list === '' ? '' : ` or name in (${list})`}
       union all select 'role', pg_catalog.current_setting('role')`,
    )
    return new Map(rows.map((row) => [row['name'] ?? '', row['setting'] ?? '']))
  }
}

function quoted(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.')
}
