import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { setImmediate as setImmediateAsync } from 'node:timers/promises'
import type { Logger } from '@gridkeeper/service-kit'
import { isPortTaken, portTaken } from '@gridkeeper/service-kit'
import type { Backend } from './backend.ts'
import { ClientConnection } from './client-connection.ts'
import type { ConnectionLimits } from './client-connection.ts'
import type { EmbeddedCounters } from './counters.ts'
import { queryEngine, QueryFailure } from './engine-query.ts'
import { EngineTrap } from './engine.ts'
import { Handshake, welcome } from './handshake.ts'
import { noSettings } from './session-settings.ts'
import { TurnQueue } from './turn-queue.ts'
import type { ErrorFields } from './wire-messages.ts'
import { errorResponse, messageType, ProtocolViolation } from './wire-messages.ts'

export interface WireServerOptions {
  readonly logger: Logger
  readonly counters: EmbeddedCounters
  readonly password: string | undefined
  readonly maxConnections: number
  readonly idleInTransactionMs: number
  readonly limits: ConnectionLimits
  /** The backend is beyond use; every client has been told. */
  readonly onTrap: (trap: EngineTrap) => void
}

/** A turn of the server itself, between the clients' turns. */
interface Task {
  readonly run: (backend: Backend) => void
  readonly fail: (error: unknown) => void
}

const handshakeTimeoutMs = 10_000
const farewellMs = 1000

/**
 * Serves one backend to many clients.
 *
 *   starting — listens, and tells clients to come back; until `open`
 *   open     — clients take turns
 *   halted   — the backend is gone (trap); turns stand still until `open` with a new one
 *   closing  — no new clients; the one in a transaction may finish it
 */
export class WireServer {
  readonly #options: WireServerOptions
  readonly #server: Server
  readonly #queue = new TurnQueue<ClientConnection | Task>()
  readonly #clients = new Set<ClientConnection>()
  #backend: Backend | undefined
  #serverVersion = ''
  #nextId = 1
  #isClosing = false
  #isScheduled = false
  #onTurnFreed: (() => void) | undefined

