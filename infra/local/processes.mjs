// Our processes: started one after the other, each when the one before is ready; stopped the other way round. If one dies, all stop.
import { fork } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'

const lastWordsLines = 20
const startLimitMs = 180_000
/** A service forces its own end after 10 s; this is for one that cannot even do that. */
const stopLimitMs = 15_000

export class ProcessGroup {
  #members = []
  #isStopping = false

  /** `onDeath` hears of a process that ended without being asked to. */
  constructor(logFolder, onDeath) {
    this.logFolder = logFolder
    this.onDeath = onDeath
    mkdirSync(logFolder, { recursive: true })
  }

  get ids() {
    return Object.fromEntries(this.#members.map(({ name, child }) => [name, child.pid]))
  }

  /** Resolves to what the process says of itself when it is ready; throws with its last words if it does not get there. */
  async start(name, script, env) {
    const logFile = join(this.logFolder, `${name}.log`)
    if (existsSync(logFile)) renameSync(logFile, `${logFile}.1`)
    const log = createWriteStream(logFile)
    // Its own process group: Ctrl-C reaches us alone, and we stop the others in order.
    const child = fork(script, [], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    })
    const member = { name, child, lines: [], hasEnded: false }
    this.#members.push(member)
    const keep = (bytes) => {
      log.write(bytes)
      member.lines = [...member.lines, ...bytes.toString().split('\n').filter(Boolean)].slice(-lastWordsLines)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    member.ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
    void member.ended.then(({ code, signal }) => {
      member.hasEnded = true
      log.end()
      if (member.isReady && !this.#isStopping)
        this.onDeath(name, signal ?? `exit code ${code}`, lastWords(member))
    })
    return this.#awaitReady(member)
  }

  #awaitReady(member) {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(
        () =>
          reject(
            new Error(`${member.name} was not ready after ${startLimitMs / 1000} s\n${lastWords(member)}`),
          ),
        startLimitMs,
      )
      member.child.on('message', (message) => {
        if (message?.type === 'failed') {
          clearTimeout(limit)
          reject(new Error(`${member.name}: ${message.message}`))
        }
        if (message?.type !== 'ready') return
        clearTimeout(limit)
        member.isReady = true
        resolve(message)
      })
      void member.ended.then(({ code, signal }) => {
        clearTimeout(limit)
        reject(
          new Error(
            `${member.name} ended while starting (${signal ?? `exit code ${code}`})\n${lastWords(member)}`,
          ),
        )
      })
    })
  }

  /** Stops all, last started first. Never throws. */
  async stop(tell = () => {}) {
    this.#isStopping = true
    for (const member of this.#members.toReversed()) {
      if (member.hasEnded) continue
      tell(member.name)
      member.child.kill('SIGTERM')
      const limit = setTimeout(() => member.child.kill('SIGKILL'), stopLimitMs)
      await member.ended
      clearTimeout(limit)
    }
  }
}

/** The end of a log, one sentence a line: our services write JSON lines. */
function lastWords({ lines }) {
  return lines.map((line) => `  ${readable(line)}`).join('\n')
}

function readable(line) {
  try {
    const { msg, err } = JSON.parse(line)
    return err === undefined ? msg : `${msg}: ${err.message}\n${err.stack ?? ''}`
  } catch {
    return line
  }
}
