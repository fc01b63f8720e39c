import { describe, expect, it } from 'vitest'
import { describeBroker, type FoundBroker } from './describe-broker.ts'

const found = (over: Partial<FoundBroker> = {}): FoundBroker => ({
  address: 'mqtt://broker:1883',
  version: null,
  receiveMaximum: undefined,
  maximumQoS: undefined,
  sessionPresent: true,
  askedExpirySeconds: 86_400,
  sessionExpirySeconds: undefined,
  hasSharedSubscriptions: true,
  hasRetain: true,
  window: 4_000,
  isShared: true,
  ...over,
})
const warnings = (over: Partial<FoundBroker>) => describeBroker(found(over)).warnings.join('\n')

describe('what is said of the broker', () => {
  it('names it, its session and both windows', () => {
    expect(describeBroker(found({ version: '5.8.6', receiveMaximum: 32 })).facts).toEqual([
      'external broker mqtt://broker:1883: EMQX 5.8.6',
      'session found again, kept 24 h while we are away',
      'we take up to 4000 messages in flight in each lane; the broker takes 32 of ours',
      'shared subscriptions: yes, maximum QoS 2',
    ])
  })

  it('warns of nothing where there is nothing to warn of', () => {
    expect(describeBroker(found()).warnings).toEqual([])
  })

  it('warns of what a Mosquitto loses when it is killed, with the setting that narrows it, and of what it forgets', () => {
    const said = warnings({ version: 'mosquitto version 2.0.22' })
    expect(said).toMatch(/every autosave_interval \(1800 s unless set\)/)
    expect(said).toMatch(/"autosave_interval 1"/)
    expect(said).toMatch(/"max_queued_messages"/)
    expect(said).toMatch(/does not write shared subscriptions/)
    expect(warnings({ version: 'mosquitto version 2.0.22', isShared: false })).not.toMatch(
      /shared subscriptions/,
    )
  })

  it('warns of a session that is forgotten too soon, of missing shared subscriptions, and of QoS 0', () => {
    expect(warnings({ sessionExpirySeconds: 7_200 })).toMatch(/after 2 h instead of 24 h/)
    expect(warnings({ hasSharedSubscriptions: false })).toMatch(/run one gateway only/)
    expect(warnings({ maximumQoS: 0 })).toMatch(/QoS 0 only/)
    expect(warnings({ hasRetain: false })).toMatch(/retained/)
  })
})
