import { Module } from '@nestjs/common'
import { AlarmsController } from './alarms.controller.ts'

@Module({ controllers: [AlarmsController] })
export class AlarmsModule {}
