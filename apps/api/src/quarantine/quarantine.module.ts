import { Module } from '@nestjs/common'
import { QuarantineController } from './quarantine.controller.ts'

@Module({ controllers: [QuarantineController] })
export class QuarantineModule {}
