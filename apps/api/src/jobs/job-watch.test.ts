import { createLogger, createRegistry } from '@gridkeeper/service-kit'
import { expect, it } from 'vitest'
import { JobWatch } from './job-watch.ts'
import { createJobMetrics } from './jobs.metrics.ts'

it('tells the lag by what a job does, and nothing once it is not known any more', async () => {
  const registry = createRegistry('api')
  let isAway = false
  const read = () =>
    isAway
      ? Promise.reject(new Error('away'))
      : Promise.resolve([{ job: 'refresh', lagSeconds: 12.5, failing: 1 }])
  const watch = new JobWatch(read, createJobMetrics(registry), createLogger('api', 'silent'))
  await watch.look()
  expect(await registry.metrics()).toContain('gk_job_lag_seconds{job="refresh",service="api"} 12.5')
  expect(await registry.metrics()).toContain('gk_jobs_failing{job="refresh",service="api"} 1')
  isAway = true
  await watch.look()
  expect(await registry.metrics()).not.toMatch(/^gk_job/m)
})
