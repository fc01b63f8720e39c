import type { Alarm, AssetChange, Catalogue } from '@gridkeeper/contracts'
import { assetState, findKind } from '@gridkeeper/domain'
import { describe, expect, it } from 'vitest'
import { Twin } from './twin.ts'
import { onDutyForMs } from './twin-keeper.ts'

const silentAfterMs = findKind('meter')!.silentAfterMs
const start = 1_800_000_000_000

const catalogue: Catalogue = {
  version: 1,
  grids: [],
  lines: [],
  ground: [],
  assets: [1, 2].map((id) => ({ id, code: `A${id}`, name: '', kind: 'meter', lon: 1, lat: 1, gridId: null })),
  keepers: [{ id: 1, code: 'K', name: '', post: '', gridId: null }],
}

function build() {
  const told: string[] = []
  const twin = new Twin({
    assetChanged: ({ id, state }) => told.push(`asset ${id} ${state}`),
    keeperChanged: ({ id, state }) => told.push(`keeper ${id} ${state}`),
  })
  twin.replaceCatalogue(catalogue)
  const apply = (change: Partial<AssetChange>, arrivedMs: number) =>
    twin.applyFrame(
      {
        sequence: 1,
        isSnapshot: false,
        baseMs: arrivedMs,
        assets: [{ id: 1, timeMs: arrivedMs, headline: 1, state: 0, flags: 0, ...change }],
        keepers: [],
      },
      arrivedMs,
    )
  const state = () => twin.assets.get(1)!
  return { twin, told, apply, state }
}

const fix = (timeMs: number) => ({
  id: 1,
  timeMs,
  lon: 120,
  lat: 30,
  bearingDeg: null,
  speedMps: null,
  accuracyM: null,
  batteryPct: null,
  state: 0,
})

const alarm = (id: number, severity: Alarm['severity']): Alarm => ({
  id,
  assetId: 1,
  rule: 'r',
  severity,
  metric: null,
  value: null,
  raisedAtMs: start,
  clearedAtMs: null,
})

describe('the twin', () => {
  it('knows nothing of an asset that never spoke', () => {
    expect(build().state()).toMatchObject({ state: assetState.unknown, timeMs: null, headline: null })
  })

  it('is changed by a frame once: the same frame again changes nothing', () => {
    const { told, apply } = build()
    apply({ timeMs: start }, start)
    apply({ timeMs: start }, start + 10)
    expect(told).toEqual(['asset 1 0'])
  })

  it('keeps what is newer in device time, but hears the one who speaks', () => {
    const { told, apply, state } = build()
    apply({ timeMs: start, headline: 5 }, start)
    apply({ timeMs: start - 1_000, headline: 4, state: assetState.critical }, start + 500)
    expect(told).toHaveLength(1)
    expect(state()).toMatchObject({ headline: 5, state: assetState.normal, heardMs: start + 500 })
  })

  it('keeps the headline when a message says nothing of it', () => {
    const { apply, state } = build()
    apply({ headline: 5 }, start)
    apply({ headline: null }, start + 1)
    expect(state().headline).toBe(5)
  })

  it('calls an asset silent once it was not heard for as long as its kind allows', () => {
    const { twin, told, apply, state } = build()
    apply({}, start)
    twin.sweep(start + silentAfterMs - 1_000)
    expect(state().state).toBe(assetState.normal)
    twin.sweep(start + silentAfterMs + 1_000)
    expect(state().state).toBe(assetState.silent)
    apply({}, start + silentAfterMs + 2_000)
    expect(told).toEqual(['asset 1 0', 'asset 1 4', 'asset 1 0'])
  })

  it('shows an open alarm before silence', () => {
    const { twin, apply, state } = build()
    apply({ state: assetState.warning }, start)
    twin.sweep(start + silentAfterMs + 1_000)
    expect(state().state).toBe(assetState.warning)
  })

  it('tells of a reload only what differs', () => {
    const { twin, told, apply } = build()
    apply({ timeMs: start, headline: Math.fround(221.3) }, start)
    told.length = 0
    const row = { timeMs: start, receivedAtMs: start, flags: 0 }
    const states = {
      assets: [
        { id: 1, headline: 221.3, ...row },
        { id: 2, headline: 7, ...row },
      ],
      keepers: [],
      openAlarms: [],
    }
    twin.load(states, start + 1)
    expect(told).toEqual(['asset 2 0'])
    twin.load({ ...states, openAlarms: [alarm(1, 'attention'), alarm(2, 'critical')] }, start + 2)
    expect(told).toEqual(['asset 2 0', 'asset 1 3'])
    expect(twin.openAlarms.size).toBe(2)
  })

  it('finds those silent at its start who have not been heard for too long', () => {
    const { twin, state } = build()
    const receivedAtMs = start - silentAfterMs - 1
    twin.load(
      {
        assets: [{ id: 1, headline: 1, timeMs: receivedAtMs, receivedAtMs, flags: 0 }],
        keepers: [],
        openAlarms: [],
      },
      start,
    )
    expect(state().state).toBe(assetState.silent)
  })

  it('has a keeper on duty while his newest fix is young', () => {
    const { twin, told } = build()
    const frame = { sequence: 1, isSnapshot: false, baseMs: start, assets: [] }
    twin.applyFrame({ ...frame, keepers: [fix(start - 60_000)] }, start)
    twin.applyFrame({ ...frame, keepers: [fix(start - 120_000)] }, start)
    twin.sweep(start + onDutyForMs - 61_000)
    twin.sweep(start + onDutyForMs - 58_000)
    expect(told).toEqual(['keeper 1 1', 'keeper 1 0'])
  })

  it('does not put a keeper on duty for a fix that comes late', () => {
    const { twin, told } = build()
    const frame = { sequence: 1, isSnapshot: false, baseMs: start, assets: [] }
    twin.applyFrame({ ...frame, keepers: [fix(start - onDutyForMs)] }, start)
    expect(told).toEqual(['keeper 1 0'])
  })

  it('counts ids that the catalogue does not know', () => {
    const { twin, told, apply } = build()
    apply({ id: 99 }, start)
    expect(twin.strangers).toBe(1)
    expect(told).toEqual([])
  })

  it('keeps the state of assets that stay when the catalogue changes', () => {
    const { twin, apply, state } = build()
    apply({ headline: 5 }, start)
    twin.replaceCatalogue({ ...catalogue, version: 2, assets: catalogue.assets.slice(0, 1) })
    expect(state().headline).toBe(5)
    expect(twin.assets.has(2)).toBe(false)
  })
})
