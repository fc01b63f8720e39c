import type { Pool } from 'pg'

/** The database's background jobs of one kind: `refresh`, `compression`, `retention`, … */
export interface JobLag {
  readonly job: string
  /** How late the latest of them is. */
  readonly lagSeconds: number
  /** Those whose last run failed. */
  readonly failing: number
}

/**
 * How far the policies are behind. A job that waits is late since its next start; one that runs is late when the run takes longer than its interval, for its
 * next start is not set meanwhile. The same on both engines: the embedded one keeps the same books.
 */
export async function readJobLag(pool: Pool): Promise<JobLag[]> {
  const { rows } = await pool.query<JobLag>(
    `select job, max(greatest(lag, 0))::double precision as "lagSeconds", (count(*) filter (where is_failing))::int as failing
     from (
       select case proc_name when 'policy_refresh_continuous_aggregate' then 'refresh' else regexp_replace(proc_name, '^policy_', '') end as job,
         coalesce(last_run_status = 'Failed', false) as is_failing,
         case
           when job_status = 'Running' then extract(epoch from now() - last_run_started_at - schedule_interval)
           when isfinite(jobs.next_start) then extract(epoch from now() - jobs.next_start)
           else 0
         end as lag
       from timescaledb_information.jobs left join timescaledb_information.job_stats using (job_id)
       where scheduled and proc_name like 'policy\\_%' and proc_name not in ('policy_telemetry', 'policy_job_stat_history_retention')
     ) as jobs
     group by job order by job`,
  )
  return rows
}
