import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BatchBuffer, BufferFull, BufferStopped, type BufferOptions } from './batch-buffer.ts'

/** Entries are their own number of items; 100 bytes each. The sink finishes when told. */
function setUp(over: Partial<BufferOptions<number>> = {}) {
  const batches: number[][] = []
  const inSink: { finish: () => void; fail: (error: Error) => void }[] = []
  const buffer = new BatchBuffer<number>({
    maxItems: 5,
    maxBytes: 1_000_000,
    lingerMs: 10,
    limitItems: 12,
    limitBytes: 1_000_000,
    shares: [1, 0.75, 0.5],
    itemsOf: (entry) => entry,
    bytesOf: () => 100,
    sink: (entries) => {
      batches.push([...entries])
      return new Promise<void>((finish, fail) => inSink.push({ finish, fail }))
    },
    ...over,
  })
  const settled: string[] = []
  const nameOf = (error: Error) =>
    error instanceof BufferStopped ? 'stopped' : error instanceof BufferFull ? 'full' : error.message
  const add = (entry: number, name = `${settled.length}`, rank = 0, isUrgent = false) => {
    buffer.add(entry, rank, isUrgent).then(
      () => settled.push(`${name} done`),
      (error: Error) => settled.push(`${name} ${nameOf(error)}`),
    )
  }
  const finish = async () => {
    inSink.shift()?.finish()
    await vi.advanceTimersByTimeAsync(0)
  }
  const fail = async (error: Error) => {
    inSink.shift()?.fail(error)
    await vi.advanceTimersByTimeAsync(0)
  }
  return { buffer, batches, settled, add, finish, fail }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  // A timer that is left over would keep the process alive.
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('BatchBuffer', () => {
  it('closes a batch by count, at once', async () => {
    const { add, batches, settled, finish } = setUp()
    for (let at = 0; at < 5; at++) add(1)
    expect(batches).toEqual([[1, 1, 1, 1, 1]])
    expect(settled).toEqual([])
    await finish()
    expect(settled).toHaveLength(5)
  })

  it('closes a batch by bytes', async () => {
    const { add, batches, finish } = setUp({ maxBytes: 300 })
    for (let at = 0; at < 4; at++) add(1)
    expect(batches).toEqual([[1, 1, 1]])
    await vi.advanceTimersByTimeAsync(10)
    await finish()
    expect(batches).toEqual([[1, 1, 1], [1]])
    await finish()
  })

  it('closes a batch by the age of its first entry', async () => {
    const { add, batches, finish } = setUp()
    add(1)
    await vi.advanceTimersByTimeAsync(6)
    add(2)
    await vi.advanceTimersByTimeAsync(3)
    expect(batches).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(batches).toEqual([[1, 2]])
    await finish()
  })

  it('has one batch at a time with the sink, and lets what waited long enough follow at once', async () => {
    const { add, batches, finish } = setUp()
    add(5)
    add(1)
    await vi.advanceTimersByTimeAsync(30)
    expect(batches).toEqual([[5]])
    await finish()
    expect(batches).toEqual([[5], [1]])
    await finish()
  })

  it('lets what came just now linger, even after a batch has finished', async () => {
    const { add, batches, finish } = setUp()
    add(5)
    await vi.advanceTimersByTimeAsync(30)
    add(1)
    await finish()
    expect(batches).toEqual([[5]])
    await vi.advanceTimersByTimeAsync(10)
    expect(batches).toEqual([[5], [1]])
    await finish()
  })

  it('makes no batch larger than the limit, but of one entry that alone is', async () => {
    const { add, batches, finish } = setUp({ limitItems: 100 })
    add(5)
    for (const items of [3, 3, 9, 2, 2]) add(items)
    for (let at = 0; at < 5; at++) await finish()
    expect(batches).toEqual([[5], [3], [3], [9], [2, 2]])
    await finish()
  })

  it('waits when it is full, counts it, and takes up again when there is room', async () => {
    const { add, buffer, batches, settled, finish } = setUp()
    for (const items of [5, 5, 2]) add(items)
    expect(buffer.isFull).toBe(true)
    add(1, 'late')
    add(1, 'later')
    await vi.advanceTimersByTimeAsync(50)
    expect(buffer).toMatchObject({ heldBack: [2, 0, 0], waitingItems: 12, parkedItems: 2 })
    await finish()
    expect(buffer).toMatchObject({ waitingItems: 9, parkedItems: 0 })
    await vi.advanceTimersByTimeAsync(10)
    await finish()
    await finish()
    await finish()
    expect(settled.slice(-2)).toEqual(['late done', 'later done'])
    expect(batches.flat()).toHaveLength(5)
    expect(buffer).toMatchObject({ waitingItems: 0, waitingBytes: 0, isFull: false })
  })

  it('is full by bytes, too', async () => {
    const { add, buffer, finish } = setUp({ limitBytes: 200 })
    add(1)
    expect(buffer.isFull).toBe(false)
    add(1)
    expect(buffer.isFull).toBe(true)
    await vi.advanceTimersByTimeAsync(10)
    await finish()
    expect(buffer.isFull).toBe(false)
  })

  it('holds back the highest rank first, and never what has room of its own', async () => {
    const { add, buffer, settled, finish } = setUp()
    add(5, 'a')
    add(1, 'b')
    add(1, 'surplus of surplus', 2)
    add(3, 'surplus', 1)
    add(1, 'more surplus', 1)
    add(1, 'must')
    expect(buffer).toMatchObject({ heldBack: [0, 1, 1], parkedItems: 2, waitingItems: 10 })
    expect([0, 1, 2].map((rank) => buffer.isHolding(rank))).toEqual([false, true, true])
    await finish()
    await finish()
    await finish()
    await vi.advanceTimersByTimeAsync(10)
    await finish()
    expect(settled).toEqual(
      ['a', 'b', 'surplus', 'must', 'more surplus', 'surplus of surplus'].map((name) => `${name} done`),
    )
  })

  it('lets what is urgent go with the next batch, before all that came earlier', async () => {
    const { add, settled, batches, finish } = setUp()
    add(5, 'flying')
    for (let at = 0; at < 4; at++) add(1, `earlier ${at}`)
    add(1, 'urgent', 0, true)
    add(1, 'urgent, too', 0, true)
    for (let at = 0; at < 3; at++) await finish()
    expect(settled.slice(0, 3)).toEqual(['flying done', 'urgent done', 'urgent, too done'])
    expect(settled.slice(3)).toEqual([0, 1, 2, 3].map((at) => `earlier ${at} done`))
    expect(batches.map((batch) => batch.length)).toEqual([1, 5, 1])
  })

  it('keeps the order within a rank: what comes waits behind what is parked', async () => {
    const { add, settled, finish } = setUp({ limitItems: 10 })
    add(5, 'a')
    add(4, 'parked', 2)
    add(1, 'behind', 2)
    await finish()
    await vi.advanceTimersByTimeAsync(10)
    await finish()
    await finish()
    expect(settled).toEqual(['a done', 'parked done', 'behind done'])
  })

  it('parks as much again as its limit, of the first rank twice that, and gives the rest back', async () => {
    const { add, buffer, settled } = setUp()
    add(12)
    for (let at = 0; at < 4; at++) add(3, `surplus ${at}`, 2)
    add(1, 'surplus too much', 2)
    for (let at = 0; at < 4; at++) add(3, `must ${at}`)
    add(1, 'must too much')
    await vi.advanceTimersByTimeAsync(0)
    expect(settled).toEqual(['surplus too much full', 'must too much full'])
    expect(buffer.parkedItems).toBe(24)
    buffer.abandon()
    expect(buffer).toMatchObject({ parkedItems: 0, parkedBytes: 0 })
    await vi.advanceTimersByTimeAsync(0)
  })

  it('rejects what a sink gave up, and goes on with the next batch', async () => {
    const { add, buffer, settled, fail, finish } = setUp()
    add(5, 'first')
    add(5, 'second')
    await fail(new Error('gave up'))
    expect(settled).toEqual(['first gave up'])
    await finish()
    expect(settled).toEqual(['first gave up', 'second done'])
    expect(buffer.waitingItems).toBe(0)
  })

  it('survives a sink that throws before it promises anything', async () => {
    const { add, buffer, settled } = setUp({
      sink: () => {
        throw new Error('at once')
      },
    })
    add(5, 'first')
    await vi.advanceTimersByTimeAsync(0)
    expect(settled).toEqual(['first at once'])
    expect(buffer.waitingItems).toBe(0)
  })

  it('drains when it stops: what was taken is finished, what comes is refused', async () => {
    const { add, buffer, batches, settled, finish } = setUp()
    add(5, 'a')
    add(1, 'b')
    const stopped = buffer.stop().then(() => settled.push('stopped'))
    add(1, 'c')
    await finish()
    expect(settled).toEqual(['c stopped', 'a done'])
    expect(batches).toEqual([[5], [1]])
    await finish()
    await stopped
    expect(settled).toEqual(['c stopped', 'a done', 'b done', 'stopped'])
  })

  it('refuses who waits for room when it stops', async () => {
    const { add, buffer, settled, finish } = setUp()
    add(5)
    add(7)
    add(1, 'waiting')
    const stopped = buffer.stop()
    await finish()
    await finish()
    await stopped
    expect(settled).toContain('waiting stopped')
  })

  it('gives up what waits when it is abandoned, and forgets it', async () => {
    const { add, buffer, settled, finish } = setUp()
    add(5, 'with the sink')
    add(1, 'queued')
    buffer.abandon()
    await vi.advanceTimersByTimeAsync(20)
    expect(settled).toEqual(['queued stopped'])
    expect(buffer.waitingItems).toBe(5)
    await finish()
    expect(settled).toEqual(['queued stopped', 'with the sink done'])
    expect(buffer).toMatchObject({ waitingItems: 0, waitingBytes: 0 })
  })

  it('settles every promise once, in order within a rank, on any way through', async () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('add' as const),
          items: fc.integer({ min: 1, max: 7 }),
          rank: fc.nat(2),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constantFrom('finish' as const, 'fail' as const, 'wait' as const),
          items: fc.constant(0),
          rank: fc.constant(0),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constantFrom('stop' as const, 'abandon' as const),
          items: fc.constant(0),
          rank: fc.constant(0),
        }),
      },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { add, buffer, batches, settled, finish, fail } = setUp()
        let added = 0
        const ranks: number[] = []
        for (const { do: what, items, rank } of steps) {
          if (what === 'add') {
            ranks.push(rank)
            add(items, String(added++), rank)
          } else if (what === 'finish') await finish()
          else if (what === 'fail') await fail(new Error('failed'))
          else if (what === 'wait') await vi.advanceTimersByTimeAsync(7)
          else if (what === 'stop') void buffer.stop()
          else buffer.abandon()
        }
        const stopped = buffer.stop()
        for (let at = 0; at < added; at++) await finish()
        await stopped
        await vi.advanceTimersByTimeAsync(0)
        expect(settled.map((line) => Number(line.split(' ')[0])).sort((a, b) => a - b)).toEqual(
          Array.from({ length: added }, (_, at) => at),
        )
        const done = settled.filter((line) => line.endsWith('done')).map((line) => Number(line.split(' ')[0]))
        for (const rank of [0, 1, 2]) {
          const own = done.filter((at) => ranks[at] === rank)
          expect(own).toEqual(own.toSorted((a, b) => a - b))
        }
        for (const batch of batches)
          expect(batch.length === 1 || batch.reduce((sum, items) => sum + items, 0) <= 5).toBe(true)
        expect(buffer).toMatchObject({ waitingItems: 0, waitingBytes: 0, parkedItems: 0, parkedBytes: 0 })
      }),
    )
  })
})
