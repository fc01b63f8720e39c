import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { isPortTaken, portTaken, type Logger } from '@gridkeeper/service-kit'
import type { IConnectPacket } from 'mqtt-packet'
import type { RawMessage } from '../intake/decode-message.ts'
import { BufferFull } from '../intake/batch-buffer.ts'
import type { IntakeMetrics } from '../intake/intake.metrics.ts'
import type { Answer } from '../intake/intake.service.ts'
import type { Speaker } from '../intake/speaker.ts'
import { Admission } from './admission.ts'
import { connackFor } from './connack.ts'
import type { DeviceRates } from './device-rates.ts'
import {
  DeviceSession,
  type Incoming,
  type Link,
  type SessionHost,
  type SessionLimits,
} from './device-session.ts'
import { filtersOf } from './device-topic.ts'
import type { LoginLimiter } from './login-limiter.ts'
import { stillCounts, type KnownDevices, type Logins } from './logins.ts'
import { reason } from './packets.ts'
import type { RefusalReason as Refusal } from '@gridkeeper/contracts'

export interface DoorLimits extends SessionLimits {
  /** All connections, those that wait to be let in included. */
  readonly maxConnections: number
  readonly connectRate: number
  readonly maxPendingLogins: number
  readonly connectTimeoutMs: number
  /** Payload of all connections that may wait for its commit; beyond it nobody is read from. */
  readonly inflightBytes: number
  readonly strangerConnections: number
}

export interface DoorOptions {
  readonly host: string
  readonly port: number
  readonly limits: DoorLimits
  /** The intake: answers once, after the commit or with an error. */
  readonly take: (raw: RawMessage, answer: Answer) => void
  readonly directory: KnownDevices
  readonly logins: Logins
  readonly bans: LoginLimiter
  readonly rates: DeviceRates
  /** A process of ours: somebody else goes on with its socket. */
  readonly handOver: (socket: Socket) => void
  readonly metrics: Pick<IntakeMetrics, 'refusals' | 'connections' | 'waitingConnections'>
  readonly logger: Logger
}

/** Somebody at the door, let in or not yet. */
interface Visitor {
  readonly stream: Duplex
  readonly address: string
  /** Set for a connection of MQTT over TCP: only there may our own processes come in. */
  readonly socket: Socket | null
  session: DeviceSession | null
}

const sweepMs = 1_000
const retryMs = 100
/** Command topics of one session; an edge node has two. */
const maxFilters = 64
/** After its end is written, a connection that its other side does not close is cut. */
const farewellMs = 1_000

/**
 * The front door of the devices: MQTT over TCP and, by {@link receive}, over WebSocket. Every limit is enforced here, at the socket, before a message costs
 * anything. Whoever shows the secret of the bus is handed over to it. See docs/adr/0010-own-front-door.md.
 *
 *   connection → banned? too many? → waits for admission, unread → CONNECT → login → session, or refusal
 */
export class DeviceDoor implements SessionHost {
  readonly #visitors = new Set<Visitor>()
  readonly #admission: Admission<Visitor>
  /** Let in, not logged in. */
  readonly #early = new Map<DeviceSession, Visitor>()
  /** Logged in, by speaker and client id. */
  readonly #sessions = new Map<string, DeviceSession>()
  /** Who wants which commands, both ways round. */
  readonly #subscribers = new Map<string, Set<DeviceSession>>()
  readonly #filters = new Map<DeviceSession, Set<string>>()
  readonly #withoutRoom = new Set<DeviceSession>()
  #toFlush: DeviceSession[] = []
  readonly #givenBack: (() => void)[] = []
  #retry: NodeJS.Timeout | null = null
  #inflightBytes = 0
  #strangers = 0
  #server: Server | null = null
  #sweep: NodeJS.Timeout | null = null
  #isStopping = false

