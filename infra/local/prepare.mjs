// Installs if needed, builds what is stale. Runs on any Node from 20 on; everything after it runs on the Node that the repository pins.
import { createHash } from 'node:crypto'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { binFolder, inRoot, pinnedNode } from './paths.mjs'
import { runStep } from './run-step.mjs'

const stampFile = inRoot('node_modules', '.gridkeeper-installed')
const lockDigest = () =>
  createHash('sha256')
    .update(readFileSync(inRoot('package-lock.json')))
    .digest('hex')

export async function ensureInstalled() {
  const wanted = lockDigest()
  const isInstalled =
    existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted && existsSync(pinnedNode)
  if (isInstalled) return
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  // The engines of some packages ask for the pinned Node, which is among what is being installed: their warnings say nothing.
  await runStep('Installing packages (once, about a minute)', npm, [
    'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ])
  if (!existsSync(pinnedNode))
    throw new Error(
      'The pinned Node was not installed: npm must be allowed to run the install script of the package "node".',
    )
  writeFileSync(stampFile, wanted)
}

export async function ensureBuilt() {
  await runStep(
    'Building what is stale',
    inRoot('node_modules', '.bin', 'turbo'),
    ['run', 'build', '--output-logs=errors-only'],
    {
      env: { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    },
  )
}

/** Runs a script of this folder on the pinned Node, in our place: same terminal, same signals, same exit code. */
export function handOver(script, args) {
  const child = spawn(pinnedNode, [script, ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${binFolder}:${process.env.PATH}` },
  })
  // The terminal sends Ctrl-C to both; the child decides when it is done.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  child.once('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)))
}
