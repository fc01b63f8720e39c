import { literal, queryEngine, QueryFailure } from './engine-query.ts'
import type { Engine } from './engine.ts'

/**
 * TimescaleDB's policy jobs without its scheduler. `run_job` does a job's work but keeps no books: next_start and the
 * statistics stay as they were. They are kept here, in the extension's own table, so that
 * `timescaledb_information.jobs` and `job_stats` read as on a native server and a restart does not run every job again.
 */
export interface DueJob {
  readonly id: number
  readonly name: string
  /** How long ago it should have begun; 0 for one that has never run. */
  readonly lagMs: number
}

export type JobOutcome =
  { readonly ok: true } | { readonly ok: false; readonly code: string; readonly message: string }

/** The job that has been due the longest, or undefined. */
export function findDueJob(engine: Engine): DueJob | undefined {
  const row = queryEngine(
    engine,
    `select j.job_id, j.application_name,
       coalesce(extract(epoch from now() - s.next_start) * 1000, 0)::bigint as lag_ms
     from timescaledb_information.jobs j
     left join _timescaledb_internal.bgw_job_stat s using (job_id)
     where j.scheduled and coalesce(s.next_start, j.initial_start, '-infinity') <= now()
     order by coalesce(s.next_start, j.initial_start, '-infinity'), j.job_id
     limit 1`,
  )[0]
  if (row === undefined) return undefined
  return {
    id: Number(row['job_id']),
    name: row['application_name'] ?? '',
    lagMs: Number(row['lag_ms']),
  }
}

/** Runs it and books the run. Whatever it does wrong, the backend is idle afterwards. */
export function runJob(engine: Engine, id: number): JobOutcome {
  const startedAt = queryEngine(engine, 'select clock_timestamp() as at')[0]?.['at'] ?? ''
  let outcome: JobOutcome = { ok: true }
  try {
    queryEngine(engine, `call run_job(${id})`)
  } catch (error) {
    if (!(error instanceof QueryFailure)) throw error
    outcome = { ok: false, code: error.code, message: error.message }
  }
  queryEngine(engine, bookRunSql(id, startedAt, outcome.ok))
  return outcome
}

/**
 * A success is due again one schedule_interval after it began, on the grid of initial_start for a fixed schedule. A
 * failure is due again after retry_period, doubled with each failure in a row, but no later than five intervals, which
 * is what the native scheduler does (TimescaleDB, src/bgw/job_stat.c), less its jitter.
 */
function bookRunSql(id: number, startedAt: string, isSuccess: boolean): string {
  const started = `${literal(startedAt)}::timestamptz`
  const failed = isSuccess ? 0 : 1
  const succeeded = isSuccess ? 1 : 0
  const regularStart = `case
      when j.fixed_schedule and j.initial_start is not null and extract(month from j.schedule_interval) = 0
        then date_bin(j.schedule_interval, ${started}, j.initial_start) + j.schedule_interval
      else ${started} + j.schedule_interval end`
  const retryStart = (failuresBefore: string) => `clock_timestamp() + least(
      greatest(j.retry_period, interval '1 second') * power(2, least(${failuresBefore}, 20)), j.schedule_interval * 5)`
  const nextStart = (failuresBefore: string) => (isSuccess ? regularStart : retryStart(failuresBefore))
  return `
    insert into _timescaledb_internal.bgw_job_stat as s (
      job_id, last_start, last_finish, next_start, last_successful_finish, last_run_success, total_runs,
      total_duration, total_duration_failures, total_successes, total_failures, total_crashes,
      consecutive_failures, consecutive_crashes, flags)
    select j.job_id, ${started}, clock_timestamp(), ${nextStart('0')},
      ${isSuccess ? 'clock_timestamp()' : "'-infinity'"}, ${isSuccess}, 1,
      ${isSuccess ? `clock_timestamp() - ${started}` : "interval '0'"},
      ${isSuccess ? "interval '0'" : `clock_timestamp() - ${started}`},
      ${succeeded}, ${failed}, 0, ${failed}, 0, 0
    from timescaledb_information.jobs j where j.job_id = ${id}
    on conflict (job_id) do update set
      last_start = excluded.last_start,
      last_finish = excluded.last_finish,
      next_start = ${isSuccess ? 'excluded.next_start' : `(select ${nextStart('s.consecutive_failures')} from timescaledb_information.jobs j where j.job_id = ${id})`},
      last_successful_finish = ${isSuccess ? 'excluded.last_successful_finish' : 's.last_successful_finish'},
      last_run_success = excluded.last_run_success,
      total_runs = s.total_runs + 1,
      total_duration = s.total_duration + excluded.total_duration,
      total_duration_failures = s.total_duration_failures + excluded.total_duration_failures,
      total_successes = s.total_successes + ${succeeded},
      total_failures = s.total_failures + ${failed},
      consecutive_failures = ${isSuccess ? '0' : 's.consecutive_failures + 1'}`
}
