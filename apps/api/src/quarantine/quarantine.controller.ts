import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common'
import {
  adoptedSchema,
  adoptSchema,
  discardedSchema,
  discardSchema,
  quarantineSchema,
} from '@gridkeeper/contracts'
import type { Account, Adopt, Adopted, Quarantine } from '@gridkeeper/contracts'
import {
  adoptStranger,
  countStrangers,
  discardStranger,
  hashSecret,
  listStrangers,
  makeSecret,
} from '@gridkeeper/store'
import type { Pool } from 'pg'
import { z } from 'zod'
import { RegistryTeller } from '../bus/registry-teller.ts'
import { POOL } from '../config/tokens.ts'
import { deviceProblem } from '../devices/device-problem.ts'
import { requireAdmin, requireDispatcher } from '../session/roles.ts'
import { CurrentAccount } from '../session/session.guard.ts'
import { Describe } from '../web/describe.ts'
import { parse } from '../web/parse.pipe.ts'

const listQuerySchema = z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(100) })

@Controller('api/quarantine')
export class QuarantineController {
  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(RegistryTeller) private readonly teller: RegistryTeller,
  ) {}

  @Get()
  @Describe({
    summary: 'Unknown speakers, last heard first, with the beginning of what each said last',
    query: listQuerySchema,
    answer: quarantineSchema,
    problems: ['bad-request', 'not-allowed'],
  })
  async list(
    @CurrentAccount() account: Account,
    @Query(parse(listQuerySchema)) { limit }: z.infer<typeof listQuerySchema>,
  ): Promise<Quarantine> {
    requireDispatcher(account)
    return { strangers: await listStrangers(this.pool, limit), ...(await countStrangers(this.pool)) }
  }

  @Post('adopt')
  @HttpCode(200)
  @Describe({
    summary: 'Make a device of a stranger: its next messages count',
    body: adoptSchema,
    answer: adoptedSchema,
    problems: ['bad-request', 'not-allowed', 'not-found', 'conflict'],
  })
  async adopt(
    @CurrentAccount() account: Account,
    @Body(parse(adoptSchema)) request: Adopt,
  ): Promise<Adopted> {
    requireAdmin(account)
    const spare = makeSecret()
    const spareHash = await hashSecret(spare)
    const adopted = await adoptStranger(this.pool, account.name, { ...request, spareHash })
    if (!adopted.ok) throw deviceProblem(adopted.reason)
    this.teller.tell()
    const { device, login, isSpareUsed } = adopted
    return { device, login, secret: isSpareUsed ? spare : null }
  }

  @Post('discard')
  @HttpCode(200)
  @Describe({
    summary: 'Forget a stranger; if it speaks again it is there again',
    body: discardSchema,
    answer: discardedSchema,
    problems: ['bad-request', 'not-allowed'],
  })
  async discard(
    @CurrentAccount() account: Account,
    @Body(parse(discardSchema)) { key, login }: z.infer<typeof discardSchema>,
  ): Promise<z.infer<typeof discardedSchema>> {
    requireAdmin(account)
    return { discarded: await discardStranger(this.pool, key, login ?? null) }
  }
}
