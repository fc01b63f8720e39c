import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockDataDir } from './data-dir-lock.ts'

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gridkeeper-lock-'))
  path = join(directory, 'lock')
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('lockDataDir', () => {
  it('refuses a second owner and names the first', () => {
    const lock = lockDataDir(path, directory)
    expect(() => lockDataDir(path, directory)).toThrow(new RegExp(`in use by process ${process.pid}`))
    lock.release()
    lockDataDir(path, directory).release()
    expect(readdirSync(directory)).toEqual([])
  })

  it('takes over from a process that is gone', () => {
    const { pid } = spawnSync('true')
    writeFileSync(path, JSON.stringify({ pid, bornAt: null, token: 'x' }))
    const lock = lockDataDir(path, directory)
    expect(lock.wasStale).toBe(true)
    lock.release()
    expect(lockDataDir(path, directory).wasStale).toBe(false)
  })

  it('takes over from an earlier process with a pid that lives again', () => {
    writeFileSync(path, JSON.stringify({ pid: process.pid, bornAt: 'another boot/1', token: 'x' }))
    lockDataDir(path, directory).release()
  })

  it('takes over a damaged lock', () => {
    writeFileSync(path, '{"pid":')
    lockDataDir(path, directory).release()
  })

  it('does not remove a lock that is no longer its own', () => {
    const lock = lockDataDir(path, directory)
    writeFileSync(path, JSON.stringify({ pid: 1, bornAt: null, token: 'other' }))
    lock.release()
    expect(readFileSync(path, 'utf8')).toContain('other')
  })
})