  constructor(options: WireServerOptions) {
    this.#options = options
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket))
  }

  /** @throws StartError `port-taken` */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) => {
        reject(isPortTaken(error) ? portTaken(port, 'EMBEDDED_PORT', error) : error)
      })
      this.#server.listen({ host, port, exclusive: true }, () => {
        resolve((this.#server.address() as AddressInfo).port)
      })
    })
  }

  open(backend: Backend): void {
    this.#serverVersion = queryEngine(backend.engine, 'show server_version')[0]?.['server_version'] ?? ''
    this.#backend = backend
    this.#schedule()
  }

  /** Runs something of the server's own while no client is in a transaction. */
  exclusive<Result>(run: (backend: Backend) => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#queue.request({ run: (backend) => resolve(run(backend)), fail: reject })
      this.#schedule()
    })
  }

  get waitingCount(): number {
    return this.#queue.waitingCount
  }

  /** Lets the client that is in a transaction finish it, up to `graceMs`; the others are told to go. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    // Clients that have just said goodbye are still to be read; they need no notice.
    for (let turn = 0; turn < 3; turn += 1) await setImmediateAsync()
    for (const client of this.#clients) {
      if (client !== this.#queue.holder) this.#dismiss(client, shutdownNotice)
    }
    if (this.#queue.holder !== undefined) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs)
        this.#onTurnFreed = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    for (const client of this.#clients) this.#dismiss(client, shutdownNotice)
    await closed
  }

  #accept(socket: Socket): void {
    const client = new ClientConnection(this.#nextId, socket, this.#options.limits)
    this.#nextId += 1
    this.#clients.add(client)
    this.#options.counters.connections = this.#clients.size
    const handshake = new Handshake(this.#options.password)
    const timeout = setTimeout(() => this.#drop(client), handshakeTimeoutMs)
    socket.on('data', (chunk) => {
      this.#guarded(client, () => {
        if (client.receive(chunk)) this.#options.counters.pausedReads += 1
        if (client.phase === 'handshake' || client.phase === 'password')
          this.#advance(client, handshake, timeout)
        else this.#wake(client)
      })
    })
    socket.on('drain', () => this.#wake(client))
    // The reason comes with 'close', which always follows; nobody is left to be told.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timeout)
      this.#drop(client)
    })
  }

  #advance(client: ClientConnection, handshake: Handshake, timeout: NodeJS.Timeout): void {
    for (;;) {
      const step = handshake.advance(client)
      if (step.kind === 'wait') return
      if (step.kind === 'send') {
        client.send(step.bytes)
        continue
      }
      clearTimeout(timeout)
      // Nothing can be cancelled: while the engine works, this process does nothing else.
      if (step.kind === 'cancel-request') return this.#drop(client)
      const refusal = step.kind === 'refused' ? step.error : this.#reasonToRefuse()
      if (refusal !== undefined) {
        this.#options.counters.connectionsRefused += 1
        return this.#dismiss(client, refusal)
      }
      if (step.kind === 'accepted') return this.#admit(client, step.settings, step.preface)
    }
  }

  #reasonToRefuse(): ErrorFields | undefined {
    if (this.#isClosing) return shutdownNotice
    if (this.#backend === undefined) {
      return { severity: 'FATAL', code: '57P03', message: 'the database system is starting up' }
    }
    if (this.#clients.size > this.#options.maxConnections) {
      return { severity: 'FATAL', code: '53300', message: 'sorry, too many clients already' }
    }
    return undefined
  }

  #admit(client: ClientConnection, requested: ReadonlyMap<string, string>, preface: Buffer): void {
    const start = () => {
      if (client.phase === 'closed') return
      this.#options.counters.connectionsAccepted += 1
      client.send(welcome(client, this.#serverVersion, preface))
      client.phase = 'serving'
      this.#guarded(client, () => {
        client.sortInbox()
        this.#wake(client)
      })
    }
    if (requested.size === 0) return start()
    client.phase = 'serving-soon'
    this.exclusive((backend) => backend.settings.admit(requested)).then(
      (settings) => {
        client.settings = settings
        start()
      },
      (error: unknown) => {
        const code = error instanceof QueryFailure ? error.code : 'XX000'
        const message = error instanceof Error ? error.message : String(error)
        this.#dismiss(client, { severity: 'FATAL', code, message })
      },
    )
  }

  /** Something about this client has changed: it may want a turn, or go on with the one it has. */
  #wake(client: ClientConnection): void {
    if (client === this.#queue.holder) return this.#schedule()
    if (!client.isWorthATurn) return
    client.waitingSinceMs ??= performance.now()
    this.#queue.request(client)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    // Sockets are read between turns, so that nobody's bytes pile up in the kernel while others are served.
    setImmediate(() => {
      this.#isScheduled = false
      this.#takeTurns()
    })
  }

  #takeTurns(): void {
    const backend = this.#backend
    if (backend === undefined) return
    try {
      const isNewTurn = this.#queue.holder === undefined
      const holder = this.#queue.holder ?? this.#queue.grantNext()
      if (holder === undefined) return
      if (holder instanceof ClientConnection) {
        if (isNewTurn) this.#beginTurn(backend, holder)
        this.#guarded(holder, () => this.#serve(backend, holder))
      } else {
        this.#runTask(backend, holder)
      }
    } catch (error) {
      this.#halt(error)
    }
  }

  #beginTurn(backend: Backend, client: ClientConnection): void {
    const { counters } = this.#options
    const waitedMs = performance.now() - (client.waitingSinceMs ?? performance.now())
    client.waitingSinceMs = undefined
    counters.turns += 1
    counters.turnWaitMsTotal += waitedMs
    counters.turnWaitMsMax = Math.max(counters.turnWaitMsMax, waitedMs)
    backend.beginTurn(client)
  }

  #serve(backend: Backend, client: ClientConnection): void {
    clearTimeout(client.idleTimer)
    client.socket.cork()
    try {
      while (!client.isCongested) {
        const message = client.takeMessage()
        if (message === undefined) break
        if (messageType(message) === 'X') return this.#drop(client)
        const { reply, endsTurn, wasRefused } = backend.serve(client, message)
        if (wasRefused) this.#options.counters.statementsRefused += 1
        client.send(reply)
        if (endsTurn) return this.#endTurn(backend, client)
      }
    } finally {
      client.socket.uncork()
    }
    client.idleTimer = setTimeout(() => this.#timeOut(client), this.#options.idleInTransactionMs)
  }

  #endTurn(backend: Backend, client: ClientConnection): void {
    backend.endTurn(client)
    this.#freeTurn(client)
    this.#wake(client)
  }

  #freeTurn(holder: ClientConnection | Task): void {
    this.#queue.leave(holder)
    this.#onTurnFreed?.()
    this.#schedule()
  }

  #runTask(backend: Backend, task: Task): void {
    try {
      backend.settings.apply(noSettings)
      task.run(backend)
    } catch (error) {
      task.fail(error)
      if (error instanceof EngineTrap) throw error
    } finally {
      this.#freeTurn(task)
    }
  }

  #timeOut(client: ClientConnection): void {
    this.#options.counters.idleTimeouts += 1
    this.#options.logger.warn({ connection: client.id }, 'closed a client that was idle in its transaction')
    this.#dismiss(client, {
      severity: 'FATAL',
      code: '25P03',
      message: 'terminating connection due to idle-in-transaction timeout',
      hint: 'All clients of the embedded database share one backend, so a transaction must not stay open.',
    })
  }

  /** Bad bytes end their sender's connection, and nothing else. */
  #guarded(client: ClientConnection, act: () => void): void {
    try {
      act()
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error
      this.#options.counters.protocolViolations += 1
      this.#dismiss(client, { severity: 'FATAL', code: '08P01', message: error.message })
    }
  }

  #dismiss(client: ClientConnection, error: ErrorFields): void {
    if (client.phase === 'closed') return
    if (client.socket.writable) client.socket.end(errorResponse(error))
    this.#drop(client)
  }

  /** The client is gone, or has to go. Everything of it is undone before anybody else has a turn. */
  #drop(client: ClientConnection): void {
    if (client.phase === 'closed') return
    client.phase = 'closed'
    clearTimeout(client.idleTimer)
    this.#clients.delete(client)
    this.#options.counters.connections = this.#clients.size
    client.socket.destroySoon()
    // A peer that never reads its farewell must not keep the socket, nor the stop of the server.
    const force = setTimeout(() => client.socket.destroy(), farewellMs).unref()
    client.socket.once('close', () => clearTimeout(force))
    const backend = this.#backend
    if (client === this.#queue.holder && backend !== undefined) {
      if (client.isMidSequence || client.isInTransaction) this.#options.counters.rolledBackOnDisconnect += 1
      try {
        backend.abandon(client)
      } catch (error) {
        return this.#halt(error)
      }
    }
    this.#freeTurn(client)
    if (client.statements.size > 0 || client.hasTempTables) {
      const forget = (present: Backend) => {
        const others = [...this.#clients].some((other) => other.hasTempTables)
        present.forget(client, !others)
      }
      this.exclusive(forget).catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, 'could not free what a client left')
      })
    }
  }

  /** The backend is dead. As after a crash of a Postgres backend, everybody is sent away and may come back. */
  #halt(error: unknown): void {
    this.#backend = undefined
    const trap = error instanceof EngineTrap ? error : new EngineTrap(error)
    for (const client of this.#clients) {
      client.statements.clear()
      client.hasTempTables = false
      this.#dismiss(client, {
        severity: 'FATAL',
        code: '57P02',
        message: 'terminating connection because the database engine stopped on an internal error',
      })
    }
    for (
      let held = this.#queue.holder ?? this.#queue.grantNext();
      held !== undefined;
      held = this.#queue.grantNext()
    ) {
      this.#queue.leave(held)
      if (!(held instanceof ClientConnection)) held.fail(trap)
    }
    this.#options.onTrap(trap)
  }
}

const shutdownNotice: ErrorFields = {
  severity: 'FATAL',
  code: '57P01',
  message: 'terminating connection due to administrator command',
}
