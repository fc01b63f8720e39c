import type { Alarm } from '@gridkeeper/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyStage, enterStage, leaveStage, updateStage } from './stage-queue.ts'

const alarm = (id: number, severity: Alarm['severity'] = 'critical', raisedAtMs = id): Alarm => ({
  id,
  assetId: id,
  rule: 'r',
  severity,
  metric: null,
  value: null,
  raisedAtMs,
  clearedAtMs: null,
})

describe('stage', () => {
  it('is taken by the first and not given up to a later one', () => {
    const stage = enterStage(enterStage(emptyStage, alarm(1, 'warning')), alarm(2))
    expect(stage.showing?.id).toBe(1)
    expect(stage.waiting.map(({ id }) => id)).toEqual([2])
  })

  it('calls the worst next, then the oldest', () => {
    let stage = [alarm(9), alarm(3, 'warning'), alarm(5), alarm(4)].reduce(enterStage, emptyStage)
    const order = []
    for (; stage.showing; stage = leaveStage(stage)) order.push(stage.showing.id)
    expect(order).toEqual([9, 4, 5, 3])
  })

  it('shows every alarm exactly once, whatever the order of coming and going', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(30)), { maxLength: 80 }), (steps) => {
        let stage = emptyStage
        const came = new Set<number>()
        const shown: number[] = []
        const leave = () => {
          if (stage.showing) shown.push(stage.showing.id)
          stage = leaveStage(stage)
        }
        for (const id of steps) {
          if (id === null) leave()
          else if (!came.has(id)) {
            came.add(id)
            stage = enterStage(stage, alarm(id))
          }
        }
        while (stage.showing) leave()
        expect([...shown].sort()).toEqual([...came].sort())
      }),
    )
  })

  it('keeps the turn of an alarm that cleared meanwhile', () => {
    const stage = updateStage([alarm(1), alarm(2)].reduce(enterStage, emptyStage), {
      ...alarm(2),
      clearedAtMs: 50,
    })
    expect(leaveStage(stage).showing).toMatchObject({ id: 2, clearedAtMs: 50 })
  })
})
