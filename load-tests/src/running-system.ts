import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deviceSecretSchema, runFileSchema, type ImportFormat, type RunFile } from '@gridkeeper/contracts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The system that `npm start` runs here. Throws if it does not. */
export function findRunningSystem(): RunFile {
  const file = resolve(root, process.env['GRIDKEEPER_DATA_DIR'] ?? '.data', 'run.json')
  if (!existsSync(file)) throw new Error('the system is not running: start it with npm start')
  return runFileSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
}

export const basicLogin = ({ login }: RunFile) =>
  `Basic ${Buffer.from(`${login.name}:${login.password}`).toString('base64')}`

/** Registers through the people's front door. */
export async function importText(run: RunFile, format: ImportFormat, text: string): Promise<void> {
  const response = await fetch(`${run.urls.api}/import`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: basicLogin(run) },
    body: JSON.stringify({ format, text }),
  })
  if (!response.ok) throw new Error(`import of ${format}: ${response.status} ${await response.text()}`)
}

/** User name and password of a connection. */
export interface DeviceLogin {
  readonly username: string
  readonly password: string
}

/** A gateway learns of a change over the bus, at the latest after two seconds. */
export const registrySettlesMs = 2_500

/**
 * A login with a new secret, made if it is missing. It speaks for all devices that are registered behind it: column `device_via` of {@link importText}.
 * What was connected under its old secret is cut off.
 */
export async function ensureLogin(run: RunFile, key: string): Promise<DeviceLogin> {
  await askApi(run, 'PUT', `devices/${key}`)
  const { secret } = deviceSecretSchema.parse(await askApi(run, 'POST', `devices/${key}/secret`))
  if (secret === null) throw new Error(`no secret was told for ${key}`)
  await new Promise((resolve) => setTimeout(resolve, registrySettlesMs))
  return { username: key, password: secret }
}

async function askApi(run: RunFile, method: string, path: string): Promise<unknown> {
  const response = await fetch(`${run.urls.api}/${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: basicLogin(run) },
    body: '{}',
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return response.json()
}
