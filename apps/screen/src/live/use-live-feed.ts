import { alarmListSchema, catalogueSchema, type Alarm } from '@gridkeeper/contracts'
import { computed, onScopeDispose, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { alarmBookSpanMs, createAlarmBook, type AlarmBook } from './alarm-book.ts'
import { getJson, isUnauthorised } from './api-client.ts'
import { serverNow, setServerTime } from './clock.ts'
import type { Batch, FromWorker, ToWorker } from './feed-messages.ts'
import { createLiveStore, type LiveStore } from './live-store.ts'
import { judgeTrust, type Missed, type Trust } from './trust.ts'

export interface LiveFeed {
  readonly twin: LiveStore
  readonly alarms: AlarmBook
  readonly trust: ComputedRef<Trust>
  /** When the newest data came, UTC ms of the server's clock; null until some has. */
  readonly newestMs: Readonly<ShallowRef<number | null>>
  /** Since when the connection has been broken; null while it stands. */
  readonly brokenSinceMs: Readonly<ShallowRef<number | null>>
  readonly missed: ShallowRef<Missed | null>
  readonly hasCatalogueFailed: Readonly<ShallowRef<boolean>>
}

export interface LiveFeedOptions {
  /** The session has ended: log in again. */
  readonly onRefused: () => void
  /** An alarm that was not known before, from the stream or missed while it was broken. */
  readonly onNewAlarm?: (alarm: Alarm) => void
  readonly onAlarm?: (alarm: Alarm) => void
}

const retryMs = 3_000

/** Wires worker, store, catalogue and alarms together; everything ends with the scope. */
export function useLiveFeed(options: LiveFeedOptions): LiveFeed {
  const twin = createLiveStore((run) => requestAnimationFrame(run))
  const alarms = createAlarmBook()
  const newestMs = shallowRef<number | null>(null)
  const brokenSinceMs = shallowRef<number | null>(null)
  const missed = shallowRef<Missed | null>(null)
  const hasConnected = shallowRef(false)
  const hasCatalogueFailed = shallowRef(false)
  const abort = new AbortController()
  const timers = new Set<ReturnType<typeof setTimeout>>()
  /** When the last break began, until the snapshot after it has told what was missed. */
  let breakMs: number | null = null
  let catalogueRun = 0

  const again = (run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      run()
    }, retryMs)
    timers.add(timer)
  }

  async function loadCatalogue() {
    const run = ++catalogueRun
    try {
      const next = await getJson('/api/catalogue', catalogueSchema, {}, abort.signal)
      if (run !== catalogueRun) return
      hasCatalogueFailed.value = false
      twin.setCatalogue(next)
    } catch (error) {
      if (abort.signal.aborted || run !== catalogueRun) return
      if (isUnauthorised(error)) return options.onRefused()
      hasCatalogueFailed.value = true
      again(() => void loadCatalogue())
    }
  }

  async function loadAlarms(sinceBreakMs: number | null) {
    const finish = alarms.beginLoad()
    const before = new Set(alarms.all.keys())
    const nowMs = serverNow()
    try {
      const [open, day] = await Promise.all([
        getJson('/api/alarms', alarmListSchema, { open: true }, abort.signal),
        getJson(
          '/api/alarms',
          alarmListSchema,
          { from: nowMs - alarmBookSpanMs, to: nowMs + 60_000 },
          abort.signal,
        ),
      ])
      finish([...day.alarms, ...open.alarms], nowMs)
      if (sinceBreakMs === null) return
      const raised = [...alarms.all.values()].filter(
        ({ id, raisedAtMs }) => raisedAtMs >= sinceBreakMs && !before.has(id),
      )
      if (missed.value) missed.value = { ...missed.value, raisedAlarms: raised.length }
      for (const alarm of raised) if (alarm.clearedAtMs === null) options.onNewAlarm?.(alarm)
    } catch (error) {
      finish(null, nowMs)
      if (abort.signal.aborted) return
      if (isUnauthorised(error)) return options.onRefused()
      again(() => void loadAlarms(sinceBreakMs))
    }
  }

  function takeBatch(batch: Batch) {
    setServerTime(batch.baseMs, batch.arrivedMs)
    const changed = twin.apply(batch)
    if (!batch.isSnapshot && changed > 0) newestMs.value = Math.max(newestMs.value ?? 0, batch.baseMs)
    if (batch.isSnapshot && breakMs !== null) {
      missed.value = { spanMs: serverNow() - breakMs, changedAssets: changed, raisedAlarms: null }
      void loadAlarms(breakMs)
      breakMs = null
    }
  }

  function takeLink(connected: boolean, heardMs: number) {
    twin.setConnected(connected)
    if (connected) {
      brokenSinceMs.value = null
      if (!hasConnected.value) void loadAlarms(null)
      hasConnected.value = true
    } else if (hasConnected.value) {
      brokenSinceMs.value ??= serverNow() - (Date.now() - heardMs)
      breakMs ??= brokenSinceMs.value
      missed.value = null
    }
  }

  const worker = new Worker(new URL('./feed.worker.ts', import.meta.url), { type: 'module' })
  const tell = (message: ToWorker) => worker.postMessage(message)
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.type === 'batch') {
      takeBatch(data.batch)
      tell({ type: 'taken', sequence: data.batch.sequence })
    } else if (data.type === 'alarm') {
      if (alarms.apply(data.alarm) && data.alarm.clearedAtMs === null) options.onNewAlarm?.(data.alarm)
      options.onAlarm?.(data.alarm)
    } else if (data.type === 'feed') {
      twin.setFeed(data.status)
      newestMs.value = Math.max(newestMs.value ?? 0, data.status.newestMs ?? 0) || null
    } else if (data.type === 'link') takeLink(data.connected, data.heardMs)
    else if (data.type === 'catalogue') void loadCatalogue()
    else options.onRefused()
  }
  tell({ type: 'start', origin: location.origin, gridId: null })
  void loadCatalogue()

  onScopeDispose(() => {
    abort.abort()
    for (const timer of timers) clearTimeout(timer)
    tell({ type: 'stop' })
  })

  return {
    twin,
    alarms,
    trust: computed(() => judgeTrust(twin.feed.value, hasConnected.value)),
    newestMs,
    brokenSinceMs,
    missed,
    hasCatalogueFailed,
  }
}
