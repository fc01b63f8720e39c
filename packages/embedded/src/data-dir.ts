import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { StartError } from '@gridkeeper/service-kit'
import { lockDataDir } from './data-dir-lock.ts'

export const inMemory = 'memory://'

/**
 * A data directory holds `cluster/` (Postgres' own files), `lock` (who owns it) and `complete` (the cluster was created
 * to its end; without it, a start was killed half way and the cluster is made again: it has never held a row).
 */
export interface DataDir {
  /** The cluster's directory; undefined for a database in memory. */
  readonly clusterPath: string | undefined
  readonly isFresh: boolean
  /** Whoever used it last was killed. */
  readonly wasKilled: boolean
  markComplete(): void
  release(): void
}

/** @throws StartError when another process owns it or it cannot be written */
export function openDataDir(dataDir: string): DataDir {
  if (dataDir.startsWith(inMemory)) {
    const nothing = () => undefined
    return {
      clusterPath: undefined,
      isFresh: true,
      wasKilled: false,
      markComplete: nothing,
      release: nothing,
    }
  }
  const root = resolve(dataDir)
  try {
    mkdirSync(root, { recursive: true })
  } catch (error) {
    throw new StartError('data-dir-unusable', `the data directory ${root} cannot be created`, {
      cause: error,
    })
  }
  const lock = lockDataDir(join(root, 'lock'), root)
  const clusterPath = join(root, 'cluster')
  const marker = join(root, 'complete')
  const isFresh = !existsSync(marker)
  if (isFresh) rmSync(clusterPath, { recursive: true, force: true })
  // Left by a killed process. The engine writes its own, and no other process can be in here.
  else rmSync(join(clusterPath, 'postmaster.pid'), { force: true })
  return {
    clusterPath,
    isFresh,
    wasKilled: lock.wasStale,
    markComplete: () => writeFileSync(marker, `${new Date().toISOString()}\n`),
    release: () => lock.release(),
  }
}
