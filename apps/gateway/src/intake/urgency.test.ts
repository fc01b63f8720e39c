import { findKind, type Kind } from '@gridkeeper/domain'
import { describe, expect, it } from 'vitest'
import { fix, reading } from './intake-rows.trial.ts'
import { nothing, type ResolvedMessage } from './resolve-message.ts'
import { ranks, rankShares, WaitingOwners } from './urgency.ts'

const protector = findKind('protector') as Kind
const said = (over: Partial<ResolvedMessage>): ResolvedMessage => ({ ...nothing, ...over })
const meterReading = said({ readings: [reading({ ua: 220 })] })
const protectorReading = said({
  readings: [reading({}, { assetId: 2, kind: protector, values: protector.metrics.map(() => null) })],
})

describe('WaitingOwners', () => {
  it('lets the first of anybody through, holds further fixes back first and further readings in bulk after them', () => {
    const waiting = new WaitingOwners()
    expect(waiting.stand(meterReading).rank).toBe(0)
    expect(ranks[waiting.stand(meterReading).rank]).toBe('readings')
    expect(waiting.stand(said({ fixes: [fix()] })).rank).toBe(0)
    expect(ranks[waiting.stand(said({ fixes: [fix()] })).rank]).toBe('fixes')
  })

  it('holds back no alarm, no event, nothing of a protector, and no word of a connection', () => {
    const waiting = new WaitingOwners()
    const alarm = said({ readings: [reading({ ua: 290 })] })
    const event = said({
      events: [
        {
          deviceKey: 'K-1',
          assetId: null,
          keeperId: 1,
          event: 'sos',
          data: null,
          timeMs: 0,
          messageId: 1n,
          receivedAtMs: 0,
          flags: 0,
          claimedMs: null,
        },
      ],
      fixes: [fix()],
    })
    const status = said({ statuses: [{ deviceKey: 'K-1', online: false, receivedAtMs: 0 }] })
    for (const message of [alarm, event, status, protectorReading, said({})]) {
      waiting.stand(message)
      expect(waiting.stand(message).rank).toBe(0)
    }
  })

  it('lets alarms and events go before all that waits, and nothing else', () => {
    const waiting = new WaitingOwners()
    expect(waiting.stand(said({ readings: [reading({ ua: 290 })] })).isUrgent).toBe(true)
    expect(waiting.stand(meterReading).isUrgent).toBe(false)
    expect(waiting.stand(protectorReading).isUrgent).toBe(false)
  })

  it('takes a phone that tells its connection with each fix for what it is: surplus', () => {
    const waiting = new WaitingOwners()
    const phone = said({ statuses: [{ deviceKey: 'K-1', online: true, receivedAtMs: 0 }], fixes: [fix()] })
    waiting.stand(phone)
    expect(ranks[waiting.stand(phone).rank]).toBe('fixes')
  })

  it('forgets who has nothing waiting any more', () => {
    const waiting = new WaitingOwners()
    const standings = [waiting.stand(meterReading), waiting.stand(meterReading)]
    for (const standing of standings) waiting.leave(standing)
    expect(waiting.size).toBe(0)
    expect(waiting.stand(meterReading).rank).toBe(0)
  })

  it('has a share for each rank, falling', () => {
    expect(rankShares).toHaveLength(ranks.length)
    expect(rankShares.toSorted((a, b) => b - a)).toEqual([...rankShares])
  })
})
