import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kinds, type Kind } from '@gridkeeper/domain'
import type { Pool } from 'pg'
import { ensureKindTables } from './kind-tables.ts'
import { lifecycle } from './lifecycle.ts'
import { findAppendPath, inTransaction } from './pool.ts'

const directory = join(import.meta.dirname, '..', 'migrations')
/** Any number, as long as every process takes the same one. */
const lockKey = 7_265_001

export class MigrationError extends Error {
  readonly code = 'migration-changed'
}

/**
 * Brings the schema up to date: numbered files once each, in order, then the tables of the kinds. Safe to call from several processes at once;
 * the second finds nothing to do. Throws {@link MigrationError} if a file that was applied has been edited since.
 */
export async function migrate(pool: Pool, definedKinds: readonly Kind[] = kinds): Promise<readonly string[]> {
  const files = (await readdir(directory)).filter((name) => /^\d{4}-.+\.sql$/.test(name)).sort()
  const texts = await Promise.all(files.map((name) => readFile(join(directory, name), 'utf8')))
  return inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [lockKey])
    await client.query(`create table if not exists schema_migration (
      name text primary key, digest text not null, applied_at timestamptz not null default now())`)
    const { rows } = await client.query<{ name: string; digest: string }>(
      'select name, digest from schema_migration',
    )
    const applied = new Map(rows.map((row) => [row.name, row.digest]))
    const fresh: string[] = []
    for (const [index, name] of files.entries()) {
      const sql = texts[index] ?? ''
      const digest = createHash('sha256').update(sql).digest('hex')
      const known = applied.get(name)
      if (known === digest) continue
      if (known !== undefined)
        throw new MigrationError(`migration ${name} was edited after it had been applied`)
      await client.query(sql)
      await client.query('insert into schema_migration (name, digest) values ($1, $2)', [name, digest])
      fresh.push(name)
    }
    await ensureKindTables(client, definedKinds, await findAppendPath(client))
    if (fresh.includes('0002-streams.sql')) await addStreamPolicies(client)
    return fresh
  })
}

async function addStreamPolicies(client: { query(sql: string): Promise<unknown> }): Promise<void> {
  await client.query(`select add_compression_policy('fix', interval '${lifecycle.compressFixesAfter}')`)
  await client.query(`select add_retention_policy('fix', interval '${lifecycle.keepFixes}')`)
  await client.query(`select add_retention_policy('device_event', interval '${lifecycle.keepEvents}')`)
  await client.query(`select add_retention_policy('dead_letter', interval '${lifecycle.keepDeadLetters}')`)
}
