import type { DecodedItem, Rejection } from '../decoder.ts'
import { readingsByTime, type Sample } from '../readings-by-time.ts'
import { readValue } from './metric-value.ts'
import { findName, makeNameBook, type NameBook } from './name-book.ts'
import type { Payload } from './payload.ts'
import type { SpokenType } from './topic.ts'

/**
 * What a host knows of one edge node. Pure: (state, message) → (state, what was said, whether to ask for a rebirth).
 *
 * - `unheard`  nothing was ever heard, or it has been forgotten; data ask for a rebirth
 * - `alive`    from its birth (NBIRTH) to the death that carries the same bdSeq
 * - `dead`     from that death to the next birth
 *
 * Order. MQTT keeps the order of a topic, not between topics. A death that carries another bdSeq than the birth belongs to an earlier session and is ignored. A
 * birth heard just after the death of its own session was overtaken by it: its names are learnt, the node stays dead. A device's birth ahead of its node's is
 * kept and counts from that on. A gap in the sequence, or a name that no birth has told, asks for a rebirth, at most once in {@link rebirthEveryMs}.
 */
export interface NodeState {
  readonly life: 'unheard' | 'alive' | 'dead'
  readonly bdSeq: number | null
  /** The sequence number that comes next, 0 to 255; null: none is expected. */
  readonly nextSeq: number | null
  readonly names: NameBook | null
  readonly devices: ReadonlyMap<string, DeviceState>
  readonly diedAtMs: number | null
  readonly askedAtMs: number | null
  readonly heardAtMs: number
}

interface DeviceState {
  readonly names: NameBook
  /** Born ahead of its node: the sequence number of that birth, and when it was heard. null: in order. */
  readonly early: { readonly seq: number | null; readonly atMs: number } | null
}

export interface Heard {
  readonly type: SpokenType
  readonly device: string | null
  readonly payload: Payload
  readonly nowMs: number
}

/** What one speaker says: the edge node (null) or a device behind it. */
export interface Said {
  readonly device: string | null
  readonly items: readonly DecodedItem[]
  readonly rejection: Rejection | null
}

export interface Step {
  readonly state: NodeState
  /** The message's own speaker first. */
  readonly said: readonly [Said, ...Said[]]
  readonly asksRebirth: boolean
}

export const rebirthEveryMs = 10_000
/** So far apart may messages of two topics be that were sent in the other order. */
export const overtakenMs = 1_000
export const maxMetricsPerNode = 10_000
/** All of them are said offline in one message at the death of the node. */
export const maxDevicesPerNode = 1_000

export const unheard: NodeState = {
  life: 'unheard',
  bdSeq: null,
  nextSeq: null,
  names: null,
  devices: new Map(),
  diedAtMs: null,
  askedAtMs: null,
  heardAtMs: 0,
}

export function step(state: NodeState, heard: Heard): Step {
  const isData = heard.type === 'NDATA' || heard.type === 'DDATA'
  const next = stepOn(state, heard)
  // Data that came long before what was heard last run again from the dead letters: they are read with the names of today, and are out of every order.
  if (isData && state.heardAtMs - heard.nowMs > overtakenMs) return { ...next, state, asksRebirth: false }
  return { ...next, state: { ...next.state, heardAtMs: Math.max(state.heardAtMs, heard.nowMs) } }
}

function stepOn(state: NodeState, heard: Heard): Step {
  switch (heard.type) {
    case 'NBIRTH':
      return onNodeBirth(state, heard)
    case 'NDEATH':
      return onNodeDeath(state, heard)
    case 'DBIRTH':
      return onDeviceBirth(state, heard)
    case 'DDEATH':
      return onDeviceDeath(state, heard)
    case 'NDATA':
    case 'DDATA':
      return onData(state, heard)
  }
}

