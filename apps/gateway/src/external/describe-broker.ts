/** What the broker's CONNACK and `$SYS` say of it; null or undefined: not said. */
export interface FoundBroker {
  readonly address: string
  /** As the broker calls itself: `mosquitto version 2.0.22`. */
  readonly version: string | null
  readonly receiveMaximum: number | undefined
  readonly maximumQoS: number | undefined
  readonly sessionPresent: boolean
  readonly askedExpirySeconds: number
  readonly sessionExpirySeconds: number | undefined
  readonly hasSharedSubscriptions: boolean
  readonly hasRetain: boolean
  /** Ours, for each lane. */
  readonly window: number
  /** We share the messages with other gateways. */
  readonly isShared: boolean
}

export type BrokerKind = 'mosquitto' | 'emqx' | 'unknown'

export const kindOf = (version: string | null): BrokerKind =>
  version === null
    ? 'unknown'
    : /mosquitto/i.test(version)
      ? 'mosquitto'
      : /emqx|^\d+\.\d+\.\d+/i.test(version)
        ? 'emqx'
        : 'unknown'

const span = (seconds: number) =>
  seconds === 0xffff_ffff ? 'without end' : seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds} s`

/** For the operator, one sentence each: first what was found, then what it means for what may be lost. */
export function describeBroker(found: FoundBroker): {
  readonly facts: readonly string[]
  readonly warnings: readonly string[]
} {
  const kind = kindOf(found.version)
  const granted = found.sessionExpirySeconds ?? found.askedExpirySeconds
  const name =
    found.version === null
      ? 'a broker that does not say what it is'
      : kind === 'emqx'
        ? `EMQX ${found.version.replace(/^emqx\s*/i, '')}`
        : found.version
  const facts = [
    `external broker ${found.address}: ${name}`,
    `session ${found.sessionPresent ? 'found again' : 'new'}, kept ${granted === 0 ? 'not at all' : span(granted)} while we are away`,
    `we take up to ${found.window} messages in flight in each lane; the broker takes ${found.receiveMaximum ?? 65_535} of ours`,
    `shared subscriptions: ${found.hasSharedSubscriptions ? 'yes' : 'no'}, maximum QoS ${found.maximumQoS ?? 2}`,
  ]
  const warnings: string[] = []
  if (granted < found.askedExpirySeconds)
    warnings.push(
      `the broker forgets our session after ${span(granted)} instead of ${span(found.askedExpirySeconds)}: a gateway that is away for longer loses what came meanwhile`,
    )
  if (found.isShared && !found.hasSharedSubscriptions)
    warnings.push('without shared subscriptions every gateway reads everything: run one gateway only')
  if ((found.maximumQoS ?? 2) < 1)
    warnings.push(
      'the broker carries QoS 0 only: nothing is acknowledged, and what is on the way may be lost',
    )
  if (!found.hasRetain)
    warnings.push(
      'the broker keeps no retained messages: the wall does not know of gateways that started before it',
    )
  if (kind === 'mosquitto' && found.isShared)
    warnings.push(
      'Mosquitto does not write shared subscriptions to disk: after its own restart it acknowledges and drops what devices publish until the first gateway is back (we try every second). MQTT_SHARED=false, for one gateway alone, closes that gap',
    )
  if (kind === 'mosquitto')
    warnings.push(
      'Mosquitto writes what it holds to disk at a clean stop and every autosave_interval (1800 s unless set), and nothing at all without "persistence true": killed, it loses everything acknowledged since. "autosave_interval 1" narrows that to one or two seconds; "autosave_on_changes true" makes the interval a number of changes',
      'Mosquitto keeps 1000 messages for a gateway beyond its window unless "max_queued_messages" says more, and drops the rest although their senders were acknowledged',
    )
  return { facts, warnings }
}
