import { alarmsByHourSchema, type Account, type Alarm, type AlarmsByHour } from '@gridkeeper/contracts'
import {
  computed,
  inject,
  shallowRef,
  watch,
  type ComputedRef,
  type InjectionKey,
  type ShallowRef,
} from 'vue'
import { createRegistry, largestRoot, type Registry } from '../figures/registry.ts'
import { Tallies, type Tally } from '../figures/tally.ts'
import { isStale } from '../live/trust.ts'
import type { Selection } from '../live/twin.ts'
import { useLiveFeed, type LiveFeed } from '../live/use-live-feed.ts'
import { usePolled, type Polled } from '../live/use-polled.ts'
import { useThrottled } from '../live/use-throttled.ts'

/** Figures follow the twin at most so often: a leader reads no faster, and a figure that flickers is not read at all. */
const figuresEveryMs = 1_000

/** What all panels of one wall share. */
export interface Wall extends LiveFeed {
  readonly account: Account
  readonly registry: ComputedRef<Registry | null>
  /** Grows when figures should be read again. */
  readonly figures: Readonly<ShallowRef<number>>
  /** The grid the wall is about; null is all of it. */
  readonly gridId: ShallowRef<number | null>
  readonly selection: ShallowRef<Selection | null>
  /** What the camera should go to, with the time it may take; a new object each time it is asked. */
  readonly flight: ShallowRef<Flight | null>
  readonly isStale: ComputedRef<boolean>
  /** Alarms raised in each of the last 24 hours in the chosen grid. */
  readonly alarmsByHour: Polled<AlarmsByHour>
  /** Counts of a grid with all below it. Read `figures` beside it to follow changes. */
  tallyOf(gridId: number | null): Tally
  /** What the camera comes back to: the chosen asset, else the chosen grid, else everything. */
  home(): Flight
  chooseGrid(gridId: number | null): void
  /** Opens the card of a thing and brings it into sight. */
  show(selection: Selection | null): void
}

export type Flight =
  | { readonly to: 'home' }
  | { readonly to: 'grid'; readonly id: number }
  | { readonly to: 'asset'; readonly id: number; readonly seconds: number }

export interface WallOptions {
  readonly account: Account
  readonly onRefused: () => void
  readonly onNewAlarm: (alarm: Alarm) => void
  readonly onAlarm: (alarm: Alarm) => void
}

export const wallKey: InjectionKey<Wall> = Symbol('wall')

export function useWall(): Wall {
  const wall = inject(wallKey)
  if (wall === undefined) throw new Error('no wall above this component')
  return wall
}

export function createWall(options: WallOptions): Wall {
  const feed = useLiveFeed(options)
  const { twin } = feed
  const registry = computed(() => (twin.catalogue.value ? createRegistry(twin.catalogue.value) : null))
  const gridId = shallowRef<number | null>(null)
  const selection = shallowRef<Selection | null>(null)
  const flight = shallowRef<Flight | null>(null)

  // Of several districts the largest is shown until somebody chooses: side by side they would be two dots on an empty map.
  let hasChosen = false
  watch(registry, (loaded) => {
    if (loaded === null || hasChosen) return
    const roots = loaded.children.get(null) ?? []
    gridId.value = roots.length > 1 ? largestRoot(loaded) : null
  })

  let tallies: Tallies | null = null
  const current = (): Tallies | null => {
    if (tallies === null && registry.value) tallies = new Tallies(registry.value, twin.assets, twin.keepers)
    return tallies
  }
  twin.observe({
    assetChanged: (previous, next) => tallies?.assetChanged(previous, next),
    keeperChanged: (previous, next) => tallies?.keeperChanged(previous, next),
    replaced: () => (tallies = null),
  })
  const nothing = Object.freeze({
    counts: new Int32Array(0),
    loadW: 0,
    loadAssets: 0,
    keepers: 0,
    keepersOnDuty: 0,
    keepersUnplaced: 0,
  })

  return {
    ...feed,
    account: options.account,
    registry,
    figures: useThrottled(twin.version, figuresEveryMs, twin.version.value),
    gridId,
    selection,
    flight,
    isStale: computed(() => isStale(feed.trust.value)),
    // Asked again soon after an alarm, and each minute for the turn of the hour.
    alarmsByHour: usePolled({
      path: () => '/api/alarms/by-hour',
      schema: alarmsByHourSchema,
      query: () => ({ grid: gridId.value, hours: 24 }),
      everyMs: 60_000,
      after: [feed.alarms.version],
    }),
    tallyOf: (id) => current()?.of(id) ?? nothing,
    home() {
      if (selection.value?.type === 'asset') return { to: 'asset', id: selection.value.id, seconds: 1.2 }
      return gridId.value === null ? { to: 'home' } : { to: 'grid', id: gridId.value }
    },
    chooseGrid(id) {
      hasChosen = true
      gridId.value = id
      flight.value = id === null ? { to: 'home' } : { to: 'grid', id }
    },
    show(next) {
      selection.value = next
      if (next?.type === 'asset') flight.value = { to: 'asset', id: next.id, seconds: 1.2 }
      else if (next?.type === 'grid') flight.value = { to: 'grid', id: next.id }
    },
  }
}
