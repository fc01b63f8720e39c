import { isSound, judge, type Verdict } from './oracle.ts'
import { readStored } from './registry.ts'
import type { Scenario } from './scenario.ts'
import { Stage, type Check, type Phase, type Recovery, type StageOptions } from './stage.ts'

export interface Outcome {
  readonly name: string
  readonly title: string
  /** Why it was not played; null: it was. */
  readonly skipped: string | null
  readonly passed: boolean
  readonly phases: readonly Phase[]
  readonly checks: readonly Check[]
  readonly verdict: Verdict | null
  /** MiB; null: could not be seen. */
  readonly peakMiB: { readonly gateway: number | null; readonly database: number | null }
  readonly recovery: Recovery
  readonly figures: Readonly<Record<string, number | string>>
  readonly raw: Readonly<Record<string, unknown>>
}

/** The intake's limits are 64 MiB of payload and 50,000 items; an idle gateway has 150 MiB. What is beyond this grows without a bound. */
const gatewayLimitMiB = 768

/** Plays one scenario on a stage of its own. Throws only where the bench itself fails, or when told to stop; the stage is gone then, too. */
export async function runScenario(
  scenario: Scenario,
  options: StageOptions,
  signal?: AbortSignal,
): Promise<Outcome> {
  const stage = await Stage.open(options, scenario.plan(options.sizes))
  let skipped: string | null
  let verdict: Verdict | null = null
  try {
    skipped = (await scenario.findObstacle?.(stage)) ?? null
    if (skipped === null) {
      await Promise.race([scenario.run(stage), stopped(signal)])
      verdict = judge(stage.ledger, await readStored(stage.database.url, stage.plan.devices))
      judgeCommon(stage)
    }
  } finally {
    await stage.close()
  }
  const { phases, checks, recovery, figures, raw } = stage
  return {
    name: scenario.name,
    title: scenario.title,
    skipped,
    passed: skipped === null && verdict !== null && isSound(verdict) && checks.every(({ holds }) => holds),
    phases,
    checks,
    verdict,
    peakMiB: { gateway: stage.memory.peakMiB('gateway'), database: stage.memory.peakMiB('database') },
    recovery,
    figures,
    raw,
  }
}

function stopped(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new Error('told to stop'))
    if (signal?.aborted === true) stop()
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/** What every scenario owes. */
function judgeCommon(stage: Stage): void {
  const { sent, acknowledged } = stage.ledger
  stage.check(
    'promise',
    'in the end everything is acknowledged',
    acknowledged === sent,
    `${acknowledged} of ${sent}`,
  )
  const peak = stage.memory.peakMiB('gateway')
  stage.check(
    'promise',
    `the gateway stays under ${gatewayLimitMiB} MiB`,
    peak === null || peak < gatewayLimitMiB,
    peak === null ? 'cannot be seen on this system' : `${peak} MiB`,
  )
}
