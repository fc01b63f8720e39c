import { assetState, kinds } from '@gridkeeper/domain'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AssetRecords, TwinAsset } from '../twin/twin-asset.ts'
import { newKeeper } from '../twin/twin-keeper.ts'
import { countOverview } from './count-overview.ts'

const asset = (
  id: number,
  kind: string,
  state: number,
  gridId: number | null = 1,
  headline: number | null = null,
) => Object.assign(new TwinAsset({ id, kind, gridId }, new AssetRecords(1), 0), { state, headline })
const count = (assets: ReturnType<typeof asset>[]) =>
  countOverview({ assets, keepers: [], openAlarms: [], gridName: (id) => `G${id}`, nowMs: 0 })

describe('countOverview', () => {
  it('counts parts that sum to the total of their kind', () => {
    const one = fc.record({
      kind: fc.constantFrom(...kinds.map(({ key }) => key), 'new'),
      state: fc.integer({ min: 0, max: 5 }),
    })
    fc.assert(
      fc.property(fc.array(one), (all) => {
        const { byKind } = count(all.map(({ kind, state }, id) => asset(id, kind, state)))
        for (const { kind, total, normal, attention, warning, critical, silent, unknown } of byKind) {
          expect(normal + attention + warning + critical + silent + unknown).toBe(total)
          expect(total).toBe(all.filter((each) => each.kind === kind).length)
        }
      }),
    )
  })

  it('puts the worst grids first and leaves out those without trouble', () => {
    const { worstGrids } = count([
      asset(1, 'meter', assetState.silent, 1),
      asset(2, 'meter', assetState.critical, 2),
      asset(3, 'meter', assetState.warning, 3),
      asset(4, 'meter', assetState.normal, 4),
    ])
    expect(worstGrids.map(({ name }) => name)).toEqual(['G2', 'G3', 'G1'])
  })

  it('adds up the load of those that speak; nobody speaks: unknown, not 0', () => {
    expect(count([asset(1, 'meter', 0, 1, 5)]).loadKw).toBeNull()
    const speaking = [asset(1, 'transformer', 0, 1, 5), asset(2, 'transformer', assetState.warning, 1, 7)]
    expect(count([...speaking, asset(3, 'transformer', assetState.silent, 1, 100)]).loadKw).toBe(12)
  })

  it('counts keepers on duty and open alarms', () => {
    const { keepers, openAlarms } = countOverview({
      assets: [],
      keepers: [
        Object.assign(newKeeper({ id: 1, gridId: null }), { state: 1 }),
        newKeeper({ id: 2, gridId: null }),
      ],
      openAlarms: [{ severity: 'warning' }, { severity: 'warning' }] as never,
      gridName: String,
      nowMs: 0,
    })
    expect(keepers).toEqual({ total: 2, onDuty: 1 })
    expect(openAlarms).toEqual({ attention: 0, warning: 2, critical: 0 })
  })
})
