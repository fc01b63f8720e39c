import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common'
import {
  deviceDetailSchema,
  deviceKeySchema,
  deviceListSchema,
  devicePutSchema,
  deviceSchema,
  deviceSecretRequestSchema,
  deviceSecretSchema,
} from '@gridkeeper/contracts'
import type {
  Account,
  Device,
  DeviceDetail,
  DeviceList,
  DevicePut,
  DeviceSecret,
} from '@gridkeeper/contracts'
import {
  countDevices,
  hashSecret,
  hashToken,
  listDeviceChanges,
  listDevices,
  listVia,
  makeSecret,
  findDevice,
  putDevice,
  setDeviceSecret,
  setDeviceState,
  type Alteration,
} from '@gridkeeper/store'
import type { Pool } from 'pg'
import { z } from 'zod'
import { RegistryTeller } from '../bus/registry-teller.ts'
import { POOL } from '../config/tokens.ts'
import { requireAdmin, requireDispatcher } from '../session/roles.ts'
import { CurrentAccount } from '../session/session.guard.ts'
import { Describe } from '../web/describe.ts'
import { parse } from '../web/parse.pipe.ts'
import { notFound } from '../web/problem.ts'
import { deviceProblem } from './device-problem.ts'

const keyParamsSchema = z.object({ key: deviceKeySchema })
type KeyParams = z.infer<typeof keyParamsSchema>

const listQuerySchema = z.object({
  /** Part of the key, the login, or the code or name of the asset or keeper. */
  search: z.string().min(1).max(64).optional(),
  state: z.enum(['active', 'revoked']).optional(),
  via: deviceKeySchema.optional(),
  owner: z.enum(['asset', 'keeper', 'none']).optional(),
  /** `false`: those that have neither a secret nor a login to speak for them. */
  canLogIn: z.enum(['true', 'false']).optional(),
  after: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
const maxListed = 100

@Controller('api/devices')
export class DevicesController {
  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(RegistryTeller) private readonly teller: RegistryTeller,
  ) {}

  @Get()
  @Describe({
    summary: 'Devices and logins, by key',
    query: listQuerySchema,
    answer: deviceListSchema,
    problems: ['bad-request', 'not-allowed'],
  })
  async list(
    @CurrentAccount() account: Account,
    @Query(parse(listQuerySchema)) query: z.infer<typeof listQuerySchema>,
  ): Promise<DeviceList> {
    requireDispatcher(account)
    const { search: text, state, via, owner, canLogIn, after = null, limit } = query
    const filter = { text, state, via, owner, canLogIn: canLogIn && canLogIn === 'true' }
    const devices = await listDevices(this.pool, filter, limit + 1, after)
    const page = devices.slice(0, limit)
    return {
      devices: page,
      total: await countDevices(this.pool, filter),
      next: devices.length > limit ? (page.at(-1)?.key ?? null) : null,
    }
  }

  @Get(':key')
  @Describe({
    summary: 'One device, whom it speaks for, and what was changed about it',
    params: keyParamsSchema,
    answer: deviceDetailSchema,
    problems: ['not-allowed', 'not-found'],
  })
  async read(
    @CurrentAccount() account: Account,
    @Param(parse(keyParamsSchema)) { key }: KeyParams,
  ): Promise<DeviceDetail> {
    requireDispatcher(account)
    return {
      ...(await this.#found(key)),
      speaksFor: await listVia(this.pool, key, maxListed),
      changes: await listDeviceChanges(this.pool, key, maxListed),
    }
  }

  @Put(':key')
  @Describe({
    summary: 'Make a device or a login, or change its owner, its protocol, or who speaks for it',
    params: keyParamsSchema,
    body: devicePutSchema,
    answer: deviceSchema,
    problems: ['bad-request', 'not-allowed'],
  })
  async put(
    @CurrentAccount() account: Account,
    @Param(parse(keyParamsSchema)) { key }: KeyParams,
    @Body(parse(devicePutSchema)) wish: DevicePut,
  ): Promise<Device> {
    requireAdmin(account)
    const put = await putDevice(this.pool, account.name, key, wish)
    if (put !== 'created' && put !== 'changed' && put !== 'unchanged') throw deviceProblem(put)
    if (put !== 'unchanged') this.teller.tell()
    return this.#found(key)
  }

  @Post(':key/secret')
  @HttpCode(200)
  @Describe({
    summary:
      'Give it a secret: one that is made and told only now, or the given one. Its sessions under the old one end',
    params: keyParamsSchema,
    body: deviceSecretRequestSchema,
    answer: deviceSecretSchema,
    problems: ['bad-request', 'not-allowed', 'not-found', 'conflict'],
  })
  async setSecret(
    @CurrentAccount() account: Account,
    @Param(parse(keyParamsSchema)) { key }: KeyParams,
    @Body(parse(deviceSecretRequestSchema)) request: z.infer<typeof deviceSecretRequestSchema>,
  ): Promise<DeviceSecret> {
    requireAdmin(account)
    const secret = request.secret ?? makeSecret()
    const hash = request.token ? hashToken(secret) : await hashSecret(secret)
    this.#altered(await setDeviceSecret(this.pool, account.name, key, hash))
    return { key, secret: request.secret === undefined ? secret : null }
  }

  @Delete(':key/secret')
  @Describe({
    summary: 'Take its secret away: it cannot log in by itself any more',
    params: keyParamsSchema,
    answer: deviceSchema,
    problems: ['not-allowed', 'not-found'],
  })
  async removeSecret(
    @CurrentAccount() account: Account,
    @Param(parse(keyParamsSchema)) { key }: KeyParams,
  ): Promise<Device> {
    requireAdmin(account)
    this.#altered(await setDeviceSecret(this.pool, account.name, key, null))
    return this.#found(key)
  }

  @Post(':key/revoke')
  @HttpCode(200)
  @Describe({
    summary: 'Not heard from now on, whoever speaks for it; its sessions end',
    params: keyParamsSchema,
    answer: deviceSchema,
    problems: ['not-allowed', 'not-found'],
  })
  async revoke(
    @CurrentAccount() account: Account,
    @Param(parse(keyParamsSchema)) { key }: KeyParams,
  ): Promise<Device> {
    requireAdmin(account)
    this.#altered(await setDeviceState(this.pool, account.name, key, 'revoked'))
    return this.#found(key)
  }

  @Post(':key/reinstate')
  @HttpCode(200)
  @Describe({
    summary: 'Heard again, with the secret it had',
    params: keyParamsSchema,
    answer: deviceSchema,
    problems: ['not-allowed', 'not-found'],
  })
  async reinstate(
    @CurrentAccount() account: Account,
    @Param(parse(keyParamsSchema)) { key }: KeyParams,
  ): Promise<Device> {
    requireAdmin(account)
    this.#altered(await setDeviceState(this.pool, account.name, key, 'active'))
    return this.#found(key)
  }

  async #found(key: string): Promise<Device> {
    const device = await findDevice(this.pool, key)
    if (device === null) throw notFound('device')
    return device
  }

  #altered(outcome: Alteration | 'token-taken'): void {
    if (outcome === 'unknown') throw notFound('device')
    if (outcome === 'token-taken') throw deviceProblem(outcome)
    if (outcome === 'changed') this.teller.tell()
  }
}
