// `npm start`: installs if needed, builds what is stale, runs everything.
import { inRoot } from './paths.mjs'
import { ensureBuilt, ensureInstalled, handOver } from './prepare.mjs'

try {
  const args = process.argv.slice(2)
  if (!args.includes('--help')) {
    await ensureInstalled()
    await ensureBuilt()
  }
  handOver(inRoot('infra', 'local', 'run.mjs'), args)
} catch (error) {
  process.stderr.write(`\n${error.message}\n`)
  process.exit(1)
}