function onNodeBirth(state: NodeState, { payload, nowMs }: Heard): Step {
  const names = makeNameBook(payload.metrics)
  if (names.size > maxMetricsPerNode) return tooMany(state, null)
  const bdSeq = bdSeqOf(payload)
  const isOvertaken =
    state.life === 'dead' && state.bdSeq === bdSeq && isWithin(state.diedAtMs, nowMs, overtakenMs)
  const { items } = takeMetrics(names, payload)
  if (isOvertaken) return quiet({ ...state, names }, { device: null, items, rejection: null })
  const early = [...state.devices].filter(([, device]) => isWithin(device.early?.atMs, nowMs, overtakenMs))
  const earlySeqs = new Set(early.map(([, device]) => device.early?.seq))
  let nextSeq = following(payload.seq ?? 0)
  for (let taken = 0; taken < earlySeqs.size && earlySeqs.has(nextSeq); taken++) nextSeq = following(nextSeq)
  const devices = new Map(early.map(([name, device]) => [name, { ...device, early: null }]))
  // Those of a session that has ended unheard; in a rebirth of the same one they are about to be born again.
  const gone =
    state.life === 'alive' && state.bdSeq !== bdSeq
      ? [...state.devices.keys()].filter((name) => !devices.has(name))
      : []
  return {
    state: { ...state, life: 'alive', bdSeq, nextSeq, names, devices, diedAtMs: null },
    said: [
      { device: null, items: [status(true), ...items], rejection: null },
      ...[...devices.keys()].map((device) => saidStatus(device, true)),
      ...gone.map((device) => saidStatus(device, false)),
    ],
    asksRebirth: false,
  }
}

function onNodeDeath(state: NodeState, { payload, nowMs }: Heard): Step {
  const bdSeq = bdSeqOf(payload)
  if (state.life === 'dead' || (state.life === 'alive' && bdSeq !== state.bdSeq))
    return quiet(state, nothing(null))
  return {
    state: { ...unheard, life: 'dead', bdSeq, diedAtMs: nowMs, askedAtMs: state.askedAtMs },
    said: [
      { device: null, items: [status(false)], rejection: null },
      ...[...state.devices.keys()].map((device) => saidStatus(device, false)),
    ],
    asksRebirth: false,
  }
}

function onDeviceBirth(state: NodeState, { device, payload, nowMs }: Heard): Step {
  if (device === null) return quiet(state, nothing(null))
  const names = makeNameBook(payload.metrics)
  const before = state.devices.get(device)
  const isOneTooMany = before === undefined && state.devices.size >= maxDevicesPerNode
  const others = sizeOf(state) - (before?.names.size ?? 0)
  if (isOneTooMany || others + names.size > maxMetricsPerNode) return tooMany(state, device)
  const { items } = takeMetrics(names, payload)
  const { order, nextSeq } = follow(state, payload.seq)
  const isEarly = state.life !== 'alive' || order === 'gap'
  const early = isEarly ? { seq: payload.seq, atMs: nowMs } : null
  const devices = new Map(state.devices).set(device, { names, early })
  // One that comes too early says by itself nothing of what is missing: if it was a gap, the next message shows it.
  return quiet(
    { ...state, devices, nextSeq: isEarly ? state.nextSeq : nextSeq },
    { device, items: state.life === 'alive' ? [status(true), ...items] : items, rejection: null },
  )
}

function onDeviceDeath(state: NodeState, { device, payload, nowMs }: Heard): Step {
  if (device === null) return quiet(state, nothing(null))
  const { order, nextSeq } = follow(state, payload.seq)
  const devices = new Map(state.devices)
  devices.delete(device)
  const next = quiet({ ...state, devices, nextSeq }, saidStatus(device, false))
  return order === 'gap' ? askRebirth(next, nowMs) : next
}

