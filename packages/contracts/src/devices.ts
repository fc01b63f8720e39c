import { z } from 'zod'
import { deviceKeyPattern } from './topics.ts'

/**
 * The people's side of the device registry: devices and logins, and the strangers who wait to be adopted. A device is the speaker behind an asset or on a keeper;
 * one that has neither is a **login**: a concentrator, a bridge, a phone's user, who speaks for the devices that are `via` it.
 */
export const deviceKeySchema = z.string().regex(deviceKeyPattern, 'must be 1 to 64 of A–Z a–z 0–9 . _ : -')

export const protocolSchema = z.string().regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 of a–z 0–9 -')

/** Longer than any that people type, shorter than what hurts. */
export const maxSecretLength = 256
export const minSecretLength = 8
/** A token is the name, too, and found by its hash: long, so that nobody guesses it. */
export const minTokenLength = 16

export const deviceSchema = z.object({
  key: z.string(),
  protocol: z.string(),
  state: z.enum(['active', 'revoked']),
  /** At most one of the two; neither: a login. */
  assetCode: z.string().nullable(),
  keeperCode: z.string().nullable(),
  /** The login that speaks for it; null: only itself. */
  via: z.string().nullable(),
  /** How it logs in by itself; null: it cannot. */
  secret: z.enum(['password', 'token']).nullable(),
  /** What it said last of its own connection; null: nothing yet. */
  online: z.boolean().nullable(),
  statusAtMs: z.number().nullable(),
  createdAtMs: z.number(),
  changedAtMs: z.number(),
})
export type Device = z.infer<typeof deviceSchema>

/** By key. `next`: ask again with it as `after`; null: that was all. */
export const deviceListSchema = z.object({
  devices: z.array(deviceSchema),
  total: z.number().int(),
  next: z.string().nullable(),
})
export type DeviceList = z.infer<typeof deviceListSchema>

export const deviceChangeSchema = z.object({
  atMs: z.number(),
  /** Who did it. */
  account: z.string(),
  change: z.enum([
    'created',
    'changed',
    'secret-set',
    'secret-removed',
    'revoked',
    'reinstated',
    'adopted',
    'registered',
    'imported',
    'replaced',
  ]),
  detail: z.record(z.string(), z.unknown()).nullable(),
})
export type DeviceChange = z.infer<typeof deviceChangeSchema>

export const deviceDetailSchema = deviceSchema.extend({
  /** Keys of the devices that are via it, at most 100. */
  speaksFor: z.array(z.string()),
  /** Newest first, at most 100. */
  changes: z.array(deviceChangeSchema),
})
export type DeviceDetail = z.infer<typeof deviceDetailSchema>

const code = z.string().trim().min(1).max(64)
const oneOwner = ({ assetCode, keeperCode }: { assetCode?: unknown; keeperCode?: unknown }) =>
  !(typeof assetCode === 'string' && typeof keeperCode === 'string')
const oneOwnerMessage = 'a device is of an asset or of a keeper, not of both'

/** What is left out stays as it is; `null` unbinds. Naming an asset or a keeper takes the device from whoever had it. */
export const devicePutSchema = z
  .strictObject({
    assetCode: code.nullable().optional(),
    keeperCode: code.nullable().optional(),
    protocol: protocolSchema.optional(),
    via: deviceKeySchema.nullable().optional(),
  })
  .refine(oneOwner, oneOwnerMessage)
export type DevicePut = z.infer<typeof devicePutSchema>

/** Nothing: a secret is made. `token`: whoever presents it as the user name, without a password, is this device (ThingsBoard). */
export const deviceSecretRequestSchema = z
  .strictObject({
    secret: z.string().min(minSecretLength).max(maxSecretLength).optional(),
    token: z.boolean().default(false),
  })
  .refine(({ secret, token }) => !token || secret === undefined || secret.length >= minTokenLength, {
    message: `a token has at least ${minTokenLength} characters`,
    path: ['secret'],
  })

/** The only time that it is told. Null: it was given, and is not said back. */
export const deviceSecretSchema = z.object({ key: z.string(), secret: z.string().nullable() })
export type DeviceSecret = z.infer<typeof deviceSecretSchema>

/** An unknown speaker: the key it speaks under, and the name that it logged in with (empty: none). */
export const strangerSchema = z.object({
  key: z.string(),
  login: z.string(),
  /** It presented a secret or a token, with which it goes on when it is adopted. */
  hasSecret: z.boolean(),
  /** The device of this key is registered, but has no way to log in. */
  isRegistered: z.boolean(),
  assetCode: z.string().nullable(),
  keeperCode: z.string().nullable(),
  protocol: z.string(),
  source: z.string(),
  address: z.string().nullable(),
  topic: z.string(),
  /** The beginning of what it said last, as text. */
  sample: z.string(),
  messages: z.number().int(),
  firstSeenMs: z.number(),
  lastSeenMs: z.number(),
})
export type Stranger = z.infer<typeof strangerSchema>

/** Newest first. */
export const quarantineSchema = z.object({
  strangers: z.array(strangerSchema),
  total: z.number().int(),
  messages: z.number().int(),
})
export type Quarantine = z.infer<typeof quarantineSchema>

const strangerNameShape = { key: deviceKeySchema, login: z.string().max(256).default('') }

/** Neither an asset nor a keeper: it becomes a login, or stays what it is registered as. */
export const adoptSchema = z
  .strictObject({
    ...strangerNameShape,
    assetCode: code.nullable().optional(),
    keeperCode: code.nullable().optional(),
  })
  .refine(oneOwner, oneOwnerMessage)
export type Adopt = z.infer<typeof adoptSchema>

export const adoptedSchema = z.object({
  device: deviceSchema,
  /** The user name that it logs in with from now on. */
  login: z.string(),
  /** Made for it, and told only now; null: it goes on with what it presented. */
  secret: z.string().nullable(),
})
export type Adopted = z.infer<typeof adoptedSchema>

/** Without a login: all that speak under this key. */
export const discardSchema = z.strictObject({
  key: deviceKeySchema,
  login: z.string().max(256).optional(),
})
export const discardedSchema = z.object({ discarded: z.number().int() })
