import { Module } from '@nestjs/common'
import { ImportController } from './import.controller.ts'

@Module({ controllers: [ImportController] })
export class ImportModule {}
