import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ConvertError, readPandapower } from './convert/pandapower-file.ts'
import { convertPandapower } from './convert/convert-pandapower.ts'

/** `npm run convert`: network models of others into the import formats. */
const usage = `Converts a network model into the import formats.

  npm run convert -- pandapower <in.json> <out folder> [options]

  --prefix CODE     first part of all codes (default NET)
  --company NAME    name of the company (default 示例供电公司)
  --grids N         how many patrol grids the area is split into (default 6)
  --help

Writes grids.geojson, lines.geojson and assets.csv, and prints the commands that import them.
Refuses a network without places (column geo). Loads nothing by itself.
`

async function convert(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { prefix: text, company: text, grids: text, help: { type: 'boolean', short: 'h' } },
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
  process.stdout.write(
    [
      `${converted.counts.grids} grids, ${converted.counts.lines} lines, ${kinds.join(', ')} in ${target}`,
      ...converted.leftOut.map((reason) => `left out: ${reason}`),
      '',
      'Import them into the running system, grids first:',
      ...files.map(([format, name]) => `  npm run import -- ${join(target, name)} --format ${format}`),
      '',
    ].join('\n'),
  )
  return 0
}

try {
  process.exitCode = await convert(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
