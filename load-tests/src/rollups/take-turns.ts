/**
 * Milliseconds of each work, round by round: what it measured itself if it tells a number, otherwise what it took. Each round begins with another one, and the
 * first, which warms the caches of all, does not count.
 */
export async function takeTurns<Name extends string>(
  works: Readonly<Record<Name, () => Promise<unknown>>>,
  rounds: number,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(works) as Name[]
  const timings = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round) % names.length]!
      const from = performance.now()
      const told = await works[name]()
      if (round > 0) timings[name].push(typeof told === 'number' ? told : performance.now() - from)
    }
  }
  return timings
}
