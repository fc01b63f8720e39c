import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** The whole simple query, as `pg` sends it. */
const commit = Buffer.from('commit\0')

/**
 * The way from the gateway to the database, with faults on request. It counts what it did, since a fault that did not happen proves nothing.
 *
 *   open   passes everything on, the answers to COMMIT after `commitDelayMs`
 *   cut    no connection stands and none is taken: refused, as by a machine whose server is not running
 *   mute   connections stand and are taken, and nothing passes: a network that swallows
 */
export class DatabaseProxy {
  /** Connections that the server behind refused, or that found the way cut. */
  refused = 0
  /** Connections that stood and were broken. */
  broken = 0
  /** From COMMIT to its answer, as the gateway saw it, while commits were delayed. Milliseconds. */
  readonly delayedCommitsMs: number[] = []
  commitDelayMs = 0
  #isMute = false
  #isClosed = false
  #server: Server | null = null
  #port = 0
  readonly #pairs = new Set<readonly [Socket, Socket]>()

  private readonly target: URL

  private constructor(target: URL) {
    this.target = target
  }

  static async start(databaseUrl: string): Promise<DatabaseProxy> {
    const proxy = new DatabaseProxy(new URL(databaseUrl))
    await proxy.restore()
    return proxy
  }

  get url(): string {
    const url = new URL(this.target)
    url.hostname = '127.0.0.1'
    url.port = String(this.#port)
    return url.href
  }

  cut(): void {
    this.#server?.close()
    this.#server = null
    this.#breakAll()
  }

  mute(): void {
    this.#isMute = true
  }

  /** Open again. Connections that were mute have lost bytes, so they end. */
  async restore(): Promise<void> {
    if (this.#isMute) this.#breakAll()
    this.#isMute = false
    if (this.#server !== null || this.#isClosed) return
    const server = createServer((client) => this.#join(client))
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (server.address() as AddressInfo).port
  }

  close(): void {
    this.#isClosed = true
    this.cut()
  }

  #breakAll(): void {
    for (const pair of [...this.#pairs]) for (const socket of pair) socket.destroy()
  }

  #join(client: Socket): void {
    const server = connect(Number(this.target.port || 5432), this.target.hostname)
    const pair = [client, server] as const
    this.#pairs.add(pair)
    let wasUp = false
    const end = () => {
      if (!this.#pairs.delete(pair)) return
      if (wasUp) this.broken++
      else this.refused++
      for (const socket of pair) socket.destroy()
    }
    for (const socket of pair) {
      socket.setNoDelay(true)
      socket.on('error', end).on('close', end)
    }
    server.once('connect', () => (wasUp = true))
    let committedAtMs: number | null = null
    /** Answers keep their order behind one that waits. */
    let answers = Promise.resolve()
    client.on('data', (bytes) => {
      if (this.#isMute) return
      if (this.commitDelayMs > 0 && bytes.includes(commit)) committedAtMs = Date.now()
      server.write(bytes)
    })
    server.on('data', (bytes) => {
      if (this.#isMute) return
      const sinceMs = committedAtMs
      committedAtMs = null
      const delayMs = sinceMs === null ? 0 : this.commitDelayMs
      answers = answers.then(async () => {
        if (delayMs > 0) await sleep(delayMs)
        if (client.destroyed) return
        client.write(bytes)
        if (sinceMs !== null) this.delayedCommitsMs.push(Date.now() - sinceMs)
      })
    })
  }
}
