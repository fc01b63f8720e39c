import { setTimeout as sleep } from 'node:timers/promises'
import { quantile, usualPlan, type Scenario } from '../scenario.ts'

const delayMs = 2_000

export const databaseSlow: Scenario = {
  name: 'database-slow',
  title: 'two seconds more a commit delay acknowledgements, and nothing else',
  plan: (sizes) => ({ ...usualPlan(sizes), window: 2_000 }),
  run: async (stage) => {
    const { proxy, sizes } = stage
    await stage.steady()
    await stage.phase(`fault: +${delayMs / 1000} s a commit`, async () => {
      proxy.commitDelayMs = delayMs
      await sleep(Math.max(sizes.faultSeconds * 1000, 3 * delayMs))
      proxy.commitDelayMs = 0
    })
    const latenciesMs = stage.takeLatenciesMs()
    await stage.recover()
    await stage.drain()
    const least = Math.min(...proxy.delayedCommitsMs)
    stage.check(
      'proof',
      'every commit took 2 s and more',
      proxy.delayedCommitsMs.length > 0 && least >= delayMs - 5,
      `${proxy.delayedCommitsMs.length} commits, the fastest ${least} ms`,
    )
    stage.figures['ackMsMedianDuring'] = quantile(latenciesMs, 0.5) ?? '–'
    stage.raw['commitsMs'] = proxy.delayedCommitsMs
  },
}
