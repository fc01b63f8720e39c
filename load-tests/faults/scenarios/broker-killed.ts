import { killRepeatedly } from '../kill-repeatedly.ts'
import { devicesOf, quantile, type Scenario } from '../scenario.ts'

/** Long enough for every connection to have something on the way when the kill comes. */
const commitDelayMs = 1_000

/**
 * The embedded broker lives inside the gateway, so this kills the gateway; the stress is elsewhere than in `gateway-killed`: each device has a connection and a
 * persistent session of its own, and most have unacknowledged messages when their broker dies, since commits are slow. What an external broker may lose of
 * its own (its autosave) is not this bench's.
 */
export const brokerKilled: Scenario = {
  name: 'broker-killed',
  title:
    'a broker killed while most devices wait for their acknowledgement hears them again, and stores each message once',
  plan: ({ devices, rate }) => ({
    devices: devicesOf('readings', devices),
    connections: devices,
    ownLogins: true,
    rate,
  }),
  run: async (stage) => {
    await stage.steady()
    stage.proxy.commitDelayMs = commitDelayMs
    await killRepeatedly(stage, {
      what: 'the broker (inside the gateway)',
      pid: () => stage.gatewayPid,
      kill: () => stage.killGateway(),
      start: () => stage.startGateway(),
    })
    stage.proxy.commitDelayMs = 0
    await stage.recover()
    await stage.drain()
    const waiting = quantile(stage.raw['onTheWayAtKill'] as number[], 0.5) ?? 0
    stage.check(
      'proof',
      'messages waited for half as many devices and more when it died',
      waiting * 2 >= stage.plan.devices.length,
      `${waiting} messages of ${stage.plan.devices.length} devices`,
    )
    const resent = stage.concentrators.reduce((sum, concentrator) => sum + concentrator.resent, 0)
    stage.check('proof', 'clients sent their unacknowledged messages again, marked DUP', resent > 0, resent)
  },
}
