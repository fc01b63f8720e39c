// `npm run import -- <file> …`: sends GeoJSON and CSV files to the running api, and shows its reports.
import { existsSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { importFormats, importReportSchema, runFileSchema } from '@gridkeeper/contracts'
import { root } from './paths.mjs'

const help = `npm run import -- <file> [<file> …] [--format grids|lines|ground|assets|keepers] [--api URL --login name:password]

Loads grids, lines and ground from GeoJSON, assets and keepers from CSV. The format is seen from the content when it is not given.
Bad rows are listed with line and reason, the good ones load; loading a file again changes nothing.`

const { values, positionals } = readArgs()
if (values.help || positionals.length === 0) {
  process.stdout.write(`${help}\n`)
  process.exit(values.help ? 0 : 1)
}

try {
  const target = findTarget()
  let rejected = 0
  for (const file of positionals) rejected += (await importFile(target, file)).rejected
  process.exitCode = rejected > 0 ? 2 : 0
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

function readArgs() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        format: { type: 'string' },
        api: { type: 'string' },
        login: { type: 'string' },
        help: { type: 'boolean' },
      },
    })
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${help}\n`)
    process.exit(1)
  }
}

function findTarget() {
  if (values.api !== undefined) {
    if (values.login === undefined) throw new Error('--api needs --login name:password')
    return { url: values.api, login: values.login }
  }
  const file = resolve(root, process.env.GRIDKEEPER_DATA_DIR ?? '.data', 'run.json')
  if (!existsSync(file))
    throw new Error(
      'The system is not running here: start it with npm start, or name it by --api and --login.',
    )
  const { urls, login } = runFileSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  return { url: urls.api, login: `${login.name}:${login.password}` }
}

async function importFile(target, file) {
  if (!existsSync(file)) throw new Error(`${file}: no such file`)
  const text = readFileSync(file, 'utf8')
  const format = values.format ?? seeFormat(file, text)
  if (!importFormats.includes(format))
    throw new Error(`--format ${format}: one of ${importFormats.join(', ')}`)
  const response = await fetch(`${target.url}/import`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(target.login).toString('base64')}`,
    },
    body: JSON.stringify({ format, text }),
  }).catch((error) => {
    throw new Error(`The api at ${target.url} cannot be reached: ${error.cause?.message ?? error.message}`)
  })
  const body = await response.json()
  if (!response.ok) throw new Error(`${file}: ${body.message ?? response.status}`)
  const report = importReportSchema.parse(body)
  const { added, changed, unchanged, rejected, problems } = report
  process.stdout.write(
    `${file} (${format}): ${added} added, ${changed} changed, ${unchanged} unchanged, ${rejected} rejected\n`,
  )
  for (const { line, code, reason } of problems)
    process.stdout.write(`  line ${line}${code === null ? '' : ` (${code})`}: ${reason}\n`)
  if (rejected > problems.length) process.stdout.write(`  … and ${rejected - problems.length} more\n`)
  return report
}

/** GeoJSON by its geometries and properties, CSV by its header. */
function seeFormat(file, text) {
  if (text.trimStart().startsWith('{')) {
    const features = JSON.parse(text).features ?? []
    const properties = features[0]?.properties ?? {}
    if ('class' in properties) return 'ground'
    return features.some(({ geometry }) => geometry?.type === 'LineString') ? 'lines' : 'grids'
  }
  const header = text
    .slice(0, text.indexOf('\n'))
    .split(',')
    .map((name) => name.trim())
  if (header.includes('kind')) return 'assets'
  if (header.includes('name') && header.includes('code')) return 'keepers'
  throw new Error(`${basename(file)}: neither GeoJSON nor a CSV of assets or keepers; say which by --format`)
}
