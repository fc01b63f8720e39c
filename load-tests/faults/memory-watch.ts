import { readFileSync } from 'node:fs'

const everyMs = 200

/**
 * The greatest resident memory of processes that may be replaced meanwhile. Each look reads the kernel's own high-water mark of the process that is there
 * now, so that a peak between two looks is seen; only what a process grew in its last 200 ms before a kill is not.
 */
export class MemoryWatch<Name extends string> {
  readonly #peaks = new Map<Name, number>()
  readonly #timer: NodeJS.Timeout

  private readonly pids: Readonly<Record<Name, () => number | null>>

  /** `pids` tells who is there now; null: nobody, or not on this machine. */
  constructor(pids: Readonly<Record<Name, () => number | null>>) {
    this.pids = pids
    this.#timer = setInterval(() => this.#look(), everyMs)
  }

  /** MiB; null: never seen, as on a system without /proc. */
  peakMiB(name: Name): number | null {
    const bytes = this.#peaks.get(name)
    return bytes === undefined ? null : Math.round(bytes / 2 ** 20)
  }

  stop(): void {
    this.#look()
    clearInterval(this.#timer)
  }

  #look(): void {
    for (const name of Object.keys(this.pids) as Name[]) {
      const pid = this.pids[name]()
      const bytes = pid === null ? null : readPeak(pid)
      if (bytes !== null && bytes > (this.#peaks.get(name) ?? 0)) this.#peaks.set(name, bytes)
    }
  }
}

function readPeak(pid: number): number | null {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kib === undefined ? null : Number(kib) * 1024
  } catch {
    return null
  }
}
