import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from './scenario.ts'
import type { Stage } from './stage.ts'

interface Victim {
  readonly what: string
  readonly pid: () => number | null
  readonly kill: () => Promise<string>
  readonly start: () => Promise<void>
}

/** Kills come so long after the last recovery, at random: somewhere in gathering, writing, committing, acknowledging. */
const leastMs = 200
const mostMs = 2_500

/** Under load: kill, start again, wait for the first acknowledgement; as often as the sizes say. */
export async function killRepeatedly(stage: Stage, victim: Victim): Promise<void> {
  const { kills } = stage.sizes
  const recoveriesMs: number[] = []
  const waiting: number[] = []
  let properKills = 0
  let replaced = 0
  await stage.phase(`fault: ${kills} × kill -9`, async () => {
    for (let count = 0; count < kills; count++) {
      await sleep(leastMs + Math.random() * (mostMs - leastMs))
      const before = victim.pid()
      const killedAtMs = performance.now()
      waiting.push(stage.onTheWay)
      if ((await victim.kill()) === 'SIGKILL') properKills++
      await victim.start()
      if (before !== null && victim.pid() !== null && victim.pid() !== before) replaced++
      await stage.nextAcknowledgement()
      recoveriesMs.push(Math.round(performance.now() - killedAtMs))
    }
  })
  const hit = waiting.filter((count) => count > 0).length
  stage.check(
    'proof',
    `${victim.what} died of SIGKILL and was replaced`,
    properKills === kills && replaced === kills,
    `${properKills} deaths, ${replaced} new processes of ${kills}`,
  )
  stage.check(
    'proof',
    'kills hit messages on their way',
    hit > 0,
    `${hit} of ${kills}, ${Math.max(...waiting)} messages at most`,
  )
  stage.figures['kills'] = kills
  stage.figures['killToFirstAckMsMedian'] = quantile(recoveriesMs, 0.5) ?? '–'
  stage.figures['killToFirstAckMsMax'] = Math.max(...recoveriesMs)
  stage.raw['killToFirstAckMs'] = recoveriesMs
  stage.raw['onTheWayAtKill'] = waiting
}
