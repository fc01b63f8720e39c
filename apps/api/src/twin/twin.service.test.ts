import { createRegistry, type Logger } from '@gridkeeper/service-kit'
import type { Catalogue, Frame } from '@gridkeeper/contracts'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTwinMetrics } from './twin.metrics.ts'
import { TwinService } from './twin.service.ts'
import type { TwinSource } from './twin-source.ts'

const catalogue: Catalogue = {
  version: 1,
  grids: [],
  lines: [],
  ground: [],
  assets: [{ id: 1, code: 'A', name: '', kind: 'meter', lon: 1, lat: 1, gridId: null }],
  keepers: [],
}
const start = 1_800_000_000_000
const logger = { warn: () => undefined } as unknown as Logger

/** A source whose reads end when the test says so. */
function build() {
  const reads: { answer: (headline: number, timeMs: number) => void; fail: () => void }[] = []
  const source: TwinSource = {
    read: (known) =>
      new Promise((resolve, reject) =>
        reads.push({
          answer: (headline, timeMs) =>
            resolve({
              catalogue: known === null ? catalogue : null,
              states: {
                assets: [{ id: 1, timeMs, receivedAtMs: timeMs, headline, flags: 0 }],
                keepers: [],
                openAlarms: [],
              },
            }),
          fail: () => reject(new Error('the database is away')),
        }),
      ),
  }
  const metrics = createTwinMetrics(createRegistry('test'))
  const service = new TwinService({ source, logger, metrics, now: () => start, retryMs: 1_000 })
  const frame = (sequence: number, headline: number, timeMs: number): Frame => ({
    sequence,
    isSnapshot: false,
    baseMs: start,
    assets: [{ id: 1, timeMs, headline, state: 0, flags: 0 }],
    keepers: [],
  })
  const headline = () => service.twin.assets.get(1)?.headline
  return { service, reads, frame, headline }
}

async function started() {
  const parts = build()
  const starting = parts.service.start()
  parts.reads.shift()?.answer(1, start)
  await starting
  return parts
}

/** Lets what can go on go on. */
const quiet = () => new Promise((resolve) => setImmediate(resolve))

afterEach(() => void vi.useRealTimers())

describe('the twin service', () => {
  it('lets frames wait while it loads, and then takes the newest of both', async () => {
    const { service, reads, frame, headline } = await started()
    service.connected()
    service.frameArrived('gw', frame(8, 30, start + 30))
    expect(headline()).toBe(1)
    reads.shift()?.answer(20, start + 20)
    await quiet()
    expect(headline()).toBe(30)
    // The gateway was new: one more.
    reads.shift()?.answer(30, start + 30)
    await service.stop()
  })

  it('reads again after a gap, once for however many', async () => {
    const { service, reads, frame, headline } = await started()
    service.frameArrived('gw', frame(1, 2, start + 1))
    expect(reads).toHaveLength(1)
    reads.shift()?.answer(2, start + 1)
    await quiet()
    service.frameArrived('gw', frame(3, 4, start + 3))
    service.frameArrived('gw', frame(5, 6, start + 5))
    service.frameArrived('gw', frame(9, 10, start + 9))
    expect(reads).toHaveLength(1)
    reads.shift()?.answer(11, start + 11)
    await quiet()
    reads.shift()?.answer(12, start + 12)
    await quiet()
    expect(headline()).toBe(12)
    expect(reads).toHaveLength(0)
    await service.stop()
  })

  it('passes over a frame that comes twice', async () => {
    const { service, reads, frame, headline } = await started()
    service.frameArrived('gw', frame(1, 2, start + 1))
    reads.shift()?.answer(2, start + 1)
    await quiet()
    service.frameArrived('gw', frame(1, 99, start + 99))
    expect(headline()).toBe(2)
    await service.stop()
  })

  it('never goes back when what two gateways say crosses', async () => {
    const { service, reads, frame, headline } = await started()
    const told: number[] = []
    service.attach({
      alarmsChanged: (alarms) => void told.push(...alarms.map(({ clearedAtMs }) => clearedAtMs ?? 0)),
      assetChanged: () => undefined,
      keeperChanged: () => undefined,
      feedChanged: () => undefined,
      registryChanged: () => undefined,
    })
    service.frameArrived('gw-2', frame(1, 20, start + 20))
    service.frameArrived('gw-1', frame(1, 10, start + 10))
    reads.shift()?.answer(1, start)
    await quiet()
    reads.shift()?.answer(1, start)
    await quiet()
    expect(headline()).toBe(20)
    const alarm = {
      id: 7,
      assetId: 1,
      rule: 'r',
      severity: 'warning',
      metric: null,
      value: null,
      raisedAtMs: start,
    } as const
    service.alarmsArrived('gw-2', { sequence: 1, alarms: [{ ...alarm, clearedAtMs: start + 20 }] })
    service.alarmsArrived('gw-1', { sequence: 1, alarms: [{ ...alarm, clearedAtMs: null }] })
    expect([...service.twin.openAlarms.keys()]).toEqual([])
    expect(told).toEqual([start + 20])
    await service.stop()
  })

  it('goes on with deltas when a reload fails, and tries it again', async () => {
    vi.useFakeTimers()
    const { service, reads, frame, headline } = await started()
    service.frameArrived('gw', frame(1, 2, start + 1))
    reads.shift()?.fail()
    await vi.advanceTimersByTimeAsync(0)
    expect(headline()).toBe(2)
    service.frameArrived('gw', frame(2, 3, start + 2))
    expect(headline()).toBe(3)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(reads).toHaveLength(1)
    reads.shift()?.answer(3, start + 2)
    await service.stop()
  })
})
