import type { Account, Catalogue } from '@gridkeeper/contracts'
import type { GridTree } from '../twin/grid-tree.ts'
import { notFound } from '../web/problem.ts'

/** What a request may look at: everything under a root, or everything. */
export interface Scope {
  readonly root: number | null
  /** Null: all grids, and what stands in no grid. */
  readonly gridIds: ReadonlySet<number> | null
}

/** Null for a grid that is not there, or that the account may not see: the two are not told apart. */
export function scopeOf(tree: GridTree, account: Account, wanted: number | null): Scope | null {
  const root = wanted ?? account.gridId
  if (root === null) return { root: null, gridIds: null }
  if (wanted !== null && (!tree.has(wanted) || !tree.isWithin(wanted, account.gridId))) return null
  return { root, gridIds: tree.subtree(root) }
}

/** As {@link scopeOf}; throws `not-found`. */
export function settledScope(tree: GridTree, account: Account, wanted: number | undefined): Scope {
  const scope = scopeOf(tree, account, wanted ?? null)
  if (scope === null) throw notFound('grid')
  return scope
}

export const isInScope = ({ gridIds }: Scope, gridId: number | null): boolean =>
  gridIds === null || (gridId !== null && gridIds.has(gridId))

/** Array for SQL; null = no limit. */
export const gridIdsOf = ({ gridIds }: Scope): number[] | null => (gridIds === null ? null : [...gridIds])

/** The part of the catalogue under the root. The ground is a map for everyone. */
export function catalogueWithin(catalogue: Catalogue, scope: Scope): Catalogue {
  if (scope.gridIds === null) return catalogue
  const isVisible = ({ gridId }: { readonly gridId: number | null }) => isInScope(scope, gridId)
  return {
    version: catalogue.version,
    grids: catalogue.grids
      .filter(({ id }) => isInScope(scope, id))
      .map((grid) => (grid.id === scope.root ? { ...grid, parentId: null } : grid)),
    lines: catalogue.lines.filter(isVisible),
    ground: catalogue.ground,
    assets: catalogue.assets.filter(isVisible),
    keepers: catalogue.keepers.filter(isVisible),
  }
}
