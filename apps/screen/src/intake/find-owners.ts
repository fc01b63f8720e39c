import type { Catalogue } from '@gridkeeper/contracts'

/** Whom a device can be bound to, as a person looks for it. */
export interface Owner {
  readonly type: 'asset' | 'keeper'
  readonly code: string
  readonly name: string
  /** Of an asset its kind; of a keeper his post. */
  readonly sort: string
  readonly gridName: string | null
}

/** Best first: the code itself, a code that begins so, a name that begins so, then whatever has it inside. */
export function findOwners(
  catalogue: Catalogue,
  type: Owner['type'],
  search: string,
  limit: number,
): Owner[] {
  const wanted = search.trim().toLowerCase()
  if (wanted === '') return []
  const rank = ({ code, name }: { code: string; name: string }) => {
    const [lowerCode, lowerName] = [code.toLowerCase(), name.toLowerCase()]
    if (lowerCode === wanted) return 0
    if (lowerCode.startsWith(wanted)) return 1
    if (lowerName.startsWith(wanted)) return 2
    return lowerCode.includes(wanted) || lowerName.includes(wanted) ? 3 : null
  }
  const gridNames = new Map(catalogue.grids.map(({ id, name }) => [id, name]))
  const gridName = (id: number | null) => (id === null ? null : (gridNames.get(id) ?? null))
  const all: readonly Owner[] =
    type === 'asset'
      ? catalogue.assets.map(({ code, name, kind, gridId }) => ({
          type,
          code,
          name,
          sort: kind,
          gridName: gridName(gridId),
        }))
      : catalogue.keepers.map(({ code, name, post, gridId }) => ({
          type,
          code,
          name,
          sort: post,
          gridName: gridName(gridId),
        }))
  return all
    .flatMap((owner) => {
      const place = rank(owner)
      return place === null ? [] : [{ owner, place }]
    })
    .sort((a, b) => a.place - b.place || a.owner.code.localeCompare(b.owner.code))
    .slice(0, limit)
    .map(({ owner }) => owner)
}
