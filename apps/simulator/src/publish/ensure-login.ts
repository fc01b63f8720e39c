import { deviceSchema, deviceSecretSchema, type Device } from '@gridkeeper/contracts'
import { apiUrl, ImportError, type ApiAccess } from './import-registry.ts'

/** A gateway learns of a change over the bus, at the latest after two seconds. */
export const registrySettlesMs = 2_500

/** User name and password of a connection. */
export interface DeviceLogin {
  readonly username: string
  readonly password: string
}

/** Makes the login if it is missing and gives it a new secret; what was connected under the old one is cut off. */
export async function ensureLogin(access: ApiAccess, key: string): Promise<DeviceLogin> {
  await askDevice(access, 'PUT', key, {})
  const answer = deviceSecretSchema.parse(await ask(access, 'POST', `devices/${key}/secret`, {}))
  if (answer.secret === null) throw new ImportError(`no secret was told for ${key}`)
  return { username: key, password: answer.secret }
}

/**
 * Puts a device behind the login. A device that another one speaks for, or that has a secret of its own, is left alone: a real one would be shut out.
 * Answers `unknown` for one that is not registered.
 */
export async function speakFor(
  access: ApiAccess,
  login: string,
  key: string,
): Promise<'ready' | 'unknown' | 'taken'> {
  const device = await askDevice(access, 'GET', key)
  if (device === null) return 'unknown'
  if (device.via === login) return 'ready'
  if (device.via !== null || device.secret !== null) return 'taken'
  await askDevice(access, 'PUT', login, {})
  await askDevice(access, 'PUT', key, { via: login })
  return 'ready'
}

async function askDevice(
  access: ApiAccess,
  method: string,
  key: string,
  body?: object,
): Promise<Device | null> {
  const answer = await ask(access, method, `devices/${key}`, body)
  return answer === null ? null : deviceSchema.parse(answer)
}

/** Null: there is no such thing. */
async function ask(
  { url, name, password }: ApiAccess,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const response = await fetch(apiUrl(url, path), {
    method,
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  }).catch((error: unknown) => {
    throw new ImportError(`the api does not answer at ${url}: is the system running?`, { cause: error })
  })
  if (response.status === 404 && method === 'GET') return null
  if (!response.ok) {
    const { status } = response
    throw new ImportError(`${method} ${path}: HTTP ${status} ${(await response.text()).slice(0, 200)}`)
  }
  return response.json()
}
