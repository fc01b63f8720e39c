import { decodeFrame, maxUnseenFrames, type Alarm, type Frame } from '@gridkeeper/contracts'
import { createRegistry } from '@gridkeeper/service-kit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AssetRecords, TwinAsset } from '../twin/twin-asset.ts'
import { createLiveMetrics } from './live.metrics.ts'
import { LiveHub, type LiveWorld } from './live-hub.ts'
import { Screen } from './screen.ts'

/** Grid 1 is above 2 and 3; asset n is in grid n. */
const parents: Record<number, number[]> = { 1: [1], 2: [2, 1], 3: [3, 1] }

function build() {
  const records = new AssetRecords(3)
  const assets = [1, 2, 3].map((id) => new TwinAsset({ id, kind: 'meter', gridId: id }, records, id - 1))
  let version = 1
  const world: LiveWorld = {
    version: () => version,
    pathUp: (gridId) => parents[gridId ?? 0] ?? [],
    gridOfAsset: (assetId) => assetId,
    view: (root) => ({
      assets: () => assets.filter(({ id }) => root === null || parents[id]?.includes(root)),
      keepers: () => [],
    }),
  }
  const rooms = new Map<string, Set<Frame[]>>()
  const members = (room: string) => rooms.get(room) ?? rooms.set(room, new Set()).get(room)!
  const broadcasts: string[] = []
  const hub = new LiveHub(
    world,
    {
      frame: (room, bytes) => {
        broadcasts.push(room)
        for (const frames of members(room)) frames.push(decodeFrame(bytes))
      },
      alarm: (named) => broadcasts.push(`alarm ${named.join('+')}`),
      feed: () => undefined,
    },
    createLiveMetrics(createRegistry('test')),
    Date.now,
  )
  const open = (root: number | null) => {
    const frames: Frame[] = []
    const catalogues: number[] = []
    const screen = new Screen({
      join: (room) => members(room).add(frames),
      leave: (room) => members(room).delete(frames),
      sendFrame: (bytes) => frames.push(decodeFrame(bytes)),
      sendCatalogue: (told) => catalogues.push(told),
    })
    hub.watch(screen, root)
    return { screen, frames, catalogues }
  }
  const change = (id: number, headline = 1) => hub.assetChanged(Object.assign(assets[id - 1]!, { headline }))
  const setVersion = (next: number) => (version = next)
  return { hub, open, change, broadcasts, setVersion }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const tick = () => vi.advanceTimersByTime(100)
const sequences = (frames: Frame[]) => frames.map(({ sequence }) => sequence)

describe('the live hub', () => {
  it('has no timer while nothing changes, nor while nobody watches', () => {
    const { change, open } = build()
    change(1)
    expect(vi.getTimerCount()).toBe(0)
    open(null)
    expect(vi.getTimerCount()).toBe(0)
    change(1)
    expect(vi.getTimerCount()).toBe(1)
    tick()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('tells each change once, with its newest value, to every stream above it', () => {
    const { change, open } = build()
    const all = open(null)
    const two = open(2)
    const three = open(3)
    change(1)
    tick()
    change(2, 5)
    change(2, 6)
    tick()
    expect(all.frames.at(-1)?.assets).toMatchObject([{ id: 2, headline: 6 }])
    expect(two.frames.at(-1)?.assets).toMatchObject([{ id: 2, headline: 6 }])
    expect(sequences(all.frames)).toEqual([0, 1, 2])
    expect(sequences(two.frames)).toEqual([0, 1])
    expect(sequences(three.frames)).toEqual([0])
  })

  it('encodes one frame a stream, however many watch it', () => {
    const { change, open, broadcasts } = build()
    for (let i = 0; i < 5; i++) open(2)
    change(2)
    tick()
    expect(broadcasts).toEqual(['grid-2'])
  })

  it('leaves a tenth of a second between two frames', () => {
    const { change, open, broadcasts } = build()
    open(null)
    for (let ms = 0; ms < 2_000; ms += 10) {
      change(1, ms)
      vi.advanceTimersByTime(10)
    }
    // The first goes out at once, so there is one at each end.
    expect(broadcasts.length).toBeLessThanOrEqual(21)
    expect(broadcasts.length).toBeGreaterThanOrEqual(19)
  })

  it('starts who comes later with a snapshot of the running sequence', () => {
    const { change, open } = build()
    open(null)
    change(1)
    tick()
    change(2, 9)
    const late = open(null)
    expect(late.frames[0]).toMatchObject({ isSnapshot: true, sequence: 1 })
    tick()
    expect(sequences(late.frames)).toEqual([1, 2])
  })

  it('keeps no more on the way than was agreed, and wakes with one snapshot', () => {
    const { change, open, hub } = build()
    const sleeper = open(null)
    const awake = open(null)
    for (let i = 1; i <= 40; i++) {
      change(1, i)
      tick()
      hub.see(awake.screen, i)
    }
    expect(awake.frames).toHaveLength(41)
    expect(sleeper.frames).toHaveLength(maxUnseenFrames)
    hub.see(sleeper.screen, 3)
    expect(sleeper.frames.at(-1)).toMatchObject({ isSnapshot: true, sequence: 40 })
    expect(sleeper.frames.at(-1)?.assets.find(({ id }) => id === 1)?.headline).toBe(40)
    change(1, 41)
    tick()
    expect(sleeper.frames.at(-1)).toMatchObject({ isSnapshot: false, sequence: 41 })
  })

  it('drops a stream with its last watcher', () => {
    const { change, open, hub } = build()
    const first = open(2)
    const second = open(2)
    hub.leave(first.screen)
    change(2)
    tick()
    expect(second.frames).toHaveLength(2)
    hub.leave(second.screen)
    change(2)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('moves a screen from one grid to another', () => {
    const { change, open, hub } = build()
    const { screen, frames } = open(2)
    hub.watch(screen, 3)
    expect(frames.at(-1)?.assets.map(({ id }) => id)).toEqual([3])
    change(2)
    change(3)
    tick()
    expect(frames.at(-1)?.assets.map(({ id }) => id)).toEqual([3])
    expect(frames).toHaveLength(3)
  })

  it('tells an alarm without waiting for the tick, to the streams it is in', () => {
    const { open, hub, broadcasts } = build()
    open(2)
    open(null)
    hub.alarmsChanged([{ assetId: 2 } as Alarm, { assetId: 3 } as Alarm])
    expect(broadcasts).toEqual(['alarm all+grid-2', 'alarm all'])
  })

  it('tells a changed registry with a fresh snapshot; who sleeps hears it on waking', () => {
    const { change, open, hub, setVersion } = build()
    const sleeper = open(null)
    for (let i = 1; i <= 20; i++) {
      change(1, i)
      tick()
    }
    const awake = open(null)
    setVersion(2)
    hub.registryChanged()
    expect(awake.catalogues).toEqual([1, 2])
    expect(awake.frames.at(-1)).toMatchObject({ isSnapshot: true, sequence: 21 })
    expect(sleeper.catalogues).toEqual([1])
    hub.see(sleeper.screen, 1)
    expect(sleeper.catalogues).toEqual([1, 2])
  })
})
