import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import { getJson, withQuery, type Query, type Schema } from './api-client.ts'

export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Where the next page begins; null: that was all. */
  readonly next: string | null
}

export interface PagedOptions<Answer, Row> {
  readonly path: string
  readonly schema: Schema<Answer>
  readonly query: () => Query
  readonly read: (answer: Answer) => Page<Row>
  /** The first page is asked again so often, as long as nobody has turned a page. */
  readonly everyMs: number
}

export interface Paged<Answer, Row> {
  readonly rows: ComputedRef<readonly Row[]>
  /** The first page as it was answered last; null until then. */
  readonly first: Readonly<ShallowRef<Answer | null>>
  readonly hasMore: ComputedRef<boolean>
  readonly hasFailed: Readonly<ShallowRef<boolean>>
  reload(): Promise<void>
  more(): Promise<void>
}

/** Typing settles for so long before a question is asked. */
const settleMs = 250

/** A list that goes on: page by page, asked anew when the question changes. */
export function usePaged<Answer, Row>(options: PagedOptions<Answer, Row>): Paged<Answer, Row> {
  const first = shallowRef<Answer | null>(null) as ShallowRef<Answer | null>
  const pages = shallowRef<readonly Page<Row>[]>([])
  const hasFailed = shallowRef(false)
  let run = 0
  let timer: ReturnType<typeof setTimeout> | null = null

  const plan = (waitMs: number) => {
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(() => {
      if (document.hidden || pages.value.length > 1) plan(options.everyMs)
      else void reload()
    }, waitMs)
  }

  async function ask(after: string | null): Promise<void> {
    const mine = ++run
    try {
      const answer = await getJson(options.path, options.schema, { ...options.query(), after })
      if (mine !== run) return
      const page = options.read(answer)
      if (after === null) first.value = answer
      pages.value = after === null ? [page] : [...pages.value, page]
      hasFailed.value = false
    } catch {
      if (mine !== run) return
      hasFailed.value = true
    }
    plan(options.everyMs)
  }
  const reload = () => ask(null)
  const more = async () => {
    const next = pages.value.at(-1)?.next ?? null
    if (next !== null) await ask(next)
  }

  watch(
    () => withQuery(options.path, options.query()),
    (_, before) => {
      if (before === undefined) return void reload()
      pages.value = pages.value.slice(0, 1)
      plan(settleMs)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    run++
    if (timer !== null) clearTimeout(timer)
  })
  return {
    rows: computed(() => pages.value.flatMap(({ rows }) => rows)),
    first,
    hasMore: computed(() => (pages.value.at(-1)?.next ?? null) !== null),
    hasFailed,
    reload,
    more,
  }
}