function onData(state: NodeState, { device, payload, nowMs }: Heard): Step {
  const { order, nextSeq } = follow(state, payload.seq)
  const names = device === null ? state.names : state.devices.get(device)?.names
  const isBorn = names !== undefined && names !== null && (device !== null || state.life === 'alive')
  if (!isBorn) {
    const rejection = refuse('unknown-alias', 'data without a birth')
    return askRebirth(quiet({ ...state, nextSeq }, { device, items: [], rejection }), nowMs)
  }
  const { items, unknown } = takeMetrics(names, payload)
  const rejection =
    unknown.length === 0
      ? null
      : refuse('unknown-alias', `no birth has named ${unknown.slice(0, 5).join(', ').slice(0, 500)}`)
  const next = quiet({ ...state, nextSeq }, { device, items, rejection })
  const isSound = state.life === 'alive' && order !== 'gap' && rejection === null
  return isSound ? next : askRebirth(next, nowMs)
}

/** Metrics of one time are one reading; each may have its own. What was buffered while there was no connection never moves the present. */
function takeMetrics(names: NameBook, { metrics, timestampMs }: Payload) {
  const live: Sample[] = []
  const historical: Sample[] = []
  const unknown: string[] = []
  for (const metric of metrics) {
    const named = findName(names, metric)
    if (named === undefined) {
      unknown.push(metric.name ?? `alias ${metric.alias ?? 'none'}`)
      continue
    }
    // A transient metric is one that its maker does not want to be kept.
    if (named.key === null || metric.isTransient) continue
    const value = metric.isNull
      ? null
      : metric.wire === undefined
        ? undefined
        : readValue(named.datatype, metric.wire)
    if (value === undefined) continue
    const t = metric.timestampMs ?? timestampMs
    const sample = { ...(t === null ? {} : { t }), v: { [named.key]: value } }
    if (metric.isHistorical) historical.push(sample)
    else live.push(sample)
  }
  const items: readonly DecodedItem[] = [
    ...readingsByTime(live),
    ...readingsByTime(historical).map((item) => ({ ...item, isHistorical: true as const })),
  ]
  return { items, unknown }
}

const following = (seq: number) => (seq + 1) % 256

/** Only an alive node has an order. The same number again is the same message again. */
function follow({ nextSeq }: NodeState, seq: number | null) {
  if (nextSeq === null || seq === null) return { order: 'none', nextSeq } as const
  if (seq === nextSeq) return { order: 'next', nextSeq: following(seq) } as const
  if (following(seq) === nextSeq) return { order: 'again', nextSeq } as const
  return { order: 'gap', nextSeq: following(seq) } as const
}

function askRebirth(next: Step, nowMs: number): Step {
  const { state } = next
  if (isWithin(state.askedAtMs, nowMs, rebirthEveryMs)) return next
  return { ...next, state: { ...state, askedAtMs: nowMs }, asksRebirth: true }
}

const isWithin = (thenMs: number | null | undefined, nowMs: number, ms: number) =>
  thenMs !== null && thenMs !== undefined && Math.abs(nowMs - thenMs) < ms

function bdSeqOf({ metrics }: Payload): number | null {
  const wire = metrics.find(({ name }) => name === 'bdSeq')?.wire
  return typeof wire === 'bigint' || typeof wire === 'number' ? Number(wire) : null
}

/** What is remembered of it, as a number of metrics; a device counts as one more. */
export const sizeOf = ({ names, devices }: NodeState): number =>
  [...devices.values()].reduce((sum, device) => sum + device.names.size + 1, names?.size ?? 0)

const status = (online: boolean): DecodedItem => ({ channel: 'status', payload: { online } })
const saidStatus = (device: string, online: boolean): Said => ({
  device,
  items: [status(online)],
  rejection: null,
})
const nothing = (device: string | null): Said => ({ device, items: [], rejection: null })
const quiet = (state: NodeState, said: Said): Step => ({ state, said: [said], asksRebirth: false })
const refuse = (reason: Rejection['reason'], detail: string): Rejection => ({ reason, detail, item: null })
const tooMany = (state: NodeState, device: string | null): Step =>
  quiet(state, {
    device,
    items: [],
    rejection: refuse(
      'too-many-items',
      `an edge node has at most ${maxMetricsPerNode} metrics and ${maxDevicesPerNode} devices`,
    ),
  })
