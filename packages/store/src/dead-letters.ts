import type { Pool, PoolClient } from 'pg'
import { plainArray, textArray, timestamp } from './array-literal.ts'

/** What the outcome of a re-run says when the message is stored by now; otherwise it is the reason of the new refusal. */
export const rerunAccepted = 'accepted'

export interface DeadLetter {
  readonly id: number
  readonly receivedAtMs: number
  readonly source: string
  readonly topic: string
  readonly client: string | null
  /** Who was logged in, or what name it gave; null: nobody, or the broker in front knows. */
  readonly login: string | null
  readonly reason: string
  readonly detail: string | null
  readonly size: number
  /** Every byte of it was kept, so that it can run again. */
  readonly isWhole: boolean
  readonly rerunRequestedAtMs: number | null
  readonly rerunAtMs: number | null
  readonly rerunOutcome: string | null
}
export interface WholeDeadLetter extends DeadLetter {
  readonly bytes: Buffer
}

/** What is left out does not restrict. */
export interface DeadLetterFilter {
  readonly reason?: string | undefined
  /** Part of the topic or of the detail, where the device key stands; upper and lower case are the same. */
  readonly text?: string | undefined
  readonly login?: string | undefined
  readonly range?: { readonly fromMs: number; readonly toMs: number } | undefined
}

/** Where a page ended. */
export interface DeadLetterPlace {
  readonly receivedAtMs: number
  readonly id: number
}

const milliseconds = (column: string) => `(extract(epoch from ${column}) * 1000)::double precision`

const fields = `id::double precision as id, ${milliseconds('received_at')} as "receivedAtMs", source, topic, client, login, reason, detail, size,
  size = length(bytes) as "isWhole", ${milliseconds('rerun_requested_at')} as "rerunRequestedAtMs", ${milliseconds('rerun_at')} as "rerunAtMs",
  rerun_outcome as "rerunOutcome"`

/** The parameters $1 to $5. */
const matches = `($1::text is null or reason = $1) and ($2::text is null or login = $2)
  and ($3::text is null or strpos(lower(topic), $3) > 0 or strpos(lower(detail), $3) > 0)
  and ($4::double precision is null or received_at >= ${timestamp('$4::double precision')})
  and ($5::double precision is null or received_at < ${timestamp('$5::double precision')})`

const filterValues = ({ reason, login, text, range }: DeadLetterFilter) => [
  reason ?? null,
  login ?? null,
  text?.toLowerCase() ?? null,
  range?.fromMs ?? null,
  range?.toMs ?? null,
]

/** Newest first, those after the given place. */
export async function searchDeadLetters(
  pool: Pool,
  filter: DeadLetterFilter,
  limit: number,
  after: DeadLetterPlace | null = null,
): Promise<DeadLetter[]> {
  const { rows } = await pool.query<DeadLetter>(
    `select ${fields} from dead_letter
     where ${matches} and ($6::double precision is null or (received_at, id) < (${timestamp('$6::double precision')}, $7::bigint))
     order by received_at desc, id desc limit $8`,
    [...filterValues(filter), after?.receivedAtMs ?? null, after?.id ?? null, limit],
  )
  return rows
}

export async function findDeadLetter(pool: Pool, id: number): Promise<WholeDeadLetter | null> {
  const { rows } = await pool.query<WholeDeadLetter>(
    `select ${fields}, bytes from dead_letter where id = $1::bigint`,
    [id],
  )
  return rows[0] ?? null
}

export interface DeadLetterCount {
  readonly reason: string
  readonly count: number
  readonly newestMs: number
  /** Of these, how many could run again. */
  readonly rerunnable: number
}

/** Not yet asked for, or refused once more. */
const isRerunnable = `size = length(bytes) and (rerun_requested_at is null or rerun_outcome <> '${rerunAccepted}')`

