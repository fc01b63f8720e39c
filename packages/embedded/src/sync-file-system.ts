import { execFileSync } from 'node:child_process'
import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Brings everything below a directory to the disk: in one call where the system has one, else file by file. */
export function syncFileSystem(directory: string): void {
  try {
    execFileSync('sync', ['-f', directory], { stdio: 'ignore' })
  } catch {
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) syncFile(join(entry.parentPath, entry.name))
    }
  }
}

function syncFile(path: string): void {
  const descriptor = openSync(path, 'r+')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
