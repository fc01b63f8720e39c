import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runFileSchema, type ImportFormat, type RunFile } from '@gridkeeper/contracts'

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
