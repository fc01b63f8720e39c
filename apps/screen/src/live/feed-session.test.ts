import { encodeFrame, type AssetChange } from '@gridkeeper/contracts'
import { describe, expect, it } from 'vitest'
import type { Batch } from './feed-messages.ts'
import { createFeedSession } from './feed-session.ts'

const asset = (id: number, headline: number): AssetChange => ({
  id,
  timeMs: 1_000,
  headline,
  state: 0,
  flags: 0,
})
const frame = (sequence: number, assets: AssetChange[], isSnapshot = false) =>
  encodeFrame({ sequence, isSnapshot, baseMs: 1_000, assets, keepers: [] })

function open() {
  const log = { watches: 0, seen: [] as number[], batches: [] as Batch[] }
  const session = createFeedSession({
    watch: () => log.watches++,
    seen: (sequence) => log.seen.push(sequence),
    post: (batch) => log.batches.push(batch),
    now: () => 2_000,
  })
  session.connected()
  return { session, log }
}

describe('feed session', () => {
  it('watches on connection and takes nothing before the snapshot', () => {
    const { session, log } = open()
    session.frame(frame(5, [asset(1, 1)]))
    expect(log).toMatchObject({ watches: 1, batches: [] })
    session.frame(frame(6, [asset(1, 2)], true))
    expect(log.batches).toMatchObject([{ isSnapshot: true, sequence: 6 }])
  })

  it('says seen only when the page has taken a batch', () => {
    const { session, log } = open()
    session.frame(frame(6, [], true))
    expect(log.seen).toEqual([])
    session.taken(6)
    expect(log.seen).toEqual([6])
  })

  it('merges what comes while the page is busy into one batch, newest first', () => {
    const { session, log } = open()
    session.frame(frame(1, [], true))
    for (let n = 2; n <= 50; n++) session.frame(frame(n, [asset(7, n)]))
    expect(log.batches).toHaveLength(1)
    session.taken(1)
    expect(log.batches).toHaveLength(2)
    expect(log.batches[1]).toMatchObject({
      isSnapshot: false,
      sequence: 50,
      assets: [{ id: 7, headline: 50 }],
    })
  })

  it('watches again once on a gap and ignores frames until the snapshot', () => {
    const { session, log } = open()
    session.frame(frame(1, [], true))
    session.taken(1)
    session.frame(frame(3, [asset(1, 1)]))
    session.frame(frame(4, [asset(1, 1)]))
    expect(log.watches).toBe(2)
    expect(log.batches).toHaveLength(1)
    session.frame(frame(9, [asset(1, 9)], true))
    expect(log.batches.at(-1)).toMatchObject({ isSnapshot: true, sequence: 9 })
  })

  it('treats bytes that are no frame as a gap', () => {
    const { session, log } = open()
    session.frame(frame(1, [], true))
    session.frame(new Uint8Array(3))
    expect(log.watches).toBe(2)
  })

  it('lets a waiting snapshot replace changes that wait before it', () => {
    const { session, log } = open()
    session.frame(frame(1, [], true))
    session.frame(frame(2, [asset(1, 2), asset(2, 2)]))
    session.frame(frame(8, [asset(1, 8)], true))
    session.frame(frame(9, [asset(1, 9)]))
    session.taken(1)
    expect(log.batches[1]).toMatchObject({ isSnapshot: true, sequence: 9, assets: [{ id: 1, headline: 9 }] })
  })

  it('follows the sequence around its end', () => {
    const { session, log } = open()
    session.frame(frame(0xffff_ffff, [], true))
    session.frame(frame(0, [asset(1, 1)]))
    expect(log.watches).toBe(1)
  })
})
