import { Controller, Get, Inject } from '@nestjs/common'
import { gatewayListSchema, type Account, type GatewayList } from '@gridkeeper/contracts'
import { BusClient } from '../bus/bus-client.ts'
import { requireDispatcher } from '../session/roles.ts'
import { CurrentAccount } from '../session/session.guard.ts'
import { TwinService } from '../twin/twin.service.ts'
import { Describe } from '../web/describe.ts'

@Controller('api/gateways')
export class GatewaysController {
  constructor(
    @Inject(TwinService) private readonly twins: TwinService,
    @Inject(BusClient) private readonly bus: BusClient,
  ) {}

  @Get()
  @Describe({
    summary: 'What each gateway said of itself last, with its last minute',
    answer: gatewayListSchema,
    problems: ['not-allowed'],
  })
  list(@CurrentAccount() account: Account): GatewayList {
    requireDispatcher(account)
    return { bus: this.bus.isUp, gateways: [...this.twins.gateways] }
  }
}
