import type { Speaker } from '../intake/speaker.ts'
import { RateLimiter, type Rate } from './rate-limiter.ts'

export interface RateLimits {
  /** Of each device key. */
  readonly device: Rate
  /** Of each stranger. */
  readonly stranger: Rate
}

/** The part of the directory that tells who may speak for whom. */
export interface VoiceDirectory {
  known(key: string): { readonly via: string | null } | undefined
  voicesOf(login: string): number
}

const nativePrefix = 'gk/v1/'

/**
 * How much may be said. A native topic names its device: each has its own allowance, behind a concentrator, too, and nobody can use up another's. What is said
 * under other topics, or under a key that is not the speaker's, is charged to its login, which has as much as all its devices together. A stranger is known by
 * its address and the name it gave.
 */
export class DeviceRates {
  readonly #limiter = new RateLimiter()

  constructor(
    private readonly limits: RateLimits,
    private readonly directory: VoiceDirectory,
  ) {}

  /** Takes a token; answers for how many milliseconds the sender is not to be read from. */
  charge(speaker: Speaker, address: string, topic: string, nowMs: number): number {
    const key = this.#deviceOf(speaker, topic)
    if (key !== null) return this.#limiter.take(key, this.limits.device, nowMs)
    return this.#limiter.take(nameOf(speaker, address), this.#rateOf(speaker), nowMs)
  }

  /** Takes a token if there is one; otherwise answers for how many milliseconds there is none. */
  ask(speaker: Speaker, address: string, topic: string, nowMs: number): number {
    const key = this.#deviceOf(speaker, topic)
    if (key !== null) return this.#limiter.ask(key, this.limits.device, nowMs)
    return this.#limiter.ask(nameOf(speaker, address), this.#rateOf(speaker), nowMs)
  }

  #deviceOf(speaker: Speaker, topic: string): string | null {
    if (speaker.kind !== 'login' || !topic.startsWith(nativePrefix)) return null
    const end = topic.indexOf('/', nativePrefix.length)
    if (end < 0) return null
    const key = topic.slice(nativePrefix.length, end)
    return key === speaker.key || this.directory.known(key)?.via === speaker.key ? key : null
  }

  #rateOf(speaker: Speaker): Rate {
    if (speaker.kind !== 'login') return this.limits.stranger
    const { perSecond, burst } = this.limits.device
    const voices = this.directory.voicesOf(speaker.key)
    return { perSecond: perSecond * voices, burst: burst * voices }
  }
}

/** No device key begins with these. */
const nameOf = (speaker: Speaker, address: string): string =>
  speaker.kind === 'login'
    ? `=${speaker.key}`
    : `?${address} ${speaker.kind === 'stranger' ? (speaker.login ?? '') : ''}`
