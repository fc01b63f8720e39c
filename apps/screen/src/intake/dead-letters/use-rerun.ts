import { deadLetterDetailSchema, deadLetterListSchema, rerunAnswerSchema } from '@gridkeeper/contracts'
import { onScopeDispose, shallowRef } from 'vue'
import { getJson, postJson, type Query } from '../../live/api-client.ts'
import { tallyRerun, type RerunTally } from '../tally-rerun.ts'
import { useAction } from '../use-action.ts'

export interface RerunProgress {
  readonly requested: number
  /** Match as well, and were not asked for this time. */
  readonly left: number
  readonly tally: RerunTally
}

export type RerunScope =
  | { readonly id: number }
  | {
      readonly filter: {
        readonly reason?: string
        readonly text?: string
        readonly login?: string
        readonly from: number
      }
    }

const lookEveryMs = 2_000
const perPage = 500
/** As many as one request asks for. */
const maxPages = 20

/** Asks for dead letters to run again and follows what becomes of them, as long as the page is open. */
export function useRerun(onStep: () => void) {
  const { isBusy, problem, run } = useAction()
  const progress = shallowRef<RerunProgress | null>(null)
  let timer: ReturnType<typeof setTimeout> | null = null
  /** Another request, or the end of the page, ends the following of the one before. */
  let runs = 0

  async function start(scope: RerunScope): Promise<void> {
    const mine = ++runs
    if (timer !== null) clearTimeout(timer)
    progress.value = null
    const request = 'id' in scope ? { ids: [scope.id] } : scope.filter
    const answer = await run(() => postJson('/api/dead-letters/rerun', request, rerunAnswerSchema))
    if (answer === null || mine !== runs) return
    progress.value = { ...answer, tally: { pending: answer.requested, accepted: 0, refused: [] } }
    onStep()
    if (answer.requested > 0) timer = setTimeout(() => void follow(mine, scope), lookEveryMs)
  }

  async function follow(mine: number, scope: RerunScope): Promise<void> {
    const startedMs = performance.now()
    try {
      const tally = 'id' in scope ? await readOne(scope.id) : await readAll(scope.filter)
      const before = progress.value
      if (mine !== runs || before === null) return
      progress.value = { ...before, tally }
      onStep()
      if (tally.pending === 0) return
    } catch {
      if (mine !== runs) return
    }
    // Thousands of rows are not read again at once.
    const waitMs = Math.max(lookEveryMs, 4 * (performance.now() - startedMs))
    timer = setTimeout(() => void follow(mine, scope), waitMs)
  }

  const readOne = async (id: number) =>
    tallyRerun([await getJson(`/api/dead-letters/${id}`, deadLetterDetailSchema)])

  async function readAll(filter: Query): Promise<RerunTally> {
    const requested = progress.value?.requested ?? 0
    const letters: Parameters<typeof tallyRerun>[0][number][] = []
    let after: string | null = null
    for (let page = 0; page < maxPages; page++) {
      const query: Query = { ...filter, after, limit: perPage }
      const answer = await getJson('/api/dead-letters', deadLetterListSchema, query)
      letters.push(...answer.deadLetters)
      after = answer.next
      const { pending, accepted, refused } = tallyRerun(letters)
      const found = pending + accepted + refused.reduce((sum, { count }) => sum + count, 0)
      if (after === null || found >= requested) break
    }
    return tallyRerun(letters)
  }

  onScopeDispose(() => {
    runs++
    if (timer !== null) clearTimeout(timer)
  })
  return { isBusy, problem, progress, start }
}
