import { setTimeout as sleep } from 'node:timers/promises'
import { deviceTopic } from '@gridkeeper/contracts'
import type { Message } from '../message.ts'
import { withClient } from '../registry.ts'
import { usualPlan, type Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'

/** The most items that a message may have. */
const itemsOfArray = 2_000

interface Poison {
  readonly reason: string
  readonly make: (stage: Stage, device: number, mark: string) => Message
}

const whole = (
  stage: Stage,
  device: number,
  channel: 'readings' | 'fixes',
  payload: string | Buffer,
): Message => ({
  device,
  numbers: [],
  topic: deviceTopic(stage.plan.devices[device]?.key ?? '', channel),
  payload,
})

/** Each bears its mark, by which it is found again among the dead letters. */
const poisons: readonly Poison[] = [
  {
    reason: 'undecodable',
    make: (stage, device, mark) =>
      whole(stage, device, 'readings', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(mark)])),
  },
  {
    reason: 'wrong-type',
    make: (stage, device, mark) =>
      whole(stage, device, 'readings', JSON.stringify({ t: Date.now(), v: { p: mark } })),
  },
  {
    // Sound to every schema; jsonb takes no half of a surrogate pair, and the database refuses the whole batch around it.
    reason: 'refused-by-database',
    make: (stage, device, mark) =>
      whole(stage, device, 'readings', JSON.stringify({ t: Date.now(), v: { p: 1, note: `${mark}\ud800` } })),
  },
  {
    reason: 'wrong-channel',
    make: (stage, device, mark) =>
      whole(stage, device, 'fixes', JSON.stringify({ t: Date.now(), id: mark, lon: 113.3, lat: 30.1 })),
  },
  {
    // As many items as may be, one of them bad: the others are messages of the ledger.
    reason: 'wrong-type',
    make: (stage, device, mark) => {
      const numbers = Array.from({ length: itemsOfArray - 1 }, () => stage.ledger.next(device))
      const items: object[] = numbers.map((id) => ({ id, v: { kwh: id } }))
      items.splice(items.length >> 1, 0, { id: 0, v: mark })
      return { ...whole(stage, device, 'readings', JSON.stringify(items)), numbers }
    },
  },
]

export const poison: Scenario = {
  name: 'poison',
  title: 'poison ends in dead_letter exactly once, and nothing around it is lost',
  plan: usualPlan,
  run: async (stage) => {
    const { sizes } = stage
    /** By mark: the reason it is to be refused for. */
    const given = new Map<string, string>()
    let count = 0
    const add = () => {
      const { reason, make } = poisons[given.size % poisons.length] ?? poisons[0]!
      const mark = `poison-${String(given.size).padStart(6, '0')}`
      given.set(mark, reason)
      stage.send(make(stage, given.size % stage.plan.devices.length, mark))
    }
    await stage.steady((message) => {
      stage.send(message)
      if (++count % sizes.poisonEvery === 0) add()
    })
    await stage.phase(`fault: one message in ${sizes.poisonEvery} is poison`, async () => {
      // Each kind at least once, however short it is.
      while (given.size < poisons.length) add()
      await sleep(sizes.faultSeconds * 1000)
    })
    await stage.recover()
    await stage.drain()

    const letters = await readLetters(stage)
    const wrongCount = [...given.keys()].filter((mark) => letters.get(mark)?.length !== 1)
    const wrongReason = [...given].filter(([mark, reason]) => letters.get(mark)?.[0] !== reason)
    const total = [...letters.values()].reduce((sum, reasons) => sum + reasons.length, 0)
    const counted = await stage.metric('gk_dead_letters_total')
    stage.check(
      'proof',
      'poison of every kind was sent',
      given.size >= poisons.length,
      `${given.size} messages`,
    )
    stage.check(
      'promise',
      'each is a dead letter exactly once',
      wrongCount.length === 0 && total === given.size,
      `${total} dead letters of ${given.size}${wrongCount.length > 0 ? `, wrong: ${wrongCount.slice(0, 5).join(' ')}` : ''}`,
    )
    stage.check(
      'promise',
      'each tells its reason',
      wrongReason.length === 0,
      wrongReason.map(([mark, reason]) => `${mark} ${letters.get(mark)?.[0]}, not ${reason}`).join('; ') ||
        [...new Set(given.values())].join(', '),
    )
    stage.check('promise', 'the metric counts them', counted === given.size, String(counted))
    stage.figures['poisonous'] = given.size
  },
}

/** The reasons of the dead letters, by mark; those without a mark under ''. */
async function readLetters({ database }: Stage): Promise<Map<string, string[]>> {
  const { rows } = await withClient(database.url, (client) =>
    client.query<{ reason: string; bytes: Buffer }>('select reason, bytes from dead_letter'),
  )
  const letters = new Map<string, string[]>()
  for (const { reason, bytes } of rows) {
    const mark = /poison-\d{6}/.exec(bytes.toString('latin1'))?.[0] ?? ''
    letters.set(mark, [...(letters.get(mark) ?? []), reason])
  }
  return letters
}
