import type { Server } from 'node:http'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import type { Logger } from '@gridkeeper/service-kit'
import type { GatewayConfig } from './config/env.ts'
import { trustedProxies } from './door/client-address.ts'
import { listenForWebSockets } from './door/websocket.ts'
import { GatewayModule } from './gateway.module.ts'
import { Gateway } from './gateway.ts'

/** A payload over 64 KiB becomes a dead letter; a body over this is not even read. */
const maxBodyBytes = 1024 * 1024

/** Bodies stay bytes: the decoders read them, and the dead-letter list keeps them as they came. */
export async function createApp(config: GatewayConfig, logger: Logger): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(GatewayModule.with(config, logger), {
    logger: ['error', 'warn'],
    bodyParser: false,
  })
  app.useBodyParser('raw', { type: () => true, limit: maxBodyBytes })
  const gateway = app.get(Gateway)
  listenForWebSockets(app.getHttpServer() as Server, {
    trustedProxies: trustedProxies(config.trustedProxies),
    maxPacketBytes: config.door.maxPacketBytes,
    receive: (stream, address) => gateway.receiveStream(stream, address),
    countRefusal: (refusal) => gateway.countRefusal(refusal),
  })
  return app
}
