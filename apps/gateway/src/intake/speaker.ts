import type { KnownDevice } from '@gridkeeper/store'

/**
 * Who brought a message.
 *
 * - `login`     logged in as this device; it may speak for itself and for those that are `via` it
 * - `stranger`  nobody knows it; `login` is the name it gave, null if none, and `secretHash` that of what it presented. What it says goes to quarantine
 * - `trusted`   somebody else has looked already: the broker in front of the gateway, or the operator who lets a dead letter run again
 */
export type Speaker =
  | { readonly kind: 'login'; readonly key: string }
  | { readonly kind: 'stranger'; readonly login: string | null; readonly secretHash: string | null }
  | { readonly kind: 'trusted' }

export const trusted: Speaker = { kind: 'trusted' }

/** The name it came with; null: none. */
export const loginOf = (speaker: Speaker): string | null =>
  speaker.kind === 'login' ? speaker.key : speaker.kind === 'stranger' ? speaker.login : null

export type Hearing = 'heard' | 'unknown-device' | 'no-login' | 'not-own-key' | 'revoked'

/**
 * Whether this speaker is heard as that device. `unknown-device` and `no-login` (registered, but with neither a secret nor somebody to speak for it) wait in
 * the quarantine for somebody to adopt them; `not-own-key` and `revoked` are refused.
 */
export function hear(speaker: Speaker, device: KnownDevice | undefined): Hearing {
  if (device === undefined) return 'unknown-device'
  if (device.isRevoked) return 'revoked'
  if (speaker.kind === 'trusted') return 'heard'
  if (speaker.kind === 'login' && (device.key === speaker.key || device.via === speaker.key)) return 'heard'
  return device.secretHash === null && device.via === null ? 'no-login' : 'not-own-key'
}
