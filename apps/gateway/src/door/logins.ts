import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { busUser, deviceKeyPattern, type RefusalReason as Refusal } from '@gridkeeper/contracts'
import { hashSecret, hashToken, isSecretOf, minSecretLength, type KnownDevice } from '@gridkeeper/store'
import type { Speaker } from '../intake/speaker.ts'

/** What somebody presents, over MQTT or HTTP. */
export interface Credentials {
  readonly name: string | null
  readonly secret: string | null
}

export type LoginOutcome =
  | { readonly kind: 'speaker'; readonly speaker: Speaker; readonly secretHash: string | null }
  | { readonly kind: 'bus' }
  | { readonly kind: 'refused'; readonly reason: Extract<Refusal, 'wrong-secret' | 'revoked'> }

/** What is known without asking the database. */
export interface KnownDevices {
  known(key: string): KnownDevice | undefined
  knownToken(tokenHash: string): KnownDevice | undefined
}

export interface LoggedIn {
  readonly speaker: Speaker
  readonly secretHash: string | null
  /** Keys that a stranger spoke under while nobody knew them. */
  readonly heardKeys: Iterable<string>
}

/** The part of the directory that logging in needs. */
export interface LoginDirectory {
  find(key: string): Promise<KnownDevice | undefined>
  knownToken(tokenHash: string): KnownDevice | undefined
  /** Asks the database, whatever is remembered. */
  refresh(key: string): Promise<KnownDevice | undefined>
}

export interface LoginOptions {
  readonly directory: LoginDirectory
  readonly busSecret: string
  /** Keys that register themselves; `*` at the end stands for anything. */
  readonly openRegistration: readonly string[]
  /** Brings the directory up to date, if it is not. */
  readonly lookAgain: () => Promise<void>
  readonly register: (key: string, secretHash: string) => Promise<void>
}

/** So many proven secrets, and so many hashes of strangers' secrets, are remembered. */
const maxProven = 100_000
const maxPresented = 1_000

interface Proven {
  readonly secretHash: string
  readonly digest: Buffer
}

/**
 * Who is speaking. A password costs a few milliseconds of scrypt once; after that a keyed digest of it is compared, under a key that only this process has and
 * nobody can read back. It counts only as long as the stored hash is the one that it was proven against.
 */
export class Logins {
  readonly #key = randomBytes(32)
  readonly #proven = new Map<string, Proven>()
  readonly #presented = new Map<string, string>()

  constructor(private readonly options: LoginOptions) {}

  /** Rejects when the database cannot be asked. */
  async check({ name, secret }: Credentials): Promise<LoginOutcome> {
    if (name === null || name === '') return stranger(null, null)
    if (name === busUser)
      return isSame(digest(secret ?? ''), digest(this.options.busSecret)) ? { kind: 'bus' } : wrongSecret
    if (secret === null || secret === '') return await this.#checkToken(name)
    const device = await this.#findOrRegister(name, secret)
    if (device?.isRevoked === true) return { kind: 'refused', reason: 'revoked' }
    if (device === undefined || device.secretHash === null)
      return stranger(name, await this.#hashOf(name, secret))
    return (await this.#isProven(device.key, device.secretHash, secret)) ? login(device) : wrongSecret
  }

  /** Whether somebody logs in by this alone. */
  async isToken(token: string): Promise<boolean> {
    return (await this.#findToken(hashToken(token))) !== undefined
  }

  /** One that was given a moment ago is known after another look. */
  async #findToken(hash: string): Promise<KnownDevice | undefined> {
    const known = this.options.directory.knownToken(hash)
    if (known !== undefined) return known
    await this.options.lookAgain()
    return this.options.directory.knownToken(hash)
  }

  async #checkToken(token: string): Promise<LoginOutcome> {
    const hash = hashToken(token)
    const device = await this.#findToken(hash)
    if (device === undefined) return stranger(tokenName(token), hash)
    return device.isRevoked ? { kind: 'refused', reason: 'revoked' } : login(device)
  }

  async #findOrRegister(key: string, secret: string): Promise<KnownDevice | undefined> {
    const { directory, register } = this.options
    const known = await directory.find(key)
    const hasWayIn = known !== undefined && (known.secretHash !== null || known.via !== null)
    if (hasWayIn || known?.isRevoked === true) return known
    if (!this.#isOpenTo(key) || secret.length < minSecretLength) return known
    await register(key, await hashSecret(secret))
    return directory.refresh(key)
  }

  #isOpenTo(key: string): boolean {
    if (!deviceKeyPattern.test(key)) return false
    return this.options.openRegistration.some((pattern) =>
      pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern,
    )
  }

  async #isProven(key: string, secretHash: string, secret: string): Promise<boolean> {
    const given = this.#digestOf(key, secret)
    const proven = this.#proven.get(key)
    if (proven?.secretHash === secretHash && isSame(proven.digest, given)) return true
    if (!(await isSecretOf(secretHash, secret))) return false
    remember(this.#proven, key, { secretHash, digest: given }, maxProven)
    return true
  }

  /** The same stranger with the same secret is hashed once. */
  async #hashOf(name: string, secret: string): Promise<string> {
    const digest = this.#digestOf(name, secret).toString('base64')
    const hash = this.#presented.get(digest) ?? (await hashSecret(secret))
    remember(this.#presented, digest, hash, maxPresented)
    return hash
  }

  #digestOf(name: string, secret: string): Buffer {
    return createHmac('sha256', this.#key).update(`${name.length} ${name}${secret}`).digest()
  }
}

const login = ({ key, secretHash }: KnownDevice): LoginOutcome => ({
  kind: 'speaker',
  speaker: { kind: 'login', key },
  secretHash,
})
const stranger = (name: string | null, secretHash: string | null): LoginOutcome => ({
  kind: 'speaker',
  speaker: { kind: 'stranger', login: name, secretHash },
  secretHash,
})
const wrongSecret: LoginOutcome = { kind: 'refused', reason: 'wrong-secret' }

/** A token is a secret: what is shown and stored of it must not let anybody in. */
const tokenName = (token: string) => `token:${createHash('sha256').update(token).digest('hex').slice(0, 16)}`

/**
 * Whether what somebody logged in with still counts after the registry has changed: the secret, the state and the existence of a login; for a stranger, that
 * neither its name nor a key it was heard under has got a way in.
 */
export function stillCounts({ speaker, secretHash, heardKeys }: LoggedIn, directory: KnownDevices): boolean {
  if (speaker.kind === 'trusted') return true
  if (speaker.kind === 'login') {
    const device = directory.known(speaker.key)
    return device !== undefined && !device.isRevoked && device.secretHash === secretHash
  }
  if (speaker.login !== null && (directory.known(speaker.login)?.secretHash ?? null) !== null) return false
  if (secretHash !== null && directory.knownToken(secretHash) !== undefined) return false
  for (const key of heardKeys) {
    const device = directory.known(key)
    if (device !== undefined && (device.secretHash !== null || device.via !== null)) return false
  }
  return true
}

const digest = (value: string) => createHash('sha256').update(value).digest()
const isSame = (a: Buffer, b: Buffer) => timingSafeEqual(a, b)

/** Bounded: the one that was written longest ago goes. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value, max: number): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= max) return
  const oldest = map.keys().next().value
  if (oldest !== undefined) map.delete(oldest)
}
