import type { Alarm, Asset } from '@gridkeeper/contracts'
import { findKind, stateOfSeverity, type AlarmRule } from '@gridkeeper/domain'
import type { Registry } from './registry.ts'

export interface AlarmRow {
  readonly alarm: Alarm
  readonly asset: Asset | null
  readonly rule: AlarmRule | null
}

export const describeAlarm = (alarm: Alarm, registry: Registry): AlarmRow => {
  const asset = registry.assets.get(alarm.assetId) ?? null
  const rules = asset ? (findKind(asset.kind)?.rules ?? []) : []
  return { alarm, asset, rule: rules.find((rule) => rule.key === alarm.rule) ?? null }
}

/** Worst first; among equals the newest first, since that is the news. */
export const compareAlarms = (a: Alarm, b: Alarm): number =>
  stateOfSeverity(b.severity) - stateOfSeverity(a.severity) || b.raisedAtMs - a.raisedAtMs || b.id - a.id

/** Alarms of a grid and all below it; null is everything. */
export function alarmsWithin(alarms: Iterable<Alarm>, registry: Registry, gridId: number | null): Alarm[] {
  const within: Alarm[] = []
  for (const alarm of alarms) {
    const asset = registry.assets.get(alarm.assetId)
    if (gridId === null || (asset && registry.isWithin(asset.gridId, gridId))) within.push(alarm)
  }
  return within
}

export const openAlarms = (alarms: Iterable<Alarm>): Alarm[] => {
  const open: Alarm[] = []
  for (const alarm of alarms) if (alarm.clearedAtMs === null) open.push(alarm)
  return open.sort(compareAlarms)
}
