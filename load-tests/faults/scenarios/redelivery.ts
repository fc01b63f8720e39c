import { setTimeout as sleep } from 'node:timers/promises'
import { usualPlan, type Scenario } from '../scenario.ts'

const share = 0.1
/** Messages that a client has heard of and sends again all the same. */
const repeats = 50

export const redelivery: Scenario = {
  name: 'redelivery',
  title: 'duplicates, messages out of order and storms of redelivery change nothing that is stored',
  plan: (sizes) => ({ ...usualPlan(sizes), repeats }),
  run: async (stage) => {
    let duplicates = 0
    let late = 0
    const timers = new Set<NodeJS.Timeout>()
    await stage.steady((message) => {
      const chance = Math.random()
      if (chance < share) {
        // Its device's next ones overtake it.
        const timer = setTimeout(
          () => {
            timers.delete(timer)
            if (stage.ledger.lastOf(message.device) > (message.numbers[0] ?? 0)) late++
            stage.send(message)
          },
          700 + Math.random() * 1_000,
        )
        timers.add(timer)
        return
      }
      stage.send(message)
      if (chance >= 1 - share) {
        duplicates++
        stage.send(message)
      }
    })
    await stage.phase(`fault: ${stage.sizes.storms} storms`, async () => {
      for (let storm = 0; storm < stage.sizes.storms; storm++) {
        await sleep(1_000)
        for (const concentrator of stage.concentrators) concentrator.reconnect()
        await stage.nextAcknowledgement()
      }
      await sleep(1_000)
    })
    await stage.recover()
    stage.stopLoad()
    await stage.until(() => timers.size === 0, 10_000, 'the late ones are sent')
    await stage.drain()
    const { sent } = stage.ledger
    const sentAgain = stage.concentrators.reduce((sum, { resent }) => sum + resent, 0)
    const shareOf = (count: number) => `${count} of ${sent}, ${((100 * count) / sent).toFixed(1)} %`
    stage.check('proof', 'about a tenth was sent twice', duplicates > sent * share * 0.5, shareOf(duplicates))
    stage.check(
      'proof',
      'about a tenth came after later ones of its device',
      late > sent * share * 0.5,
      shareOf(late),
    )
    stage.check('proof', 'storms repeated what was acknowledged long ago', sentAgain > 0, sentAgain)
    const again = stage.ledger.acknowledgedAgain
    stage.check(
      'promise',
      'a repetition is acknowledged, too',
      again >= duplicates,
      `${again} further acknowledgements`,
    )
    stage.figures['duplicates'] = duplicates
    stage.figures['outOfOrder'] = late
    stage.figures['sentAgainInStorms'] = sentAgain
  },
}
