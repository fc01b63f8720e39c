import { createHash } from 'node:crypto'
import { ensureLogin, registrySettlesMs, speakFor, type DeviceLogin } from '../publish/ensure-login.ts'
import type { ApiAccess } from '../publish/import-registry.ts'

export class SpeakerError extends Error {
  readonly code = 'not-allowed-to-speak'
}

/** A login of its own for each device: two replays at once would take the secret from each other. */
export function replayLogin(key: string): string {
  const login = `replay:${key}`
  return login.length <= 64 ? login : `replay:${createHash('sha256').update(key).digest('hex').slice(0, 32)}`
}

/**
 * Who the replay connects as: the device itself if its secret is given, otherwise a login that speaks for it. Null without an api to ask for one. Throws
 * where somebody else speaks for the device.
 */
export async function obtainLogin(
  api: ApiAccess | null,
  { key, secret }: { readonly key: string; readonly secret: string | undefined },
): Promise<DeviceLogin | null> {
  if (secret !== undefined) return { username: key, password: secret }
  if (api === null) return null
  const login = replayLogin(key)
  if ((await speakFor(api, login, key)) === 'taken')
    throw new SpeakerError(
      `${key} has a secret or a login of its own: give the secret by --secret, or replay under another --key`,
    )
  const made = await ensureLogin(api, login)
  await new Promise((resolve) => setTimeout(resolve, registrySettlesMs))
  return made
}
