import { Inject, Injectable } from '@nestjs/common'
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common'
import type { Account } from '@gridkeeper/contracts'
import type { Registry } from '@gridkeeper/service-kit'
import { HttpAdapterHost } from '@nestjs/core'
import type { ApiConfig } from '../config/config.ts'
import { CONFIG, METRICS } from '../config/tokens.ts'
import { scopeOf } from '../registry/scope.ts'
import { isOwnOrigin } from '../session/request-login.ts'
import { SessionService } from '../session/session.service.ts'
import { TwinService } from '../twin/twin.service.ts'
import { gaugeConnections, LIVE_METRICS, type LiveMetrics } from './live.metrics.ts'
import { LiveHub, type Broadcaster, type Root } from './live-hub.ts'
import { createLiveServer, type LiveServer, type LiveSocket } from './live-server.ts'
import { Screen } from './screen.ts'
import { twinWorld } from './twin-world.ts'
import { WatchPace } from './watch-pace.ts'

/** A grid that no asset is in: what an account sees of a grid that is not its own. */
const nothing: Root = -1

/** The edge of the live stream: admits connections, and hands what they say to the hub. */
@Injectable()
export class LiveGateway implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #hub: LiveHub | undefined
  #server: LiveServer | undefined

  constructor(
    @Inject(TwinService) private readonly twins: TwinService,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(CONFIG) private readonly config: ApiConfig,
    @Inject(LIVE_METRICS) private readonly metrics: LiveMetrics,
    @Inject(METRICS) private readonly registry: Registry,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
  ) {}

  onApplicationBootstrap(): void {
    const server = createLiveServer(this.adapterHost.httpAdapter.getHttpServer(), this.config.live.maxScreens)
    const hub = new LiveHub(twinWorld(this.twins.twin), broadcasterOf(server), this.metrics, Date.now)
    this.#server = server
    this.#hub = hub
    this.twins.attach(hub)
    gaugeConnections(this.registry, () => server.sockets.sockets.size)
    server.use((socket, next) => {
      this.#admit(socket).then(
        (refusal) => {
          if (refusal !== null) this.metrics.refused.inc({ reason: refusal })
          next(refusal === null ? undefined : new Error(refusal))
        },
        () => next(new Error('unexpected')),
      )
    })
    server.on('connection', (socket) => this.#connect(socket, hub))
  }

  /** Before the HTTP server closes, which would wait for these connections. */
  beforeApplicationShutdown(): void {
    this.#hub?.stop()
    this.#server?.disconnectSockets(true)
    this.#server?.engine.close()
  }

  #connect(socket: LiveSocket, hub: LiveHub): void {
    const { account } = socket.data
    if (account === undefined) return
    const screen = new Screen({
      join: (room) => void socket.join(room),
      leave: (room) => void socket.leave(room),
      sendFrame: (bytes) => socket.emit('frame', asBuffer(bytes)),
      sendCatalogue: (version) => socket.emit('catalogue', version),
    })
    socket.emit('feed', this.twins.feed)
    const pace = new WatchPace((root) => hub.watch(screen, root))
    socket.on('watch', (gridId: unknown) => pace.ask(this.#rootFor(account, gridId)))
    socket.on('seen', (sequence: unknown) => {
      if (typeof sequence === 'number') hub.see(screen, sequence)
    })
    socket.on('disconnect', () => {
      pace.stop()
      hub.leave(screen)
    })
  }

  /** Null: come in. Otherwise the reason, which the client gets with its `connect_error`. */
  async #admit(socket: LiveSocket): Promise<'full' | 'login-needed' | 'not-allowed' | null> {
    const { origin, host, cookie, authorization } = socket.handshake.headers
    if (!isOwnOrigin(origin, host, this.config.http.publicOrigin)) return 'not-allowed'
    const result = await this.sessions.authenticate({
      cookie,
      authorization,
      address: socket.handshake.address,
    })
    if (!result.ok) return 'login-needed'
    if ((this.#server?.sockets.sockets.size ?? 0) >= this.config.live.maxScreens) return 'full'
    socket.data.account = result.account
    return null
  }

  #rootFor(account: Account, gridId: unknown): Root {
    if (gridId !== null && typeof gridId !== 'number') return nothing
    return (
      scopeOf(this.twins.twin.tree, account, gridId)?.root ?? (gridId === null ? account.gridId : nothing)
    )
  }
}

const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const broadcasterOf = (server: LiveServer): Broadcaster => ({
  frame: (room, bytes) => server.to(room).emit('frame', asBuffer(bytes)),
  alarm: (rooms, alarm) => server.to([...rooms]).emit('alarm', alarm),
  feed: (status) => server.emit('feed', status),
})
