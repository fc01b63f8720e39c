import { statementWords } from './sql-words.ts'

/**
 * Decides before the engine sees it whether an SQL string asks for something the engine cannot do, or would do in a
 * way that lies to its client. Also tells what the server has to look after once the string has run.
 */
export interface GuardVerdict {
  readonly refusal: Refusal | undefined
  /** Session parameters may have changed: take note of them at the end of the turn. */
  readonly changesSettings: boolean
  readonly createsTemp: boolean
}

export interface Refusal {
  readonly message: string
  readonly hint?: string
}

const harmless: GuardVerdict = { refusal: undefined, changesSettings: false, createsTemp: false }

// A cheap look first: only a string with one of these words is worth cutting into words.
const suspicious =
  /\b(?:copy|listen|unlisten|discard|deallocate|set|reset|set_config|temp|temporary|pg_advisory_\w+|pg_try_advisory_\w+)\b/i

const refusals = {
  copyFrom: {
    message: 'COPY FROM STDIN is not supported by the embedded database',
    hint: 'Use "insert … select from unnest(…)", or run a native TimescaleDB server.',
  },
  listen: {
    message: 'LISTEN is not supported by the embedded database',
    hint: 'All clients share one backend, so notifications cannot reach the right one.',
  },
  discardAll: {
    message: 'this statement is not supported by the embedded database',
    hint: 'It would discard the prepared statements of the other clients, too.',
  },
  sessionLock: {
    message: 'session-level advisory locks are not supported by the embedded database',
    hint: 'All clients share one backend, so it would lock nobody out. Use pg_advisory_xact_lock.',
  },
  sessionAuthorization: {
    message: 'SET SESSION AUTHORIZATION is not supported by the embedded database',
  },
  quoting: {
    message: 'standard_conforming_strings cannot be changed in the embedded database',
  },
} as const satisfies Record<string, Refusal>

const sessionLockFunctions = new Set([
  'pg_advisory_lock',
  'pg_advisory_lock_shared',
  'pg_try_advisory_lock',
  'pg_try_advisory_lock_shared',
])

export function inspectSql(sql: string): GuardVerdict {
  if (!suspicious.test(sql)) return harmless
  let changesSettings = false
  let createsTemp = false
  for (const words of statementWords(sql)) {
    const refusal = refusalOf(words)
    if (refusal !== undefined) return { refusal, changesSettings: false, createsTemp: false }
    const first = words[0]
    changesSettings ||=
      first === 'set' || first === 'reset' || first === 'discard' || words.includes('set_config')
    createsTemp ||= words.includes('temp') || words.includes('temporary')
  }
  return { refusal: undefined, changesSettings, createsTemp }
}

function refusalOf(words: readonly string[]): Refusal | undefined {
  const [first, second] = words
  if (first === 'copy' && readsFromClient(words)) return refusals.copyFrom
  if (first === 'listen') return refusals.listen
  if (first === 'discard' && second === 'all') return refusals.discardAll
  if (first === 'deallocate' && (second === 'all' || (second === 'prepare' && words[2] === 'all'))) {
    return refusals.discardAll
  }
  if (first === 'set' && words.includes('session') && words.includes('authorization')) {
    return refusals.sessionAuthorization
  }
  if (first === 'set' && words.includes('standard_conforming_strings')) return refusals.quoting
  if (words.some((word) => sessionLockFunctions.has(word))) return refusals.sessionLock
  return undefined
}

/** COPY … FROM STDIN. The grammar takes STDOUT after FROM, too, and means the client by both. */
function readsFromClient(words: readonly string[]): boolean {
  let depth = 0
  for (const [index, word] of words.entries()) {
    if (word === '(') depth += 1
    else if (word === ')') depth -= 1
    else if (depth === 0 && word === 'from') {
      const source = words[index + 1]
      return source === 'stdin' || source === 'stdout'
    }
  }
  return false
}