  constructor(private readonly options: DoorOptions) {
    const { connectRate, maxPendingLogins } = options.limits
    this.#admission = new Admission({ perSecond: connectRate, maxPending: maxPendingLogins }, (visitor) =>
      this.#admit(visitor),
    )
  }

  get limits(): DoorLimits {
    return this.options.limits
  }

  /** The port it listens on. */
  get port(): number {
    const address = this.#server?.address()
    return typeof address === 'object' && address !== null ? address.port : this.options.port
  }

  get connections(): number {
    return this.#visitors.size
  }

  async start(): Promise<void> {
    const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) =>
      this.#receive(socket, plainAddress(socket.remoteAddress), socket),
    )
    this.#server = server
    server.listen(this.options.port, this.options.host)
    try {
      await once(server, 'listening')
    } catch (error) {
      throw isPortTaken(error) ? portTaken(this.options.port, 'MQTT_PORT', error) : error
    }
    this.#sweep = setInterval(() => this.#endIdle(), sweepMs).unref()
  }

  /** No new connections; what was taken is still acknowledged. */
  stopListening(): void {
    this.#isStopping = true
    this.#server?.close()
    this.#admission.stop()
  }

  stop(): void {
    this.stopListening()
    if (this.#sweep !== null) clearInterval(this.#sweep)
    if (this.#retry !== null) clearTimeout(this.#retry)
    this.#flush()
    for (const session of this.#sessions.values()) session.drop()
    for (const { stream } of this.#visitors) stream.destroy()
  }

  /** A connection that speaks MQTT inside something else. */
  receive(stream: Duplex, address: string): void {
    this.#receive(stream, address, null)
  }

  /** To the sessions that asked for exactly these commands. The only thing ever sent to a device. */
  sendCommand(topic: string, payload: Buffer): void {
    const receivers = new Set(
      filtersOf(topic).flatMap((filter) => [...(this.#subscribers.get(filter) ?? [])]),
    )
    for (const session of receivers) session.command(topic, payload)
  }

  /** The registry has changed: ends the sessions whose login does not count any more, or who need not be strangers any longer. */
  recheck(): void {
    for (const session of [...this.#sessions.values()]) {
      const { speaker, secretHash, heardKeys } = session
      if (speaker === null || stillCounts({ speaker, secretHash, heardKeys }, this.options.directory))
        continue
      this.refused(session, 'registry-changed')
      session.end(reason.administrative)
    }
  }

  now(): number {
    return Date.now()
  }

  login(session: DeviceSession, packet: IConnectPacket): void {
    this.#login(session, packet).catch((error: unknown) => {
      this.options.logger.warn({ err: error }, 'a login could not be checked')
      session.refuse({ v3: 3, v5: reason.unavailable })
    })
  }

  take(session: DeviceSession, { topic, payload }: Incoming, answer: Answer): void {
    const { speaker } = session
    if (speaker === null) return
    const size = payload.length
    this.#inflightBytes += size
    if (this.#inflightBytes >= this.limits.inflightBytes) this.#holdForRoom(session)
    const raw: RawMessage = {
      source: 'mqtt',
      topic,
      bytes: payload,
      receivedAtMs: Date.now(),
      client: session.clientId,
      address: session.address,
      speaker,
    }
    this.#offer(session, raw, (error, outcome) => {
      this.#inflightBytes -= size
      answer(error, outcome)
      if (this.#withoutRoom.size > 0) this.#giveRoom()
    })
  }

  waitAfter(session: DeviceSession, topic: string): number {
    return session.speaker === null
      ? 0
      : this.options.rates.charge(session.speaker, session.address, topic, Date.now())
  }

  flushSoon(session: DeviceSession): void {
    if (this.#toFlush.length === 0) setImmediate(() => this.#flush())
    this.#toFlush.push(session)
  }

  mayCommand({ speaker }: DeviceSession, edgeKey: string): boolean {
    if (speaker?.kind !== 'login') return false
    return speaker.key === edgeKey || this.options.directory.known(edgeKey)?.via === speaker.key
  }

  subscribe(session: DeviceSession, filter: string): boolean {
    const filters = this.#filters.get(session) ?? new Set()
    if (!filters.has(filter) && filters.size >= maxFilters) return false
    this.#filters.set(session, filters.add(filter))
    const subscribers = this.#subscribers.get(filter)
    if (subscribers === undefined) this.#subscribers.set(filter, new Set([session]))
    else subscribers.add(session)
    return true
  }

  unsubscribe(session: DeviceSession, filter: string): void {
    if (this.#filters.get(session)?.delete(filter) !== true) return
    const subscribers = this.#subscribers.get(filter)
    if (subscribers?.delete(session) === true && subscribers.size === 0) this.#subscribers.delete(filter)
  }

  refused(
    session: Pick<DeviceSession, 'address' | 'clientId' | 'speaker'>,
    refusal: Refusal,
    detail?: string,
  ) {
    this.options.metrics.refusals.inc({ reason: refusal })
    const { address, clientId, speaker } = session
    this.options.logger.debug({ refusal, address, clientId, speaker: speaker?.kind, detail }, 'refused')
  }

  ended(session: DeviceSession): void {
    this.#settle(session)
    this.#withoutRoom.delete(session)
    const { speaker } = session
    if (speaker === null) return
    const identity = identityOf(speaker, session.address, session.clientId)
    if (this.#sessions.get(identity) === session) this.#sessions.delete(identity)
    if (speaker.kind === 'stranger') this.#strangers--
    for (const filter of [...(this.#filters.get(session) ?? [])]) this.unsubscribe(session, filter)
    this.#filters.delete(session)
  }

  /** What the intake gives back for want of room is offered again; its sender is not read from meanwhile, so this is at most a message of each. */
  #offer(session: DeviceSession, raw: RawMessage, answer: Answer): void {
    this.options.take(raw, (error, outcome) => {
      if (!(error instanceof BufferFull) || this.#isStopping) return answer(error, outcome)
      this.#holdForRoom(session)
      this.#givenBack.push(() => this.#offer(session, raw, answer))
      this.#retry ??= setTimeout(() => this.#offerAgain(), retryMs)
    })
  }

  #offerAgain(): void {
    this.#retry = null
    for (const offer of this.#givenBack.splice(0)) offer()
    if (this.#givenBack.length === 0) this.#giveRoom()
  }

  #holdForRoom(session: DeviceSession): void {
    this.#withoutRoom.add(session)
    session.holdForRoom()
  }

  #receive(stream: Duplex, address: string, socket: Socket | null): void {
    stream.on('error', () => undefined)
    const refusal = this.#refusalAtSight(address)
    if (refusal !== null) {
      if (refusal !== 'stopping') this.#count(refusal)
      stream.destroy()
      return
    }
    const visitor: Visitor = { stream, address, socket, session: null }
    this.#visitors.add(visitor)
    stream.once('close', () => {
      this.#visitors.delete(visitor)
      this.#admission.leave(visitor)
      visitor.session?.lost()
      this.#readGauges()
    })
    this.#admission.enter(visitor)
    this.#readGauges()
  }

  #refusalAtSight(address: string): Refusal | 'stopping' | null {
    if (this.#isStopping) return 'stopping'
    if (this.options.bans.isBanned(address)) return 'banned'
    return this.#visitors.size >= this.limits.maxConnections ? 'too-many-connections' : null
  }

  #readGauges(): void {
    this.options.metrics.connections.set(this.#visitors.size)
    this.options.metrics.waitingConnections.set(this.#admission.waiting)
  }

  #count(refusal: Refusal): void {
    this.options.metrics.refusals.inc({ reason: refusal })
  }

  #admit(visitor: Visitor): void {
    const { stream, address } = visitor
    const session = new DeviceSession(linkOf(stream), address, this)
    visitor.session = session
    this.#early.set(session, visitor)
    stream.on('data', (chunk: Buffer) => session.receive(chunk))
    stream.resume()
    this.#readGauges()
  }

  #settle(session: DeviceSession): void {
    if (this.#early.delete(session)) this.#admission.settle()
  }

  async #login(session: DeviceSession, packet: IConnectPacket): Promise<void> {
    const { logins, bans, metrics } = this.options
    const { address } = session
    if (packet.properties?.authenticationMethod !== undefined)
      return session.refuse({ v3: 5, v5: reason.badAuthMethod })
    if (packet.clientId === '' && session.version !== 5 && packet.clean === false)
      return session.refuse({ v3: 2, v5: reason.protocolError })
    const outcome = bans.isBanned(address)
      ? ({ kind: 'refused', reason: 'banned' } as const)
      : await logins.check({ name: packet.username ?? null, secret: packet.password?.toString() ?? null })
    if (session.state !== 'authenticating') return
    if (outcome.kind === 'bus') return this.#handOver(session)
    if (outcome.kind === 'refused') {
      metrics.refusals.inc({ reason: outcome.reason })
      if (outcome.reason === 'wrong-secret') {
        const waitMs = bans.fail(address)
        this.options.logger.info({ address, waitMs, isBanned: bans.isBanned(address) }, 'a wrong secret')
        await sleep(waitMs, undefined, { ref: false })
        return session.refuse({ v3: 4, v5: reason.wrongLogin })
      }
      return session.refuse({ v3: 5, v5: outcome.reason === 'banned' ? reason.banned : reason.notAuthorised })
    }
    const { speaker, secretHash } = outcome
    // The registry may have changed while the secret was checked.
    if (!stillCounts({ speaker, secretHash, heardKeys: [] }, this.options.directory))
      return session.refuse({ v3: 3, v5: reason.unavailable })
    if (speaker.kind === 'stranger' && this.#strangers >= this.limits.strangerConnections) {
      this.refused(session, 'too-many-strangers')
      return session.refuse({ v3: 5, v5: reason.quotaExceeded })
    }
    this.#open(session, packet, speaker, secretHash)
  }

  #open(session: DeviceSession, packet: IConnectPacket, speaker: Speaker, secretHash: string | null): void {
    const clientId = packet.clientId === '' ? randomUUID() : packet.clientId
    const identity = identityOf(speaker, session.address, clientId)
    this.#sessions.get(identity)?.end(reason.takenOver)
    this.#sessions.set(identity, session)
    if (speaker.kind === 'stranger') this.#strangers++
    this.#settle(session)
    session.open(speaker, secretHash, clientId, connackFor(packet, clientId, this.limits))
  }

  #handOver(session: DeviceSession): void {
    const socket = this.#early.get(session)?.socket ?? null
    if (socket === null) return session.refuse({ v3: 5, v5: reason.notAuthorised })
    const bytes = session.giveUp()
    this.#settle(session)
    socket.pause()
    socket.removeAllListeners('data')
    socket.unshift(bytes)
    this.options.handOver(socket)
  }

  #flush(): void {
    const sessions = this.#toFlush
    this.#toFlush = []
    for (const session of sessions) session.flush()
  }

  #giveRoom(): void {
    if (this.#givenBack.length > 0 || this.#inflightBytes > this.limits.inflightBytes / 2) return
    for (const session of [...this.#withoutRoom]) {
      this.#withoutRoom.delete(session)
      session.resumeForRoom()
    }
  }

  #endIdle(): void {
    const now = Date.now()
    for (const session of [...this.#early.keys()]) {
      if (now - session.since < this.limits.connectTimeoutMs) continue
      this.refused(session, 'connect-timeout')
      session.end(reason.protocolError)
    }
    for (const session of [...this.#sessions.values()]) {
      if (!session.isSilent(now)) continue
      this.refused(session, 'keep-alive')
      session.end(reason.keepAliveTimeout)
    }
  }
}

/** A stranger may end no connection but one of the same name from its own address. */
const identityOf = (speaker: Speaker, address: string, clientId: string): string =>
  speaker.kind === 'login'
    ? `=${speaker.key} ${clientId}`
    : `?${address} ${speaker.kind === 'stranger' ? (speaker.login ?? '') : ''} ${clientId}`

const plainAddress = (address: string | undefined) => (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '')

function linkOf(stream: Duplex): Link {
  return {
    get writableLength() {
      return stream.writableLength
    },
    write: (bytes) => stream.write(bytes),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    end: () => {
      stream.end()
      // What still comes is read and dropped: a socket closed over unread bytes would take the farewell with it.
      stream.resume()
      setTimeout(() => stream.destroy(), farewellMs).unref()
    },
    destroy: () => stream.destroy(),
  }
}
