// Secrets of this installation: made once, kept in the data folder, readable by its owner only.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const makers = {
  busSecret: () => randomBytes(24).toString('base64url'),
  sessionSecret: () => randomBytes(32).toString('base64url'),
  adminPassword: () => randomBytes(9).toString('base64url'),
  /** Of the login under which the simulated district speaks. */
  deviceSecret: () => randomBytes(18).toString('base64url'),
}

/** A file of an older version gains what it lacks and keeps the rest. */
export function readSecrets(dataFolder) {
  const file = join(dataFolder, 'secrets.json')
  const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const made = Object.entries(makers).filter(([name]) => known[name] === undefined)
  if (made.length === 0) return known
  const secrets = { ...known, ...Object.fromEntries(made.map(([name, make]) => [name, make()])) }
  writeFileSync(`${file}.new`, JSON.stringify(secrets, null, 2), { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return secrets
}
