// `npm run import|replay|convert -- …`: small tools that talk to the running system.
import { existsSync } from 'node:fs'
import { inRoot } from './paths.mjs'
import { ensureBuilt, ensureInstalled, handOver } from './prepare.mjs'

const scripts = {
  import: inRoot('infra', 'local', 'import.mjs'),
  replay: inRoot('apps', 'simulator', 'dist', 'replay.js'),
  convert: inRoot('apps', 'simulator', 'dist', 'convert.js'),
}

try {
  const [name, ...args] = process.argv.slice(2)
  const script = scripts[name]
  if (script === undefined) throw new Error(`no tool ${name}: one of ${Object.keys(scripts).join(', ')}`)
  await ensureInstalled()
  if (!existsSync(scripts.replay) || !existsSync(inRoot('packages', 'contracts', 'dist', 'index.js')))
    await ensureBuilt()
  handOver(script, args)
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
