import { flag } from '@gridkeeper/domain'
import type { FixRow, ReadingRow } from '@gridkeeper/store'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fix, meter, nowMs, reading } from './intake-rows.trial.ts'
import { PresentBoard } from './present-board.ts'

const judge = (board: PresentBoard, readings: readonly ReadingRow[], fixes: readonly FixRow[] = []) =>
  board.judge(readings, fixes, () => [])
/** Judged and committed. */
const commit = (board: PresentBoard, ...readings: ReadingRow[]) => {
  const judgement = judge(board, readings)
  judgement.apply()
  return judgement
}
const at = (ms: number, said: Parameters<typeof reading>[0] = {}, over: Partial<ReadingRow> = {}) =>
  reading(said, { timeMs: nowMs + ms, ...over })
const said = (row: ReadingRow | undefined) =>
  Object.fromEntries(
    meter.metrics
      .map(({ key }, place) => [key, row?.values[place] ?? null])
      .filter(([, value]) => value !== null),
  )

describe('the present', () => {
  it('moves by what is newer in device time, and by nothing else', () => {
    const board = new PresentBoard()
    expect(commit(board, at(10, { p: 1 })).assets).toMatchObject([
      { id: 1, timeMs: nowMs + 10, headline: 1, state: 0 },
    ])
    for (const row of [at(9, { p: 2 }), at(10, { p: 2 }), at(10, { p: 2 }, { messageId: 0n })])
      expect(judge(board, [row])).toMatchObject({ presentReadings: [], assets: [] })
    expect(commit(board, at(10, { p: 3 }, { messageId: 2n })).assets).toMatchObject([{ headline: 3 }])
  })

  it.each(['late', 'historical'] as const)(
    'never moves by a %s message, even of an asset that never spoke',
    (name) => {
      const board = new PresentBoard()
      const kept = at(0, { ua: 300 }, { flags: flag[name] })
      expect(judge(board, [kept], [fix({ flags: flag[name] })])).toMatchObject({
        presentReadings: [],
        presentFixes: [],
        raises: [],
        assets: [],
        keepers: [],
      })
    },
  )

  it('counts nothing before the commit', () => {
    const board = new PresentBoard()
    const first = judge(board, [at(0, { ua: 250 })], [fix()])
    expect(first.raises).toHaveLength(1)
    const again = judge(board, [at(0, { ua: 250 })], [fix()])
    expect(again).toMatchObject({ raises: first.raises, assets: first.assets, keepers: first.keepers })
    again.apply()
    expect(judge(board, [at(0, { ua: 250 })], [fix()])).toMatchObject({ raises: [], assets: [], keepers: [] })
  })

  it('is one row an asset, with all that the messages of the batch say of it', () => {
    const { presentReadings } = judge(new PresentBoard(), [
      at(0, { p: 1, ua: 220 }),
      at(1, { p: 2 }),
      at(2, { ub: 221 }),
      at(0, { p: 9 }, { assetId: 2 }),
    ])
    expect(presentReadings).toHaveLength(2)
    expect(presentReadings[0]).toMatchObject({ timeMs: nowMs + 2 })
    expect(said(presentReadings[0])).toEqual({ p: 2, ua: 220, ub: 221 })
  })

  it('keeps the headline that a message says nothing of', () => {
    const board = new PresentBoard()
    commit(board, at(0, { p: 5 }))
    expect(commit(board, at(1, { ua: 220 })).assets).toMatchObject([{ headline: 5 }])
    expect(commit(new PresentBoard(), at(0, { ua: 220 })).assets).toMatchObject([{ headline: null }])
  })

  it('does not ask in which order the messages of a batch came', () => {
    const values = fc.dictionary(fc.constantFrom('p', 'ua', 'q'), fc.integer({ min: 190, max: 260 }), {
      noNullPrototype: true,
    })
    const moment = fc.record({
      ms: fc.integer({ min: 0, max: 4 }),
      id: fc.bigInt({ min: -3n, max: 3n }),
      said: values,
    })
    const history = fc.uniqueArray(moment, {
      minLength: 1,
      maxLength: 8,
      selector: ({ ms, id }) => `${ms} ${id}`,
    })
    const withOrder = history.chain((moments) =>
      fc.tuple(fc.constant(moments), fc.shuffledSubarray(moments, { minLength: moments.length })),
    )
    fc.assert(
      fc.property(withOrder, ([moments, shuffled]) => {
        const rows = (list: typeof moments) =>
          list.map(({ ms, id, said: what }) => at(ms, what, { messageId: id }))
        const plain = ({ presentReadings, raises, clears, assets }: ReturnType<typeof judge>) => ({
          presentReadings,
          raises,
          clears,
          assets,
        })
        expect(plain(judge(new PresentBoard(), rows(shuffled)))).toEqual(
          plain(judge(new PresentBoard(), rows(moments))),
        )
      }),
    )
  })

  it('moves a keeper to the newest of his fixes, whichever came first', () => {
    const board = new PresentBoard()
    const judgement = judge(
      board,
      [],
      [fix({ timeMs: nowMs + 2, lon: 2 }), fix({ timeMs: nowMs + 1, lon: 1 }), fix({ keeperId: 2, lon: 9 })],
    )
    expect(judgement.keepers).toMatchObject([
      { id: 1, lon: 2 },
      { id: 2, lon: 9 },
    ])
    judgement.apply()
    expect(judge(board, [], [fix({ timeMs: nowMs + 2, lon: 5 })]).keepers).toEqual([])
  })

  it('starts from what the database holds', () => {
    const board = new PresentBoard()
    const stored = { timeMs: nowMs, messageId: 5n, flags: 1, values: { p: 7 } }
    board.load(
      new Map([[1, stored]]),
      () => 'p',
      new Map([[1, new Map([['over-voltage', 'warning']])]]),
      new Map([[1, stored]]),
    )
    expect(judge(board, [at(0, { p: 1 }, { messageId: 5n })], [fix({ messageId: 4n })])).toMatchObject({
      assets: [],
      keepers: [],
    })
    const next = judge(board, [at(1, { ua: 230 })])
    expect(next.assets).toMatchObject([{ headline: 7, state: 0 }])
    expect(next.clears).toEqual([{ assetId: 1, rule: 'over-voltage', clearedAtMs: nowMs + 1 }])
  })
})

