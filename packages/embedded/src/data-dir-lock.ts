import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { StartError } from '@gridkeeper/service-kit'

/**
 * One engine per data directory: two would destroy it. The lock is a file that names its owner; a lock whose owner is
 * gone (killed, machine restarted) is stale and is taken over.
 */
export interface DataDirLock {
  /** The last owner did not release it: its process was killed. */
  readonly wasStale: boolean
  release(): void
}

interface Owner {
  readonly pid: number
  /** Tells a process from a later one with the same pid, as every container has; null where /proc is missing. */
  readonly bornAt: string | null
  readonly token: string
}

/** @throws StartError `data-dir-locked` when another living process owns the directory */
export function lockDataDir(path: string, dataDir: string): DataDirLock {
  const owner: Owner = { pid: process.pid, bornAt: processBirth(process.pid), token: randomUUID() }
  // Content and name appear together: a lock file is never seen half written.
  const draft = `${path}.${owner.token}`
  let wasStale = false
  writeFileSync(draft, JSON.stringify(owner))
  try {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      if (tryLink(draft, path)) return { wasStale, release: () => releaseLock(path, owner) }
      const current = readOwner(path)
      if (current !== undefined && isAlive(current)) {
        throw new StartError(
          'data-dir-locked',
          `the data directory ${dataDir} is in use by process ${current.pid}; stop it first, or choose another directory with EMBEDDED_DATA_DIR`,
        )
      }
      removeStale(path, current)
      wasStale = true
    }
  } finally {
    rmSync(draft, { force: true })
  }
  throw new StartError(
    'data-dir-locked',
    `the data directory ${dataDir} could not be locked: others keep taking it`,
  )
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    throw error
  }
}

/** Moves the lock aside before removing it, so that a lock someone else has taken meanwhile can be put back. */
function removeStale(path: string, seen: Owner | undefined): void {
  const aside = `${path}.stale-${randomUUID()}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return
    throw error
  }
  const moved = readOwner(aside)
  if (moved !== undefined && moved.token !== seen?.token) tryLink(aside, path)
  rmSync(aside, { force: true })
}

function releaseLock(path: string, owner: Owner): void {
  if (readOwner(path)?.token === owner.token) rmSync(path, { force: true })
}

/** Undefined for a missing or damaged lock file: both mean that nobody owns the directory. */
function readOwner(path: string): Owner | undefined {
  try {
    const owner = JSON.parse(readFileSync(path, 'utf8')) as Partial<Owner>
    if (typeof owner.pid !== 'number' || typeof owner.token !== 'string') return undefined
    return { pid: owner.pid, bornAt: owner.bornAt ?? null, token: owner.token }
  } catch {
    return undefined
  }
}

function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    // EPERM: it lives, under another user.
    if (!isErrno(error, 'EPERM')) return false
  }
  const bornAt = processBirth(owner.pid)
  return owner.bornAt === null || bornAt === null || owner.bornAt === bornAt
}

/** Boot and clock tick of a process' start (proc(5): stat field 22, counted after the name in parentheses). */
function processBirth(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return `${boot}/${fields[19] ?? ''}`
  } catch {
    return null
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
