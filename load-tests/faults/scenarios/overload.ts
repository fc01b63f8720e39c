import { setTimeout as sleep } from 'node:timers/promises'
import type { Device, Stream } from '../ledger.ts'
import { quantile, type Scenario } from '../scenario.ts'

/** Of ten devices: four keepers' handhelds, five meters, one that reports events. As many as connections divide, so that no connection mixes them. */
const mix: readonly Stream[] = [
  ...Array<Stream>(4).fill('fixes'),
  ...Array<Stream>(5).fill('readings'),
  'events',
]
const delayMs = 1_000
const lookMs = 100
const metric = 'gk_shed_total'

export const overload: Scenario = {
  name: 'overload',
  title:
    'more than can be written: surplus fixes give way first, then surplus readings, events never; nothing is lost',
  plan: ({ rate, connections: wanted, faultSeconds }) => {
    const connections = Math.max(1, Math.floor(wanted / mix.length)) * mix.length
    // Two thirds of the way through the fault the intake has no room for readings, either.
    const limitItems = (rate * faultSeconds) / 2
    return {
      // Few devices, so that each has something waiting and the next of it is surplus.
      devices: Array.from({ length: mix.length * 10 }, (_, at): Device => {
        const stream = mix[at % mix.length] ?? 'readings'
        return { key: `${stream}-${at}`, stream }
      }),
      connections,
      rate,
      // All together as much as the gateway queues and holds back, and no more: beyond that it sends senders away.
      window: Math.floor((limitItems * 1.5) / connections),
      gatewayEnv: {
        // With the delay, a quarter of the load can be written.
        BATCH_MAX_ITEMS: String(Math.floor((rate * delayMs) / 4_000)),
        INTAKE_LIMIT_ITEMS: String(limitItems),
      },
    }
  },
  findObstacle: async (stage) =>
    (await stage.metric(metric)) === null ? `the gateway has no metric ${metric}: it does not shed` : null,
  run: async (stage) => {
    const latenciesMs: Record<Stream, number[]> = { fixes: [], readings: [], events: [] }
    stage.onLatency = ({ device }, latencyMs) =>
      latenciesMs[stage.plan.devices[device]?.stream ?? 'readings'].push(latencyMs)
    await stage.steady()
    for (const values of Object.values(latenciesMs)) values.length = 0
    const since: Partial<Record<'fixes' | 'readings' | 'rest', number>> = {}
    await stage.phase('fault: a slow database, four times the load it can take', async () => {
      stage.proxy.commitDelayMs = delayMs
      const fromMs = performance.now()
      while (performance.now() - fromMs < stage.sizes.faultSeconds * 1000) {
        for (const what of ['fixes', 'readings', 'rest'] as const)
          if (((await stage.metric(metric, `what="${what}"`)) ?? 0) > 0)
            since[what] ??= Math.round(performance.now() - fromMs)
        await sleep(lookMs)
      }
      for (const what of ['fixes', 'readings', 'rest'] as const)
        stage.figures[`heldBack.${what}`] = (await stage.metric(metric, `what="${what}"`)) ?? '–'
      stage.proxy.commitDelayMs = 0
    })
    await stage.recover()
    await stage.drain()
    const { fixes, readings, rest } = since
    stage.check('proof', 'fixes were held back', fixes !== undefined, `after ${fixes} ms`)
    stage.check(
      'promise',
      'fixes gave way before readings',
      fixes !== undefined && readings !== undefined && fixes <= readings,
      `fixes after ${fixes} ms, readings after ${readings} ms`,
    )
    stage.check(
      'promise',
      'events were never held back',
      rest === undefined,
      rest === undefined ? 'none' : `after ${rest} ms`,
    )
    const waitedMs = (stream: Stream) => quantile(latenciesMs[stream], 0.95) ?? 0
    for (const stream of ['fixes', 'readings', 'events'] as const)
      stage.figures[`${stream}AckMsP95`] = waitedMs(stream)
    stage.check(
      'promise',
      'events went before all that waited',
      waitedMs('events') > 0 && waitedMs('events') < 0.7 * waitedMs('fixes'),
      `p95 ${waitedMs('events')} ms, fixes ${waitedMs('fixes')} ms`,
    )
  },
}
