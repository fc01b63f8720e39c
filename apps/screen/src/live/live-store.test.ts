import type { AssetChange } from '@gridkeeper/contracts'
import { describe, expect, it } from 'vitest'
import type { Batch } from './feed-messages.ts'
import { createLiveStore } from './live-store.ts'
import type { Flush } from './twin.ts'

const asset = (id: number, timeMs = 1): AssetChange => ({ id, timeMs, headline: null, state: 0, flags: 0 })
const batch = (assets: AssetChange[], isSnapshot = false): Batch => ({
  isSnapshot,
  sequence: 1,
  baseMs: 0,
  arrivedMs: 0,
  assets,
  keepers: [],
})

function open() {
  const frames: (() => void)[] = []
  const flushes: Flush[] = []
  const store = createLiveStore((run) => frames.push(run))
  store.onFlush((flush) => flushes.push(flush))
  return { store, frames, flushes, draw: () => frames.splice(0).forEach((run) => run()) }
}

describe('live store', () => {
  it('flushes once for many batches in one frame, each id once', () => {
    const { store, frames, flushes, draw } = open()
    store.apply(batch([asset(1), asset(2)]))
    store.apply(batch([asset(2, 9)]))
    expect(frames).toHaveLength(1)
    draw()
    expect(flushes).toEqual([{ isSnapshot: false, assetIds: [1, 2], keeperIds: [] }])
    expect(store.assets.get(2)?.timeMs).toBe(9)
    expect(store.version.value).toBe(1)
  })

  it('plans no frame when nothing changed', () => {
    const { store, frames } = open()
    expect(store.apply(batch([]))).toBe(0)
    expect(frames).toHaveLength(0)
  })

  it('drops what a snapshot no longer has and counts what differs', () => {
    const { store, flushes, draw } = open()
    store.apply(batch([asset(1), asset(2), asset(3)], true))
    expect(store.apply(batch([asset(1), asset(2, 5), asset(4)], true))).toBe(2)
    draw()
    expect([...store.assets.keys()]).toEqual([1, 2, 4])
    expect(flushes.at(-1)?.isSnapshot).toBe(true)
  })

  it('hands observers the state before', () => {
    const { store } = open()
    const seen: (number | null | undefined)[] = []
    store.observe({
      assetChanged: (previous) => seen.push(previous?.timeMs),
      keeperChanged() {},
      replaced() {},
    })
    store.apply(batch([asset(1, 1)]))
    store.apply(batch([asset(1, 2)]))
    expect(seen).toEqual([undefined, 1])
  })

  it('tells a listener nothing after it has left', () => {
    const { store, draw } = open()
    let calls = 0
    store.onFlush(() => calls++)()
    store.apply(batch([asset(1)]))
    draw()
    expect(calls).toBe(0)
  })
})
