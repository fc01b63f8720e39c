import { killRepeatedly } from '../kill-repeatedly.ts'
import { mixedPlan, type Scenario } from '../scenario.ts'

export const databaseKilled: Scenario = {
  name: 'database-killed',
  title:
    'a database killed at random moments loses nothing that was acknowledged, and no device notices more than a wait',
  plan: mixedPlan,
  findObstacle: ({ database }) => database.outOfReach,
  run: async (stage) => {
    const gateway = stage.gatewayPid
    await stage.steady()
    await killRepeatedly(stage, {
      what: 'the database',
      pid: () => stage.database.pid,
      kill: () => stage.database.kill(),
      start: () => stage.database.start(),
    })
    await stage.recover()
    await stage.drain()
    stage.check(
      'proof',
      'some were acknowledged by HTTP, too',
      stage.acknowledged200 > 0,
      `${stage.acknowledged200} × 200`,
    )
    const retries = (await stage.metric('gk_commit_retries_total')) ?? 0
    stage.check('proof', 'the gateway had to try commits again', retries > 0, `${retries} retries`)
    stage.check(
      'proof',
      "the gateway's connections to the database broke",
      stage.proxy.broken > 0,
      stage.proxy.broken,
    )
    stage.check('promise', 'the gateway lived through it', stage.gatewayPid === gateway, `pid ${gateway}`)
    const connections = stage.concentrators.reduce((sum, concentrator) => sum + concentrator.connections, 0)
    stage.check(
      'promise',
      'no connection of a device broke',
      connections === stage.concentrators.length,
      `${connections} connections of ${stage.concentrators.length} devices`,
    )
  },
}
