// `npm test`: everything a clean machine can prove, ending with the plain line `N passed, N failed`. `--check`: its fast part.
import { existsSync, readFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { tmpdir } from 'node:os'
import { binFolder, pinnedNode, root } from './paths.mjs'
import { ensureBuilt, ensureInstalled } from './prepare.mjs'

const isCheckOnly = process.argv.includes('--check')
const env = {
  ...process.env,
  PATH: `${binFolder}${delimiter}${process.env.PATH}`,
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
}
const totals = { passed: 0, failed: 0, skipped: 0 }

const checks = [
  ['format', 'prettier', ['--check', '--log-level=warn', '.']],
  ['lint and import rules', 'eslint', ['.', '--max-warnings=0']],
  ['types', 'turbo', ['run', 'typecheck', '--output-logs=errors-only']],
  ['dead code', 'knip', ['--no-progress']],
]

try {
  await ensureInstalled()
  await ensureBuilt()
  totals.passed++
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  totals.failed++
}

if (totals.failed === 0) {
  for (const [title, tool, args] of checks) await check(title, tool, args)
  if (!isCheckOnly) for (const project of ['unit', 'integration', 'browser']) await runTests(project)
}

const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''
process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed${skipped}\n`)
process.exitCode = totals.failed > 0 ? 1 : 0

/** Each tool runs on the pinned Node. */
function run(tool, args) {
  return new Promise((resolve) => {
    const child = spawn(pinnedNode, [join(binFolder, tool), ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    child.once('error', () => resolve(1))
    child.once('close', (code) => resolve(code ?? 1))
  })
}

async function check(title, tool, args) {
  process.stdout.write(`\n── ${title}\n`)
  const from = Date.now()
  const code = await run(tool, args)
  totals[code === 0 ? 'passed' : 'failed']++
  process.stdout.write(
    `${code === 0 ? 'ok' : 'FAILED'}  ${title}, ${((Date.now() - from) / 1000).toFixed(0)} s\n`,
  )
}

async function runTests(project) {
  process.stdout.write(`\n── ${project} tests\n`)
  const report = join(tmpdir(), `gridkeeper-${process.pid}-${project}.json`)
  const code = await run('vitest', [
    'run',
    '--project',
    project,
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ])
  if (!existsSync(report)) {
    totals.failed++
    return
  }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
    readFileSync(report, 'utf8'),
  )
  totals.passed += numPassedTests
  totals.failed += numFailedTests
  totals.skipped += numPendingTests + numTodoTests
  // A file that could not even be loaded, or a leak found after the last test, has no test to fail.
  if (code !== 0 && numFailedTests === 0) totals.failed++
}
