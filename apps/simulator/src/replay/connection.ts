import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { runFileSchema } from '@gridkeeper/contracts'
import type { RunFile } from '@gridkeeper/contracts'
import type { ApiAccess } from '../publish/import-registry.ts'
import type { ReplayOptions } from './options.ts'

export class NotRunningError extends Error {
  readonly code = 'not-running'
}

export interface Connection {
  readonly mqttUrl: string
  /** Null when only a broker is known: then nothing can be registered. */
  readonly api: ApiAccess | null
  readonly wallUrl: string | null
}

/** Flags first; what they leave open comes from `.data/run.json`, looked for from here upward. */
export function findConnection(
  { mqtt, api, login }: Partial<Pick<ReplayOptions, 'mqtt' | 'api' | 'login'>>,
  from = process.cwd(),
): Connection {
  const run = mqtt !== undefined && (api === undefined || login !== undefined) ? null : findRunFile(from)
  const mqttUrl = mqtt ?? run?.urls.mqtt
  if (mqttUrl === undefined) {
    throw new NotRunningError(
      'no running system: there is no .data/run.json here or above. Start it with npm start, or name it: --mqtt, --api, --login',
    )
  }
  const apiUrl = api ?? run?.urls.api
  const account = login ?? run?.login
  return {
    mqttUrl,
    api: apiUrl !== undefined && account !== undefined ? { url: apiUrl, ...account } : null,
    wallUrl: run?.urls.wall ?? null,
  }
}

function findRunFile(from: string): RunFile | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const text = readOrNull(resolve(folder, process.env['GRIDKEEPER_DATA_DIR'] ?? '.data', 'run.json'))
    if (text !== null) return runFileSchema.parse(JSON.parse(text))
    if (dirname(folder) === folder) return null
  }
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
