import { fork, type ChildProcess } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const startLimitMs = 120_000
const stopLimitMs = 20_000
const keptLines = 20

/** One of our own services as `npm start` runs it: a process of its own, which ends by itself should we vanish. */
export class Program {
  readonly ready: Readonly<Record<string, unknown>>
  readonly #child: ChildProcess
  readonly #ended: Promise<string>

  private constructor(child: ChildProcess, ended: Promise<string>, ready: Record<string, unknown>) {
    this.#child = child
    this.#ended = ended
    this.ready = ready
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Resolves when it says that it is ready; throws with its last words if it does not get there. `script` is relative to the root. */
  static async start(script: string, env: Readonly<Record<string, string>>): Promise<Program> {
    const child = fork(join(root, script), [], {
      cwd: root,
      execArgv: [],
      env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    let lines: string[] = []
    const keep = (bytes: Buffer) => {
      lines = [...lines, ...bytes.toString().split('\n').filter(Boolean)].slice(-keptLines)
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    const ended = new Promise<string>((resolve) =>
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`)),
    )
    const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
      const fail = (how: string) => {
        clearTimeout(limit)
        child.kill('SIGKILL')
        reject(new Error(`${script} ${how}\n${lines.join('\n')}`))
      }
      const limit = setTimeout(() => fail(`was not ready after ${startLimitMs / 1000} s`), startLimitMs)
      child.on('message', (message: { type?: string; message?: string }) => {
        if (message.type === 'failed') fail(`failed: ${message.message ?? ''}`)
        if (message.type !== 'ready') return
        clearTimeout(limit)
        resolve({ ...message })
      })
      void ended.then((how) => fail(`ended while starting (${how})`))
    })
    return new Program(child, ended, ready)
  }

  /** `kill -9`; resolves to how it ended. */
  kill(): Promise<string> {
    this.#child.kill('SIGKILL')
    return this.#ended
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return
    this.#child.kill('SIGTERM')
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), stopLimitMs)
    await this.#ended
    clearTimeout(limit)
  }
}
