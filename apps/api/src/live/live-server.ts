import type { Server as HttpServer } from 'node:http'
import { livePath, type Account, type ClientEvents, type ServerEvents } from '@gridkeeper/contracts'
import { Server, type DefaultEventsMap, type Socket } from 'socket.io'

interface LiveData {
  account?: Account
}
export type LiveServer = Server<ClientEvents, ServerEvents, DefaultEventsMap, LiveData>
export type LiveSocket = Socket<ClientEvents, ServerEvents, DefaultEventsMap, LiveData>

/** A heartbeat each second, missed after another: a wall knows within two seconds that its stream is broken. */
const heartbeatMs = 1_000
/** Clients say `watch` and `seen`, nothing longer. */
const maxClientMessageBytes = 4_096
/** Connections that have not been admitted yet, or wait to be told why not. */
const spareConnections = 100

/** Socket.IO on the HTTP server of the app, with every bound set. */
export function createLiveServer(http: HttpServer, maxScreens: number): LiveServer {
  const server: LiveServer = new Server(http, {
    path: livePath,
    serveClient: false,
    transports: ['websocket', 'polling'],
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: maxClientMessageBytes,
    pingInterval: heartbeatMs,
    pingTimeout: heartbeatMs,
    connectTimeout: 5_000,
    // The last resort: whoever can be told why is refused by the gateway, with a reason.
    allowRequest: (_, answer) => {
      const isFull = server.engine.clientsCount >= maxScreens + spareConnections
      answer(isFull ? 'full' : null, !isFull)
    },
  })
  return server
}
