import { createLogger, type Logger } from '@gridkeeper/service-kit'
import { gatewayConfig } from '../gateway.trial.ts'
import { Gateway } from '../gateway.ts'
import type { ExternalConfig } from './external-config.ts'
import { defaultTopics } from './lanes.ts'

export const externalConfig = (
  url: string,
  clientId: string,
  over: Partial<ExternalConfig> = {},
): ExternalConfig => ({
  url,
  username: null,
  password: null,
  caFile: null,
  certFile: null,
  keyFile: null,
  group: 'gridkeeper',
  isShared: true,
  clientId,
  topics: defaultTopics,
  sessionExpirySeconds: 86_400,
  receiveMaximum: 4_000,
  takeOverAfterSeconds: 30,
  ...over,
})

/** In this process, a client of the broker at `url`. */
export async function startExternalGateway(
  databaseUrl: string,
  url: string,
  clientId: string,
  over: Partial<ExternalConfig> = {},
  logger: Logger = createLogger('gateway', process.env['TEST_LOG'] ?? 'silent'),
): Promise<Gateway> {
  const config = { ...gatewayConfig(databaseUrl), external: externalConfig(url, clientId, over) }
  const gateway = new Gateway(config, logger)
  await gateway.start()
  return gateway
}
