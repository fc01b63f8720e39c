import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The version that the scripts were written for. One file, which the continuous integration reads, too. */
const version = readFileSync(join(import.meta.dirname, 'version'), 'utf8').trim()

/** Outside of the checkout: building k6 takes minutes, and a fresh clone need not do it again. */
const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gridkeeper', `k6-${version}`)

export const howToGetK6 = `k6 is not here. Any of these helps: put k6 ${version} (https://grafana.com/docs/k6) on the PATH, or install Go, with which it is built by itself (go install go.k6.io/k6@${version}).`

/** The program, or null. Whatever stands on the PATH comes first: an operator's own k6 may have a newer version. */
export function findK6(): string | null {
  const built = join(folder, 'k6')
  return [`k6`, built].find((program) => runs(program, 'version')) ?? null
}

/** Builds it with Go, once; null where there is no Go. Throws with Go's words if the build fails. */
export function buildK6(): string | null {
  const go = ['go', '/usr/local/go/bin/go'].find((program) => runs(program, 'version'))
  if (go === undefined) return null
  mkdirSync(folder, { recursive: true })
  process.stdout.write(`Building k6 ${version} with Go (once, some minutes) …\n`)
  const { status } = spawnSync(go, ['install', `go.k6.io/k6@${version}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, GOBIN: folder },
  })
  if (status !== 0 || !existsSync(join(folder, 'k6'))) throw new Error('go install could not build k6')
  return join(folder, 'k6')
}

const runs = (program: string, argument: string) =>
  spawnSync(program, [argument], { stdio: 'ignore' }).status === 0
