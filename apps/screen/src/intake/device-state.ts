import type { Device } from '@gridkeeper/contracts'
import type { AssetStateName } from '@gridkeeper/domain'

/** What a device said last of its own connection; most that speak without a last will never say anything. */
export function connectionState({ online }: Pick<Device, 'online'>): {
  readonly word: 'online' | 'offline' | 'never'
  readonly state: AssetStateName
} {
  if (online === null) return { word: 'never', state: 'unknown' }
  return online ? { word: 'online', state: 'normal' } : { word: 'offline', state: 'silent' }
}
