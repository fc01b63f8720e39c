import { killRepeatedly } from '../kill-repeatedly.ts'
import { mixedPlan, type Scenario } from '../scenario.ts'

export const gatewayKilled: Scenario = {
  name: 'gateway-killed',
  title: 'a gateway killed at random moments loses nothing and doubles nothing',
  plan: mixedPlan,
  run: async (stage) => {
    await stage.steady()
    await killRepeatedly(stage, {
      what: 'the gateway',
      pid: () => stage.gatewayPid,
      kill: () => stage.killGateway(),
      start: () => stage.startGateway(),
    })
    await stage.recover()
    await stage.drain()
    stage.check(
      'proof',
      'some were acknowledged by HTTP, too',
      stage.acknowledged200 > 0,
      `${stage.acknowledged200} × 200`,
    )
    const resent = stage.concentrators.reduce((sum, concentrator) => sum + concentrator.resent, 0)
    stage.figures['sentAgain'] = resent
  },
}
