// One long step of the start with visible progress: its name, a sign of life every ten seconds, its time, and its output if it fails.
import { spawn } from 'node:child_process'
import { delimiter } from 'node:path'
import { binFolder, root } from './paths.mjs'

const keptBytes = 64 * 1024

/** Resolves to the exit code and the end of the output. `echo`: show the output as it comes. */
export function runCommand(command, args, { env = {}, echo = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, PATH: `${binFolder}${delimiter}${process.env.PATH}`, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const take = (stream) => (bytes) => {
      output = (output + bytes).slice(-keptBytes)
      if (echo) stream.write(bytes)
    }
    child.stdout.on('data', take(process.stdout))
    child.stderr.on('data', take(process.stderr))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/** Throws with the step's own output when it fails. */
export async function runStep(title, command, args, options = {}) {
  const startedAt = Date.now()
  const seconds = () => ((Date.now() - startedAt) / 1000).toFixed(0)
  process.stdout.write(`${title} …\n`)
  const life = setInterval(() => process.stdout.write(`  … ${title}, ${seconds()} s\n`), 10_000)
  try {
    const { code, output } = await runCommand(command, args, options)
    if (code !== 0) throw new Error(`${title} failed (exit code ${code}):\n${options.echo ? '' : output}`)
    process.stdout.write(`  done in ${seconds()} s\n`)
  } finally {
    clearInterval(life)
  }
}
