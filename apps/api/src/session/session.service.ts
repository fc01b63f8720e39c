import { createHmac, randomBytes } from 'node:crypto'
import type { Account } from '@gridkeeper/contracts'
import { findAccountById, findAccountByName, type StoredAccount } from '@gridkeeper/store'
import type { Pool } from 'pg'
import { LoginLimiter } from './login-limiter.ts'
import { hashPassword, verifyPassword } from './password.ts'
import { readBasic, readCookie, sessionCookie } from './request-login.ts'
import { readToken, signToken, stampOf } from './session-token.ts'

export const sessionMs = 12 * 3_600_000
/** An account changed in the database counts after so long. */
const accountCacheMs = 10_000
/** A tool with HTTP Basic costs scrypt once a minute, not with every request. */
const basicCacheMs = 60_000
const maxCached = 1_000
/** Passwords being verified at once; each costs 16 MiB and 50 ms. */
const maxVerifying = 16

export type LoginResult =
  /** `token` is for the cookie; null: the one that came is still good. */
  | { readonly ok: true; readonly account: Account; readonly token: string | null }
  | { readonly ok: false; readonly reason: 'wrong-login' }
  | { readonly ok: false; readonly reason: 'login-needed' }
  | { readonly ok: false; readonly reason: 'too-many-attempts'; readonly waitMs: number }

export interface Credentials {
  readonly cookie: string | undefined
  readonly authorization: string | undefined
  readonly address: string
}

export class SessionService {
  readonly #pool: Pool
  readonly #secret: string
  readonly #now: () => number
  readonly #limiter = new LoginLimiter()
  readonly #accounts = new Map<number, { account: StoredAccount | null; untilMs: number }>()
  readonly #basic = new Map<string, { id: number; untilMs: number }>()
  readonly #digestKey = randomBytes(32)
  #verifying = 0
  #decoy: Promise<string> | undefined

  constructor(pool: Pool, secret: string, now: () => number) {
    this.#pool = pool
    this.#secret = secret
    this.#now = now
  }

  async login(name: string, password: string, address: string): Promise<LoginResult> {
    const waitMs = this.#limiter.waitMs(name, address, this.#now())
    if (waitMs > 0) return { ok: false, reason: 'too-many-attempts', waitMs }
    if (this.#verifying >= maxVerifying) return { ok: false, reason: 'too-many-attempts', waitMs: 1_000 }
    this.#verifying++
    try {
      const account = await findAccountByName(this.#pool, name)
      // A name that is not there takes as long as one that is.
      this.#decoy ??= hashPassword(randomBytes(16).toString('hex'))
      const isRight = await verifyPassword(password, account?.passwordHash ?? (await this.#decoy))
      if (account === null || !isRight) {
        this.#limiter.fail(name, address, this.#now())
        return { ok: false, reason: 'wrong-login' }
      }
      this.#limiter.succeed(name, address)
      return this.#admit(account, true)
    } finally {
      this.#verifying--
    }
  }

  /** By session cookie, otherwise by HTTP Basic. A session past its half is renewed: whoever keeps working stays logged in. */
  async authenticate({ cookie, authorization, address }: Credentials): Promise<LoginResult> {
    const token = readCookie(cookie, sessionCookie)
    const claim = token === null ? null : readToken(this.#secret, token, this.#now())
    if (claim !== null) {
      const account = await this.#findAccount(claim.account)
      const isTrue = account !== null && stampOf(this.#secret, account.passwordHash) === claim.stamp
      if (isTrue) return this.#admit(account, claim.expiresMs - this.#now() < sessionMs / 2)
    }
    const basic = readBasic(authorization)
    return basic === null ? { ok: false, reason: 'login-needed' } : this.#loginBasic(basic, address)
  }

  async #loginBasic(
    { name, password }: { name: string; password: string },
    address: string,
  ): Promise<LoginResult> {
    const digest = createHmac('sha256', this.#digestKey).update(`${name}\0${password}`).digest('base64')
    const known = this.#basic.get(digest)
    if (known !== undefined && known.untilMs > this.#now()) {
      const account = await this.#findAccount(known.id)
      if (account !== null) return this.#admit(account, false)
    }
    this.#basic.delete(digest)
    const result = await this.login(name, password, address)
    const account = result.ok ? await findAccountByName(this.#pool, name) : null
    if (account !== null)
      remember(this.#basic, digest, { id: account.id, untilMs: this.#now() + basicCacheMs })
    return result.ok ? { ...result, token: null } : result
  }

  async #findAccount(id: number): Promise<StoredAccount | null> {
    const known = this.#accounts.get(id)
    if (known !== undefined && known.untilMs > this.#now()) return known.account
    const account = await findAccountById(this.#pool, id)
    remember(this.#accounts, id, { account, untilMs: this.#now() + accountCacheMs })
    return account
  }

  #admit({ id, name, role, gridId, passwordHash }: StoredAccount, needsToken: boolean): LoginResult {
    if (!needsToken) return { ok: true, account: { name, role, gridId }, token: null }
    const stamp = stampOf(this.#secret, passwordHash)
    const token = signToken(this.#secret, { account: id, stamp, expiresMs: this.#now() + sessionMs })
    return { ok: true, account: { name, role, gridId }, token }
  }
}

function remember<K, V>(cache: Map<K, V>, key: K, value: V): void {
  cache.delete(key)
  cache.set(key, value)
  const oldest = cache.keys().next()
  if (cache.size > maxCached && oldest.done !== true) cache.delete(oldest.value)
}
