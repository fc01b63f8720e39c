import { describe, expect, it, vi } from 'vitest'
import type { GatewayMinute } from '@gridkeeper/contracts'
import { createIntakeMetrics } from '../intake/intake.metrics.ts'
import { LastMinute, minuteBetween, readSample } from './last-minute.ts'

describe('the last minute', () => {
  it('tells what was added between two samples, and gauges as they stand', async () => {
    const metrics = createIntakeMetrics()
    metrics.messages.inc(100)
    metrics.deadLetters.inc({ reason: 'undecodable' }, 7)
    const from = await readSample(metrics.registry, 0)
    metrics.messages.inc(5)
    metrics.rows.inc({ table: 'reading' }, 4)
    metrics.deadLetters.inc({ reason: 'wrong-type' })
    metrics.waiting.set(3)
    const minute = minuteBetween(from, await readSample(metrics.registry, 30_000))
    expect(minute).toMatchObject({
      seconds: 30,
      messages: 5,
      rows: { reading: 4 },
      deadLetters: { 'wrong-type': 1 },
      shed: {},
      waitingItems: 3,
      ackP50Ms: null,
      ackP99Ms: null,
    })
  })

  it('takes quantiles from what came in between only', async () => {
    const metrics = createIntakeMetrics()
    for (let at = 0; at < 1000; at++) metrics.ackSeconds.observe(50)
    const from = await readSample(metrics.registry, 0)
    for (let at = 0; at < 98; at++) metrics.ackSeconds.observe(0.02)
    for (let at = 0; at < 2; at++) metrics.ackSeconds.observe(2)
    const { ackP50Ms, ackP99Ms } = minuteBetween(from, await readSample(metrics.registry, 1))
    expect(ackP50Ms).toBeGreaterThan(10)
    expect(ackP50Ms).toBeLessThanOrEqual(25)
    expect(ackP99Ms).toBeGreaterThan(1_000)
    expect(ackP99Ms).toBeLessThanOrEqual(2_500)
  })

  it('forgets what is older than a minute', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
    try {
      const metrics = createIntakeMetrics()
      const told: GatewayMinute[] = []
      const timersBefore = vi.getTimerCount()
      const minute = new LastMinute(
        () => readSample(metrics.registry, Date.now()),
        (one) => told.push(one),
      )
      await minute.start()
      metrics.messages.inc(10)
      await vi.advanceTimersByTimeAsync(60_000)
      expect(told.at(-1)).toMatchObject({ seconds: 60, messages: 10 })
      await vi.advanceTimersByTimeAsync(5_000)
      expect(told.at(-1)).toMatchObject({ seconds: 60, messages: 0 })
      minute.stop()
      expect(vi.getTimerCount()).toBe(timersBefore)
    } finally {
      vi.useRealTimers()
    }
  })
})
