import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'results')

export interface Result {
  readonly name: string
  readonly goal: string
  /** The database behind it, in its own words. */
  readonly engine?: string
  /** The figures, by name, with their units in the names. */
  readonly figures: Readonly<Record<string, number | string>>
  readonly raw?: unknown
}

/** Prints a table and keeps the result under `load-tests/results/<name>.json`. */
export function writeResult(result: Result): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${result.name}.json`)
  writeFileSync(
    file,
    JSON.stringify({ ...result, machine, node: process.version, at: new Date().toISOString() }, null, 2),
  )
  const width = Math.max(...Object.keys(result.figures).map((name) => name.length))
  const lines = Object.entries(result.figures).map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
  process.stdout.write(`\n${result.name}   goal: ${result.goal}\n${lines.join('\n')}\n  kept in ${file}\n`)
}
