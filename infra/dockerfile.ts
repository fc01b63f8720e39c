/** One `COPY` of a stage. `from` is another stage; null is the checkout. */
export interface Copy {
  readonly from: string | null
  readonly sources: readonly string[]
  readonly target: string
}

export interface Stage {
  readonly name: string
  /** An image or an earlier stage. */
  readonly base: string
  readonly copies: readonly Copy[]
  readonly user: string | null
  readonly hasHealthcheck: boolean
}

/** The part of a Dockerfile that our own one uses: stages, copies, user, health check. Throws on a COPY that it does not understand. */
export function parseDockerfile(text: string): Stage[] {
  const instructions = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const stages: (Omit<Stage, 'copies' | 'user' | 'hasHealthcheck'> & {
    copies: Copy[]
    user: string | null
    hasHealthcheck: boolean
  })[] = []
  for (const instruction of instructions) {
    const [word = '', ...rest] = instruction.split(/\s+/)
    const stage = stages.at(-1)
    if (word === 'FROM') {
      const [base = '', , name = base] = rest
      stages.push({ name, base, copies: [], user: null, hasHealthcheck: false })
    } else if (stage === undefined) throw new Error(`${word} before FROM`)
    else if (word === 'COPY') stage.copies.push(toCopy(rest))
    else if (word === 'USER') stage.user = rest[0] ?? null
    else if (word === 'HEALTHCHECK') stage.hasHealthcheck = true
  }
  return stages
}

function toCopy(words: readonly string[]): Copy {
  const flags = words.filter((word) => word.startsWith('--'))
  const paths = words.filter((word) => !word.startsWith('--'))
  const target = paths.at(-1)
  if (target === undefined || paths.length < 2 || flags.some((flag) => !flag.startsWith('--from=')))
    throw new Error(`a COPY that is not understood: ${words.join(' ')}`)
  return { from: flags[0]?.slice('--from='.length) ?? null, sources: paths.slice(0, -1), target }
}
