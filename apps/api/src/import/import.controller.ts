import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common'
import { importReportSchema, importRequestSchema, maxImportBytes } from '@gridkeeper/contracts'
import type { Account, ImportReport } from '@gridkeeper/contracts'
import type { Logger } from '@gridkeeper/service-kit'
import type { Request } from 'express'
import type { Pool } from 'pg'
import { BusClient } from '../bus/bus-client.ts'
import { LOGGER, POOL } from '../config/tokens.ts'
import { requireAdmin } from '../session/roles.ts'
import { CurrentAccount } from '../session/session.guard.ts'
import { TwinService } from '../twin/twin.service.ts'
import { Describe } from '../web/describe.ts'
import { parse } from '../web/parse.pipe.ts'
import { ProblemError } from '../web/problem.ts'
import { importText } from './import.service.ts'
import { readBody } from './read-body.ts'
import { FileError } from './row-check.ts'

@Controller('api/import')
export class ImportController {
  /** One import at a time: each may hold 64 MiB. */
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(BusClient) private readonly bus: BusClient,
    @Inject(TwinService) private readonly twins: TwinService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Post()
  @HttpCode(200)
  @Describe({
    summary: 'Load grids, lines, ground (GeoJSON), assets or keepers (CSV); known codes are updated',
    body: importRequestSchema,
    answer: importReportSchema,
    problems: ['bad-request', 'not-allowed', 'too-large', 'too-many-attempts'],
  })
  async load(@CurrentAccount() account: Account, @Req() request: Request): Promise<ImportReport> {
    requireAdmin(account)
    if (this.#waiting >= 4)
      throw new ProblemError('too-many-attempts', 'other imports are running; try again later')
    this.#waiting++
    try {
      const run = this.#last.then(() => this.#load(request, account.name))
      this.#last = run.catch(() => undefined)
      return await run
    } finally {
      this.#waiting--
    }
  }

  async #load(request: Request, account: string): Promise<ImportReport> {
    const body = parse(importRequestSchema).transform(parseJson(await readBody(request, maxImportBytes)))
    try {
      const { report, version } = await importText(this.pool, body, account)
      this.logger.info({ ...report, problems: undefined, version }, 'imported')
      if (version !== null) {
        this.bus.publishRegistry(version)
        await this.twins.reload('import')
      }
      return report
    } catch (error) {
      if (error instanceof FileError) throw new ProblemError('bad-request', error.message)
      throw error
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ProblemError('bad-request', 'the body is not JSON')
  }
}
