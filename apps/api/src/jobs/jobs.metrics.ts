import { Gauge, type Registry } from '@gridkeeper/service-kit'

export type JobMetrics = ReturnType<typeof createJobMetrics>

export function createJobMetrics(registry: Registry) {
  const registers = [registry]
  return {
    lag: new Gauge({
      name: 'gk_job_lag_seconds',
      help: 'How late the latest background job of the database is, by what it does',
      labelNames: ['job'],
      registers,
    }),
    failing: new Gauge({
      name: 'gk_jobs_failing',
      help: 'Background jobs of the database whose last run failed',
      labelNames: ['job'],
      registers,
    }),
  }
}
