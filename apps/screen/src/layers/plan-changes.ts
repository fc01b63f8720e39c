/** What must happen to what is shown, by key, for it to become what should be shown. */
export interface Changes<K, V> {
  readonly add: readonly (readonly [K, V])[]
  readonly update: readonly (readonly [K, V])[]
  readonly remove: readonly K[]
}

export function planChanges<K, V>(
  previous: ReadonlyMap<K, V>,
  next: ReadonlyMap<K, V>,
  isSame: (a: V, b: V) => boolean = Object.is,
): Changes<K, V> {
  const add: [K, V][] = []
  const update: [K, V][] = []
  const remove: K[] = []
  for (const [key, value] of next) {
    const before = previous.get(key)
    if (before === undefined && !previous.has(key)) add.push([key, value])
    else if (!isSame(before as V, value)) update.push([key, value])
  }
  for (const key of previous.keys()) if (!next.has(key)) remove.push(key)
  return { add, update, remove }
}
