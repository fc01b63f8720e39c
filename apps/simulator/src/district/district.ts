import type { Cell } from './cells.ts'
import type { Path, Point } from './plane.ts'
import type { River } from './rivers.ts'
import type { Road } from './roads.ts'

/**
 * The fictional county, made once from a seed: company → stations → patrol grids, its lines, assets and keepers. Places are
 * metres on a plane; `to-import.ts` turns them into WGS-84.
 */
export interface District {
  readonly outline: Path
  readonly stations: readonly Station[]
  readonly grids: readonly PatrolGrid[]
  readonly rivers: readonly River[]
  readonly roads: readonly Road[]
  readonly villages: readonly VillageOutline[]
  readonly lines: readonly PowerLine[]
  readonly assets: readonly Asset[]
  readonly keepers: readonly Keeper[]
}

export interface DistrictSize {
  readonly seed: number
  readonly assets: number
  readonly stations: number
  readonly grids: number
  readonly keepers: number
}

export interface Station {
  readonly code: string
  readonly name: string
  readonly town: Point
}

export interface PatrolGrid {
  readonly code: string
  readonly name: string
  readonly station: number
  readonly cell: Cell
  readonly households: number
}

export interface VillageOutline {
  readonly code: string
  readonly name: string
  readonly ring: Path
  readonly ways: readonly Path[]
}

export interface PowerLine {
  readonly code: string
  readonly name: string
  readonly voltageKv: 35 | 10 | 0.4
  readonly laying: 'overhead' | 'cable'
  readonly station: number
  /** Of an overhead line every vertex is a tower or pole. */
  readonly path: Path
}

interface Placed {
  /** Place in the list of all assets: its identity for everything seeded. */
  readonly index: number
  readonly code: string
  readonly name: string
  readonly place: Point
}

export type MeterUse = 'household' | 'shop' | 'pump'

export interface Meter extends Placed {
  readonly kind: 'meter'
  readonly use: MeterUse
  readonly phases: 'A' | 'B' | 'C' | 'ABC'
  /** Index of the transformer in the list of assets. */
  readonly transformer: number
  /** 0 at the transformer, 1 at the end of its line. */
  readonly farness: number
}

export interface Transformer extends Placed {
  readonly kind: 'transformer'
  readonly ratedKva: number
  readonly households: number
  /** Shares of what it feeds, summing to 1. */
  readonly mix: Readonly<Record<MeterUse, number>>
  readonly meters: readonly number[]
  readonly isTown: boolean
}

export interface Protector extends Placed {
  readonly kind: 'protector'
  /** The transformer whose outlet it guards; null for a line-protection device on 10 kV. */
  readonly transformer: number | null
  readonly ratedResidualMa: number
}

export interface Cover extends Placed {
  readonly kind: 'cover'
  readonly depthMm: number
}

export type Asset = Meter | Transformer | Protector | Cover

export interface Keeper {
  readonly index: number
  readonly code: string
  readonly name: string
  readonly post: string
  readonly phone: string
  readonly grid: number
}
