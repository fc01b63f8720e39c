import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))

/** What `.data/run.json` tells, as far as tests need it. */
export interface SystemRun {
  readonly urls: {
    readonly wall: string
    readonly api: string
    readonly mqtt: string
    readonly database: string
  }
  readonly login: { readonly name: string; readonly password: string }
  readonly processes: Readonly<Record<string, number>>
}

export interface TestSystem {
  readonly run: SystemRun
  readonly dataFolder: string
  /** Everything that the start has printed so far. */
  output(): string
  /** Resolves to the exit code. */
  readonly exited: Promise<number>
  /** As Ctrl-C does; resolves when everything has ended. */
  stop(): Promise<number>
}

export interface TestSystemOptions {
  /** Flags of `npm start` beside ports and data folder. */
  readonly args?: readonly string[]
  /** Kept and used again if given; otherwise a temporary one that is deleted at `stop`. */
  readonly dataFolder?: string
  readonly timeoutMs?: number
}

/** The whole system as `npm start` runs it, on free ports and its own data folder. Needs a build. */
export async function startSystem({
  args = [],
  dataFolder,
  timeoutMs = 180_000,
}: TestSystemOptions = {}): Promise<TestSystem> {
  const folder = dataFolder ?? mkdtempSync(join(tmpdir(), 'gridkeeper-system-'))
  const ports = await Promise.all(
    ['--http-port', '--mqtt-port', '--db-port', '--gateway-port'].map(async (flag) => [
      flag,
      String(await freePort()),
    ]),
  )
  const child = spawn(
    process.execPath,
    [join(root, 'infra', 'local', 'run.mjs'), '--data', folder, ...ports.flat(), ...args],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (output += bytes.toString()))
  let exitCode: number | null = null
  const exited = new Promise<number>((resolve) =>
    child.once('close', (code) => {
      exitCode = code ?? 1
      resolve(exitCode)
    }),
  )
  const runFile = join(folder, 'run.json')
  const deadline = Date.now() + timeoutMs
  while (!existsSync(runFile)) {
    if (exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`the system did not start:\n${output}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    run: JSON.parse(readFileSync(runFile, 'utf8')) as SystemRun,
    dataFolder: folder,
    output: () => output,
    exited,
    async stop() {
      child.kill('SIGTERM')
      const code = await exited
      if (dataFolder === undefined) rmSync(folder, { recursive: true, force: true })
      return code
    },
  }
}
