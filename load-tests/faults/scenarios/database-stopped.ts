import { setTimeout as sleep } from 'node:timers/promises'
import { usualPlan, type Scenario } from '../scenario.ts'

/** Commits that were under way when the stop began may still be acknowledged. */
const graceMs = 3_000

export const databaseStopped: Scenario = {
  name: 'database-stopped',
  title:
    'while the database is away nothing is acknowledged and nothing grows; afterwards everything is stored',
  // A window so wide that senders offer the gateway more than it may hold: its limit has to stop them.
  plan: (sizes) => ({ ...usualPlan(sizes), window: 10_000 }),
  run: async (stage) => {
    const { database, proxy, sizes } = stage
    await stage.steady()
    const pid = database.pid
    const isOurs = database.outOfReach === null
    const brokenBefore = proxy.broken
    await stage.phase(`fault: ${isOurs ? 'database stopped' : 'way to the database cut'}`, async () => {
      if (isOurs) await database.stop()
      else proxy.cut()
      await sleep(Math.min(graceMs, (sizes.outageSeconds * 1000) / 2))
      const before = stage.ledger.acknowledged
      await sleep(Math.max(0, sizes.outageSeconds * 1000 - graceMs))
      const during = stage.ledger.acknowledged - before
      stage.check('promise', 'nothing is acknowledged without a database', during === 0, during)
      const retries = (await stage.metric('gk_commit_retries_total')) ?? 0
      stage.check('proof', 'the gateway tried commits in vain', retries > 0, `${retries} retries`)
      stage.figures['waitingAtTheEnd'] = (await stage.metric('gk_intake_waiting_items')) ?? '–'
      stage.figures['backlogAtTheEnd'] = stage.backlog
      if (isOurs) {
        stage.check('proof', 'connections were refused', proxy.refused > 0, `${proxy.refused} times`)
        await database.start()
        stage.check(
          'proof',
          'another process serves the database now',
          pid !== database.pid,
          `${pid} → ${database.pid}`,
        )
      } else {
        const broken = proxy.broken - brokenBefore
        stage.check('proof', 'connections were cut', broken > 0, `${broken} connections`)
        await proxy.restore()
      }
    })
    await stage.recover()
    await stage.drain()
  },
}
