import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSecrets } from './secrets.mjs'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gridkeeper-secrets-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the secrets of an installation', () => {
  it('are made once, for their owner only', () => {
    const made = readSecrets(folder)
    expect(new Set(Object.values(made)).size).toBe(4)
    expect(readSecrets(folder)).toEqual(made)
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600)
  })

  it('of an older version gain what they lack, and keep the rest', () => {
    const file = join(folder, 'secrets.json')
    const old = { busSecret: 'b', sessionSecret: 's', adminPassword: 'a' }
    writeFileSync(file, JSON.stringify(old), { mode: 0o600 })
    const secrets = readSecrets(folder)
    expect(secrets).toMatchObject(old)
    expect(secrets.deviceSecret.length).toBeGreaterThan(20)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(secrets)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })
})
