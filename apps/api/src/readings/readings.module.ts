import { Module } from '@nestjs/common'
import { ReadingsController } from './readings.controller.ts'

@Module({ controllers: [ReadingsController] })
export class ReadingsModule {}
