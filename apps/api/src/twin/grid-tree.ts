/** The tree of grids as ids. A grid whose parent is missing is a root; a cycle, which the import refuses, is cut. */
export class GridTree {
  readonly #parents = new Map<number, number | null>()
  readonly #children = new Map<number, number[]>()
  readonly #names = new Map<number, string>()

  constructor(
    grids: Iterable<{ readonly id: number; readonly name: string; readonly parentId: number | null }>,
  ) {
    for (const { id, name, parentId } of grids) {
      this.#parents.set(id, parentId)
      this.#names.set(id, name)
      if (parentId === null) continue
      const siblings = this.#children.get(parentId)
      if (siblings) siblings.push(id)
      else this.#children.set(parentId, [id])
    }
  }

  has(id: number): boolean {
    return this.#parents.has(id)
  }

  nameOf(id: number): string {
    return this.#names.get(id) ?? ''
  }

  /** From the grid itself up to its root; empty for null or an unknown grid. */
  pathUp(id: number | null): number[] {
    const path: number[] = []
    for (
      let at = id;
      at !== null && this.#parents.has(at) && !path.includes(at);
      at = this.#parents.get(at) ?? null
    )
      path.push(at)
    return path
  }

  /** Names from the root down to the grid. */
  namesDown(id: number | null): string[] {
    return this.pathUp(id)
      .reverse()
      .map((at) => this.nameOf(at))
  }

  /** The grid and all below it; empty for an unknown grid. */
  subtree(root: number): Set<number> {
    const found = new Set<number>()
    if (!this.#parents.has(root)) return found
    const open = [root]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (found.has(at)) continue
      found.add(at)
      open.push(...(this.#children.get(at) ?? []))
    }
    return found
  }

  isWithin(id: number | null, root: number | null): boolean {
    return root === null || this.pathUp(id).includes(root)
  }
}
