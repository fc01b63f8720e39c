import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { ImportFormat } from '@gridkeeper/contracts'
import { ConvertError, readPandapower } from './convert/pandapower-file.ts'
import { convertPandapower } from './convert/convert-pandapower.ts'
import { importFile } from './publish/import-registry.ts'
import { findConnection, NotRunningError } from './replay/connection.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)

/** `npm run convert`: network models of others into the import formats. */
const usage = `Converts a network model into the import formats.

  npm run convert -- pandapower <in.json> <out folder> [options]

  --prefix CODE     first part of all codes (default NET)
  --company NAME    name of the company (default 示例供电公司)
  --grids N         how many patrol grids the area is split into (default 6)
  --import          import the files into the running system at once
  --help

Writes grids.geojson, lines.geojson and assets.csv, and prints the commands that import them.
Refuses a network without places (column geo). Loads nothing unless told to by --import.
`

async function convert(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      prefix: text,
      company: text,
      grids: text,
      import: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const [format, input, folder, ...rest] = positionals
  if (format !== 'pandapower' || input === undefined || folder === undefined || rest.length > 0) {
    process.stderr.write(usage)
    return 2
  }
  const grids = Number(values.grids ?? 6)
  if (!Number.isInteger(grids) || grids < 1 || grids > 200)
    throw new ConvertError('--grids must be a whole number from 1 to 200')
  const prefix = values.prefix ?? 'NET'
  if (!/^[A-Za-z0-9]{1,12}$/.test(prefix))
    throw new ConvertError('--prefix must be 1 to 12 letters and digits')
  const from = process.env['INIT_CWD'] ?? process.cwd()
  const source = await readFile(resolve(from, input), 'utf8').catch(() => readFile(resolve(input), 'utf8'))
  const converted = convertPandapower(readPandapower(source), {
    prefix,
    company: values.company ?? '示例供电公司',
    grids,
  })
  const target = resolve(from, folder)
  await mkdir(target, { recursive: true })
  const files = [
    ['grids', 'grids.geojson', converted.gridsJson],
    ['lines', 'lines.geojson', converted.linesJson],
    ['assets', 'assets.csv', converted.assetsCsv],
  ] as const
  for (const [, name, content] of files) await writeFile(join(target, name), content)
  const { assets } = converted.counts
  const kinds = Object.entries(assets).map(([kind, count]) => `${count} ${kind}s`)
  say(`${converted.counts.grids} grids, ${converted.counts.lines} lines, ${kinds.join(', ')} in ${target}`)
  for (const reason of converted.leftOut) say(`left out: ${reason}`)
  if (values.import) return await importAll(files)
  say('\nImport them into the running system, grids first:')
  for (const [format, name] of files) say(`  npm run import -- ${join(target, name)} --format ${format}`)
  return 0
}

/** Exit code 1 if any row was refused. */
async function importAll(files: readonly (readonly [ImportFormat, string, string])[]): Promise<number> {
  const { api, wallUrl } = findConnection({})
  if (api === null) throw new NotRunningError('no login is known for the running system')
  let refused = 0
  for (const [format, name, text] of files) {
    const { added, changed, unchanged, rejected, problems } = await importFile(api, { format, text }, 0)
    say(`${name}: ${added} added, ${changed} changed, ${unchanged} unchanged, ${rejected} rejected`)
    for (const { line, reason } of problems) say(`  line ${line}: ${reason}`)
    refused += rejected
  }
  say(`look at  ${wallUrl ?? api.url}`)
  return refused > 0 ? 1 : 0
}

try {
  process.exitCode = await convert(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
