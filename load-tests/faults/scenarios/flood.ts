import { setTimeout as sleep } from 'node:timers/promises'
import { devicesOf, quantile, type Scenario } from '../scenario.ts'

/** The flooder keeps so many on the way, and always has more. */
const window = 1_000
const tickMs = 5

export const flood: Scenario = {
  name: 'flood',
  title: 'a device that floods is slowed down and does not swell the gateway; the others are still heard',
  plan: ({ devices, connections, rate }) => ({
    // The last one floods, over a connection of its own; the load is of the others.
    devices: devicesOf('readings', devices + 1),
    connections,
    rate,
    loadDevices: devices,
  }),
  run: async (stage) => {
    const { sizes, plan, ledger } = stage
    const flooder = plan.devices.length - 1
    let heard = 0
    let isFlooding = false
    const latenciesMs: number[] = []
    const concentrator = stage.connect(plan.connections, {
      window,
      onAcknowledged: (message, latencyMs) => {
        heard += message.numbers.length
        if (isFlooding) latenciesMs.push(latencyMs)
        stage.acknowledge(message)
      },
    })
    await stage.until(() => concentrator.isUp, 30_000, 'the flooder is in')
    await stage.phase('steady', async () => {
      stage.startLoad()
      await sleep(Math.max(sizes.steadySeconds, sizes.faultSeconds / 2) * 1000)
    })
    const before = stage.takeLatenciesMs()
    await stage.phase('fault: one device as fast as it can', async () => {
      isFlooding = true
      const timer = setInterval(() => {
        while (concentrator.backlog < 2 * window) concentrator.send(stage.next(flooder))
      }, tickMs)
      await sleep(sizes.faultSeconds * 1000)
      clearInterval(timer)
      isFlooding = false
    })
    const heardDuring = heard
    const during = stage.takeLatenciesMs()
    await stage.recover()
    await stage.drain()
    const perSecond = Math.round(heardDuring / sizes.faultSeconds)
    const usual = plan.rate / (plan.devices.length - 1)
    stage.check(
      'proof',
      'it wanted more than it got, all the time',
      ledger.lastOf(flooder) >= heardDuring + window,
      `${ledger.lastOf(flooder)} offered, ${heardDuring} taken`,
    )
    stage.check(
      'proof',
      'it was far louder than the others',
      perSecond > usual * 5,
      `${perSecond} a second; the others ${usual.toFixed(1)}`,
    )
    stage.check('promise', 'the others were heard meanwhile', during.length > 0, `${during.length} messages`)
    const p95 = (values: readonly number[]) => quantile(values, 0.95) ?? 0
    stage.figures['floodPerSecond'] = perSecond
    stage.figures['othersAckMsP95Before'] = p95(before)
    stage.figures['othersAckMsP95During'] = p95(during)
    stage.figures['othersAckP95Ratio'] = (p95(during) / Math.max(1, p95(before))).toFixed(1)
    stage.figures['floodAckMsP95'] = p95(latenciesMs)
  },
}
