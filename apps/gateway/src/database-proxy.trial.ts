import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A way to the database that can be cut. */
export interface DatabaseProxy {
  readonly url: string
  /** Ends all connections and takes no new ones, as a database that is away. */
  cut(): void
  restore(): void
  /** Lets nothing through to the database until called: what a slow database looks like, on an engine with one backend, too. */
  hold(): () => void
  /** The next COMMIT reaches the database; its answer reaches nobody, and the connection breaks. Resolves when that has happened. */
  loseNextCommitAnswer(): Promise<void>
  close(): Promise<void>
}

export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl)
  const pairs = new Set<[Socket, Socket]>()
  let isCut = false
  let onLost: (() => void) | null = null
  let held: (() => void)[] | null = null
  const commit = Buffer.from('commit\0')

  const server = createServer((client) => {
    if (isCut) return client.destroy()
    const upstream = connect(Number(target.port), target.hostname)
    const pair: [Socket, Socket] = [client, upstream]
    pairs.add(pair)
    let isLosing = false
    const end = () => {
      pairs.delete(pair)
      for (const socket of pair) socket.destroy()
    }
    client.on('data', (bytes) => {
      if (onLost !== null && bytes.includes(commit)) isLosing = true
      if (held === null) upstream.write(bytes)
      else held.push(() => upstream.write(bytes))
    })
    upstream.on('data', (bytes) => {
      if (!isLosing) return client.write(bytes)
      end()
      onLost?.()
      onLost = null
      return undefined
    })
    for (const socket of pair) socket.on('error', end).on('close', end)
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(databaseUrl)
  url.port = String((server.address() as AddressInfo).port)
  const endAll = () => {
    for (const pair of [...pairs]) for (const socket of pair) socket.destroy()
  }
  return {
    url: url.href,
    cut() {
      isCut = true
      endAll()
    },
    restore() {
      isCut = false
    },
    hold() {
      held = []
      return () => {
        for (const send of held ?? []) send()
        held = null
      }
    },
    loseNextCommitAnswer: () => new Promise((resolve) => (onLost = resolve)),
    async close() {
      endAll()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
