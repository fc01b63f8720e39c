import { expect, it } from 'vitest'
import { countOf, latencyOf, thresholdsOf, type K6Summary } from './read-summary.ts'

const summary: K6Summary = {
  metrics: {
    gk_sent: { type: 'counter', values: { count: 12, rate: 2 } },
    gk_mqtt_ack_ms: {
      type: 'trend',
      values: { med: 4.04, 'p(95)': 20, 'p(99)': 31.27, max: 32 },
      thresholds: { 'p(95)<500': { ok: true }, 'p(99)<30': { ok: false } },
    },
  },
}

it('tells every threshold, kept or not', () => {
  expect(thresholdsOf(summary)).toEqual([
    { metric: 'gk_mqtt_ack_ms', rule: 'p(95)<500', isKept: true },
    { metric: 'gk_mqtt_ack_ms', rule: 'p(99)<30', isKept: false },
  ])
})

it('counts 0 where k6 says nothing, and knows no latency without samples', () => {
  expect([countOf(summary, 'gk_sent'), countOf(summary, 'gk_acknowledged')]).toEqual([12, 0])
  expect(latencyOf(summary, 'gk_mqtt_ack_ms')).toEqual({ medianMs: 4, p95Ms: 20, p99Ms: 31.3, maxMs: 32 })
  expect(latencyOf(summary, 'http_req_duration')).toBeNull()
})
