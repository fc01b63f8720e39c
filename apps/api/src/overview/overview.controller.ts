import { Controller, Get, Inject, Query } from '@nestjs/common'
import { overviewSchema, type Account, type Overview } from '@gridkeeper/contracts'
import type { z } from 'zod'
import { CLOCK, type Clock } from '../config/tokens.ts'
import { isInScope, settledScope, type Scope } from '../registry/scope.ts'
import { CurrentAccount } from '../session/session.guard.ts'
import { TwinService } from '../twin/twin.service.ts'
import { viewOf } from '../twin/twin-view.ts'
import { Describe } from '../web/describe.ts'
import { parse } from '../web/parse.pipe.ts'
import { gridQuerySchema } from '../web/query-schemas.ts'
import { SharedAnswers } from '../web/shared-answers.ts'
import { countOverview } from './count-overview.ts'

@Controller('api/overview')
export class OverviewController {
  readonly #overviews: SharedAnswers<Overview>

  constructor(
    @Inject(TwinService) private readonly twins: TwinService,
    @Inject(CLOCK) private readonly now: Clock,
  ) {
    this.#overviews = new SharedAnswers(500, now)
  }

  @Get()
  @Describe({
    summary: 'Counts for the panels',
    query: gridQuerySchema,
    answer: overviewSchema,
    problems: ['bad-request', 'not-found'],
  })
  read(
    @CurrentAccount() account: Account,
    @Query(parse(gridQuerySchema)) { grid }: z.infer<typeof gridQuerySchema>,
  ): Promise<Overview> {
    const scope = settledScope(this.twins.twin.tree, account, grid)
    return this.#overviews.get(String(scope.root), () => Promise.resolve(this.#count(scope)))
  }

  #count(scope: Scope): Overview {
    const { twin } = this.twins
    const view = viewOf(twin, scope.root)
    return countOverview({
      assets: view.assets(),
      keepers: view.keepers(),
      openAlarms: [...twin.openAlarms.values()].filter(({ assetId }) =>
        isInScope(scope, twin.assets.get(assetId)?.gridId ?? null),
      ),
      gridName: (id) => twin.tree.nameOf(id),
      nowMs: this.now(),
    })
  }
}
