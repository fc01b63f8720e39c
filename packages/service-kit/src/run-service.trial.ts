// The program that run-service.integration.test.ts forks: one service per way to live and to end.
import { createLogger } from './create-logger.ts'
import { runService } from './run-service.ts'
import { portTaken } from './start-error.ts'

const mode = process.argv[2]
const logger = createLogger('trial', 'info')
const keepAlive = setInterval(() => undefined, 1000)

runService({
  name: 'trial',
  logger,
  stopTimeoutMs: 200,
  start: async () => {
    if (mode === 'port-taken') throw portTaken(5433, 'EMBEDDED_PORT')
    if (mode === 'slow-start') {
      logger.info({}, 'starting slowly')
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    if (mode === 'uncaught') setTimeout(throwBoom)
    if (mode === 'unhandled') setTimeout(() => void Promise.reject(new Error('boom')))
    return {
      ready: { port: 7 },
      stop: async () => {
        if (mode === 'hanging-stop') await new Promise(() => undefined)
        if (mode === 'failing-stop') throw new Error('cannot stop')
        clearInterval(keepAlive)
      },
    }
  },
})

function throwBoom(): never {
  throw new Error('boom')
}