/** By reason, most first. */
export async function countDeadLetters(
  pool: Pool,
  range: { readonly fromMs: number; readonly toMs: number },
): Promise<DeadLetterCount[]> {
  const { rows } = await pool.query<DeadLetterCount>(
    `select reason, count(*)::double precision as count, ${milliseconds('max(received_at)')} as "newestMs",
       count(*) filter (where ${isRerunnable})::double precision as rerunnable
     from dead_letter where received_at >= ${timestamp('$1::double precision')} and received_at < ${timestamp('$2::double precision')}
     group by reason order by count desc, reason`,
    [range.fromMs, range.toMs],
  )
  return rows
}

/** At most so many are asked for at once. */
export const maxRerun = 10_000

export interface RerunRequest {
  readonly requested: number
  /** Match as well, and were not asked for: they are more than {@link maxRerun}. */
  readonly left: number
}

/** Asks the gateways to run those again whose bytes are whole, oldest first; those that are asked for already, or were accepted meanwhile, are left out. */
export async function requestRerun(
  pool: Pool,
  filter: DeadLetterFilter & { readonly ids?: readonly number[] | undefined },
  limit = maxRerun,
): Promise<RerunRequest> {
  const { rows } = await pool.query<RerunRequest>(
    `with found as (
       select id, received_at from dead_letter
       where ${matches} and ($6::bigint[] is null or id = any($6)) and ${isRerunnable}),
     chosen as (select id, received_at from found order by received_at, id limit $7),
     asked as (
       update dead_letter set rerun_requested_at = now(), rerun_taken_at = null, rerun_at = null, rerun_outcome = null
       from chosen where dead_letter.id = chosen.id and dead_letter.received_at = chosen.received_at returning 1)
     select (select count(*) from asked)::double precision as requested,
       greatest(0, (select count(*) from found) - $7)::double precision as left`,
    [...filterValues(filter), filter.ids === undefined ? null : plainArray(filter.ids), limit],
  )
  return rows[0] ?? { requested: 0, left: 0 }
}

/** What a gateway needs to hear a message again as it came then. */
export interface RerunnableLetter {
  readonly id: number
  readonly receivedAtMs: number
  readonly source: string
  readonly topic: string
  readonly client: string | null
  readonly login: string | null
  /** Why it was refused then. */
  readonly reason: string
  readonly bytes: Buffer
}

/**
 * Takes letters that are asked for, oldest first; no other gateway gets them for a minute. One short statement of its own, since the embedded engine has one
 * backend: a transaction held open here would wait for the batch that waits for it. Whoever dies before {@link settleReruns} leaves them to be
 * taken again, which changes nothing where the message was stored.
 */
export async function takeRerunnable(pool: Pool | PoolClient, limit: number): Promise<RerunnableLetter[]> {
  const { rows } = await pool.query<RerunnableLetter>(
    `with free as (
       select id, received_at from dead_letter
       where rerun_requested_at is not null and rerun_at is null and (rerun_taken_at is null or rerun_taken_at < now() - interval '1 minute')
       order by received_at, id limit $1 for update skip locked),
     taken as (
       update dead_letter set rerun_taken_at = now() from free where dead_letter.id = free.id and dead_letter.received_at = free.received_at
       returning dead_letter.*)
     select id::double precision as id, ${milliseconds('received_at')} as "receivedAtMs", source, topic, client, login, reason, bytes
     from taken order by received_at, id`,
    [limit],
  )
  return rows
}

export interface SettledRerun {
  readonly id: number
  /** {@link rerunAccepted}, or the reason of the new refusal. */
  readonly outcome: string
}
export async function settleReruns(pool: Pool | PoolClient, settled: readonly SettledRerun[]): Promise<void> {
  if (settled.length === 0) return
  await pool.query(
    `update dead_letter set rerun_at = now(), rerun_outcome = row.outcome
     from unnest($1::bigint[], $2::text[]) as row (id, outcome)
     where dead_letter.id = row.id and rerun_requested_at is not null and rerun_at is null`,
    [plainArray(settled.map(({ id }) => id)), textArray(settled.map(({ outcome }) => outcome))],
  )
}
