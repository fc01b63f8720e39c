import type { Alarm } from '@gridkeeper/contracts'
import { shallowRef, type ShallowRef } from 'vue'

export const alarmBookSpanMs = 25 * 3_600_000

export interface AlarmBook {
  /** Open alarms, and those raised in the last day. */
  readonly all: ReadonlyMap<number, Alarm>
  /** Grows with each change. */
  readonly version: Readonly<ShallowRef<number>>
  /** Null until the first list has come: not known, which is not none. */
  readonly loadedAtMs: Readonly<ShallowRef<number | null>>
  /** True if this alarm was not known before. */
  apply(alarm: Alarm): boolean
  /** Call before asking for lists; hand the answers (null: none came) to the returned function. What is told meanwhile is not lost. */
  beginLoad(): (alarms: readonly Alarm[] | null, nowMs: number) => void
}

/** An alarm goes one way, from open to cleared; so the cleared one is always the newer. */
const newerOf = (known: Alarm | undefined, told: Alarm): Alarm =>
  known !== undefined && known.clearedAtMs !== null ? known : told

export function createAlarmBook(): AlarmBook {
  let all = new Map<number, Alarm>()
  const version = shallowRef(0)
  const loadedAtMs = shallowRef<number | null>(null)
  const loads = new Set<Alarm[]>()

  return {
    get all() {
      return all
    },
    version,
    loadedAtMs,
    apply(alarm) {
      const known = all.get(alarm.id)
      all.set(alarm.id, newerOf(known, alarm))
      for (const meanwhile of loads) meanwhile.push(alarm)
      version.value++
      return known === undefined
    },
    beginLoad() {
      const meanwhile: Alarm[] = []
      loads.add(meanwhile)
      return (alarms, nowMs) => {
        loads.delete(meanwhile)
        if (alarms === null) return
        const next = new Map<number, Alarm>()
        for (const alarm of [...alarms, ...meanwhile]) {
          if (alarm.clearedAtMs !== null && alarm.raisedAtMs < nowMs - alarmBookSpanMs) continue
          next.set(alarm.id, newerOf(next.get(alarm.id), alarm))
        }
        all = next
        loadedAtMs.value = nowMs
        version.value++
      }
    },
  }
}
