import { Module } from '@nestjs/common'
import { KeepersController } from './keepers.controller.ts'

@Module({ controllers: [KeepersController] })
export class KeepersModule {}
