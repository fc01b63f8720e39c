import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** A database of its own on the server that DATABASE_URL names, so that what is there is left alone; dropped at the end. */
export async function createOwnDatabase(serverUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `gridkeeper_rollups_${randomBytes(4).toString('hex')}`
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  await runOnce(serverUrl, `create database ${name}`)
  await runOnce(url.href, 'create extension if not exists timescaledb')
  return { url: url.href, drop: () => runOnce(serverUrl, `drop database if exists ${name} with (force)`) }
}

async function runOnce(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}
