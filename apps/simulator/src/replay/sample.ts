import type { FixPayload } from '@gridkeeper/contracts'

/** One row or point of a recording. `line` counts from 1 as an editor does; in a GPX file it is the point's number. */
export type Sample =
  | { readonly ok: true; readonly line: number; readonly timeMs: number; readonly body: SampleBody }
  | { readonly ok: false; readonly line: number; readonly reason: string }

export type SampleBody =
  | { readonly channel: 'readings'; readonly values: Readonly<Record<string, number | boolean>> }
  | { readonly channel: 'fixes'; readonly fix: Omit<FixPayload, 't'> }

/** A recording that cannot be replayed at all, in words for the one who gave it. */
export class RecordingError extends Error {
  readonly code = 'bad-recording'
}
