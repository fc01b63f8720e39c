import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from '../registry.ts'
import { devicesOf, type Scenario } from '../scenario.ts'

/** Where a device may stand that lost its battery, its sense of time zones, or its mind. */
const clocks = [
  { name: '1901', at: () => Date.UTC(1901, 11, 13, 20, 45, 52) },
  { name: '1970', at: () => 0 },
  { name: '+1 h', at: (nowMs: number) => nowMs + 3_600_000 },
  { name: '2099', at: () => Date.UTC(2099, 0, 1) },
] as const

const clockNotBelieved = 2
const repeatedShare = 0.1

interface Found {
  key: string
  rows: number
  wrong: number
}

export const wrongClocks: Scenario = {
  name: 'wrong-clocks',
  title:
    'a message of an absurd clock is stored once, at its arrival, with its claim beside it, however often it comes',
  plan: ({ devices, connections, rate }) => ({
    devices: devicesOf('readings', devices),
    connections,
    rate,
    clockOf: (device, nowMs) => clocks[device % clocks.length]?.at(nowMs) ?? nowMs,
  }),
  run: async (stage) => {
    let repeated = 0
    const repeat = (device: number, number: number) => {
      repeated++
      stage.send(stage.again(device, number))
    }
    await stage.steady((message) => {
      stage.send(message)
      if (Math.random() < repeatedShare) repeat(message.device, message.numbers[0] ?? 0)
    })
    await stage.phase('fault: everything of the clocks again, to a new gateway', async () => {
      await stage.killGateway()
      await stage.startGateway()
      await stage.nextAcknowledgement()
      // Every device's first, middle and last so far.
      for (const device of stage.plan.devices.keys()) {
        const last = stage.ledger.lastOf(device)
        for (const number of new Set([1, Math.ceil(last / 2), last])) if (number > 0) repeat(device, number)
      }
      await sleep(1_000)
    })
    await stage.recover()
    await stage.drain()

    const claims = stage.plan.devices.map((_, device) => stage.clockOf(device))
    const { rows } = await withClient(stage.database.url, (client) =>
      client.query<Found>(
        `select key, count(*)::int as rows, (count(*) filter (where r.time <> r.received_at or r.flags & ${clockNotBelieved} = 0
             or r.claimed_ms is distinct from claim + r.message_id))::int as wrong
         from unnest($1::text[], $2::double precision[]) as given (key, claim) join device using (key) join reading_meter r using (asset_id) group by key`,
        [stage.plan.devices.map(({ key }) => key), claims],
      ),
    )
    const found = new Map(rows.map((row) => [row.key, row]))
    for (const [at, { name }] of clocks.entries()) {
      const ofClock = stage.plan.devices
        .filter((_, device) => device % clocks.length === at)
        .map(({ key }) => found.get(key))
      const stored = ofClock.reduce((sum, row) => sum + (row?.rows ?? 0), 0)
      const wrong = ofClock.reduce((sum, row) => sum + (row?.wrong ?? 0), 0)
      stage.check('proof', `a clock at ${name} was heard`, stored > 0, `${stored} rows`)
      stage.check(
        'promise',
        `a clock at ${name}: rows at their arrival, flagged, the claim kept`,
        wrong === 0,
        `${wrong} of ${stored} rows are otherwise`,
      )
    }
    stage.check('proof', 'messages were repeated, before and after a kill', repeated > 0, repeated)
    stage.figures['repeated'] = repeated
  },
}
