import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'results')

export interface Result {
  /** The file under `results/` is named after it. */
  readonly name: string
  readonly goal: string
  /** The database that stood behind it, as {@link nameEngine} tells; null: none had a part in it. */
  readonly engine: string | null
  /** The figures, by name, with their units in the names. */
  readonly figures: Readonly<Record<string, number | string>>
  /** What the figures were made of: every run, every round. */
  readonly raw?: unknown
}

/** Prints a table and keeps the result under `load-tests/results/<name>.json`, with the machine and the date. */
export function writeResult(result: Result): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${result.name}.json`)
  const { name, goal, engine, figures, raw = null } = result
  const kept = {
    name,
    goal,
    figures,
    raw,
    engine,
    machine,
    node: process.version,
    date: new Date().toISOString(),
  }
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`)
  const width = Math.max(...Object.keys(figures).map((figure) => figure.length))
  const lines = Object.entries(figures).map(([figure, value]) => `  ${figure.padEnd(width)}  ${value}`)
  const where = [engine, machine].filter((part) => part !== null).join(' · ')
  process.stdout.write(`\n${name}   goal: ${goal}\n${lines.join('\n')}\n  on ${where}\n  kept in ${file}\n`)
}
