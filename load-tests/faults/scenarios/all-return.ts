import { readFileSync } from 'node:fs'
import { devicesOf, quantile, type Scenario } from '../scenario.ts'

/** Beside the connections: a service's own files and sockets. */
const spareFiles = 500

export const allReturn: Scenario = {
  name: 'all-return',
  title: 'when every device comes back at the same time, every one is let in and loses nothing',
  plan: ({ returning, rate }) => ({
    devices: devicesOf('readings', returning),
    connections: returning,
    ownLogins: true,
    rate,
    window: 20,
  }),
  run: async (stage) => {
    const { concentrators } = stage
    const limit = openFilesLimit()
    if (limit !== null && limit < concentrators.length + spareFiles)
      throw new Error(`the limit of open files is ${limit}: raise it by ulimit -n`)
    await stage.steady()
    let untilAllMs = 0
    const backMs: number[] = []
    await stage.phase(`fault: ${concentrators.length} devices without a gateway`, async () => {
      const before = concentrators.map(({ connections }) => connections)
      await stage.killGateway()
      await stage.until(() => concentrators.every(({ isUp }) => !isUp), 30_000, 'all have lost it')
      stage.check(
        'proof',
        'every connection broke',
        concentrators.every(({ isUp }) => !isUp),
        `${concentrators.length} connections`,
      )
      await stage.startGateway()
      const fromMs = performance.now()
      // All of them now: whoever was waiting for his next attempt gives it up.
      for (const concentrator of concentrators) concentrator.dialNow()
      await stage.until(
        () => {
          const back = concentrators.filter(({ connections }, at) => connections > (before[at] ?? 0)).length
          while (backMs.length < back) backMs.push(Math.round(performance.now() - fromMs))
          return back === concentrators.length
        },
        10 * 60_000,
        'all are back',
      )
      untilAllMs = Math.round(performance.now() - fromMs)
    })
    await stage.recover()
    await stage.drain()
    stage.check(
      'promise',
      'every device got its CONNACK',
      backMs.length === concentrators.length,
      `${backMs.length} of ${concentrators.length}`,
    )
    stage.figures['devices'] = concentrators.length
    stage.figures['untilHalfAreBackMs'] = quantile(backMs, 0.5) ?? '–'
    stage.figures['untilAllAreBackMs'] = untilAllMs
    stage.figures['failedAttempts'] = concentrators.reduce((sum, { refusals }) => sum + refusals, 0)
  },
}

/** Node takes as many as it may have; null where that cannot be read. */
function openFilesLimit(): number | null {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return found === undefined ? null : Number(found)
  } catch {
    return null
  }
}
