import { Module } from '@nestjs/common'
import { GatewaysController } from './gateways.controller.ts'

@Module({ controllers: [GatewaysController] })
export class GatewaysModule {}