describe('alarms', () => {
  it('are raised once and cleared once, however often a value says so', () => {
    const board = new PresentBoard()
    const changes = [250, 251, 240, 238, 237, 250].map((ua, ms) => {
      const { raises, clears } = commit(board, at(ms, { ua }))
      return [raises.length, clears.length]
    })
    expect(changes).toEqual([
      [1, 0],
      [0, 0],
      [0, 0],
      [0, 1],
      [0, 0],
      [1, 0],
    ])
  })

  it('that begin and end within a batch are told whole, in their order, apart from what was open before', () => {
    const board = new PresentBoard()
    commit(board, at(0, { ua: 250 }))
    const { raises, clears, assets } = commit(
      board,
      ...[230, 251, 230, 252].map((ua, ms) => at(ms + 1, { ua })),
    )
    expect(clears).toEqual([{ assetId: 1, rule: 'over-voltage', clearedAtMs: nowMs + 1 }])
    expect(
      raises.map(({ value, raisedAtMs, clearedAtMs }) => [
        value,
        raisedAtMs - nowMs,
        clearedAtMs === null ? null : clearedAtMs - nowMs,
      ]),
    ).toEqual([
      [251, 2, 3],
      [252, 4, null],
    ])
    expect(assets).toMatchObject([{ state: 2 }])
  })

  it('are not raised by a value out of its physical range', () => {
    const odd = at(0, { ua: 600 })
    expect(new PresentBoard().judge([odd], [], () => ['ua']).raises).toEqual([])
  })

  it('give the asset the state of the worst that is open', () => {
    const board = new PresentBoard()
    expect(commit(board, at(0, { ua: 250, ub: 190 })).assets).toMatchObject([{ state: 2 }])
    expect(commit(board, at(1, { ua: 230, ub: 190 })).assets).toMatchObject([{ state: 1 }])
    expect(commit(board, at(2, { ua: 230, ub: 200 })).assets).toMatchObject([{ state: 1 }])
    expect(commit(board, at(3, { ua: 230, ub: 230 })).assets).toMatchObject([{ state: 0 }])
  })
})
