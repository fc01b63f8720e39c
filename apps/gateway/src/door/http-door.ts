import { setTimeout as sleep } from 'node:timers/promises'
import type { Speaker } from '../intake/speaker.ts'
import type { DeviceRates } from './device-rates.ts'
import type { LoginLimiter } from './login-limiter.ts'
import type { Credentials, Logins } from './logins.ts'
import type { RefusalReason as Refusal } from '@gridkeeper/contracts'

/** What a sender is told instead of being heard. */
export interface HttpRefusal {
  readonly status: 401 | 403 | 429
  readonly code: string
  readonly message: string
  readonly retryAfterS?: number
}

export type Identified =
  { readonly ok: true; readonly speaker: Speaker } | { readonly ok: false; readonly refusal: HttpRefusal }

/** The front door of those who post. The same logins, bans and allowances as over MQTT; who cannot be held back is told to come later. */
export class HttpDoor {
  constructor(
    private readonly logins: Logins,
    private readonly bans: LoginLimiter,
    private readonly rates: DeviceRates,
    private readonly count: (refusal: Refusal) => void,
  ) {}

  /** Rejects when the database cannot be asked. */
  async identify(credentials: Credentials, address: string): Promise<Identified> {
    if (this.bans.isBanned(address)) return this.#refuse('banned', banned)
    const outcome = await this.logins.check(credentials)
    if (outcome.kind === 'speaker') return { ok: true, speaker: outcome.speaker }
    if (outcome.kind === 'refused' && outcome.reason === 'revoked') return this.#refuse('revoked', revoked)
    // The bus is not spoken over HTTP, whatever the secret.
    const waitMs = this.bans.fail(address)
    await sleep(waitMs, undefined, { ref: false })
    return this.#refuse('wrong-secret', wrongSecret)
  }

  /** A secret without a name: a token that is a login of its own, or else the secret of the device that the message is of. */
  async identifyBearer(secret: string, deviceKey: string | null, address: string): Promise<Identified> {
    const isToken = deviceKey === null || (await this.logins.isToken(secret))
    return this.identify(isToken ? { name: secret, secret: null } : { name: deviceKey, secret }, address)
  }

  /** null: go ahead. */
  findExcess(speaker: Speaker, address: string, topic: string): HttpRefusal | null {
    const waitMs = this.rates.ask(speaker, address, topic, Date.now())
    if (waitMs === 0) return null
    this.count('rate')
    return {
      status: 429,
      code: 'too-fast',
      message: 'more messages than a device may send',
      retryAfterS: Math.ceil(waitMs / 1000),
    }
  }

  countRefusal(refusal: Refusal): void {
    this.count(refusal)
  }

  #refuse(why: Refusal, refusal: HttpRefusal): Identified {
    this.count(why)
    return { ok: false, refusal }
  }
}

const banned: HttpRefusal = {
  status: 403,
  code: 'banned',
  message: 'too many wrong secrets from this address; try again later',
}
const revoked: HttpRefusal = { status: 403, code: 'revoked', message: 'this device has been revoked' }
const wrongSecret: HttpRefusal = { status: 401, code: 'wrong-secret', message: 'wrong secret' }
