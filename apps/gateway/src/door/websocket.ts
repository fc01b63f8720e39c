import type { IncomingMessage, Server } from 'node:http'
import type { BlockList } from 'node:net'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { clientAddress } from './client-address.ts'
import type { RefusalReason as Refusal } from '@gridkeeper/contracts'

export const webSocketPath = '/mqtt'

export interface WebSocketOptions {
  readonly trustedProxies: BlockList
  readonly maxPacketBytes: number
  readonly receive: (stream: Duplex, address: string) => void
  readonly countRefusal: (refusal: Refusal) => void
}

/**
 * MQTT over WebSocket (MQTT 5, 6) on the port of the HTTP ingest, so that one name and one certificate in a proxy serve both. A page of another site could
 * connect from the browser of somebody on our network: who brings an Origin must bring that of this host.
 */
export function listenForWebSockets(server: Server, options: WebSocketOptions): void {
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    // A frame may hold several packets.
    maxPayload: options.maxPacketBytes * 2,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    if (pathOf(request) !== webSocketPath) return refuse(socket, '404 Not Found')
    if (!offersMqtt(request)) return refuse(socket, '400 Bad Request')
    if (!isOwnOrigin(request)) {
      options.countRefusal('from-page')
      return refuse(socket, '403 Forbidden')
    }
    const address = clientAddress(
      request.socket.remoteAddress,
      request.headers['x-forwarded-for'],
      options.trustedProxies,
    )
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      options.receive(createWebSocketStream(webSocket), address)
    })
  })
}

const pathOf = ({ url = '' }: IncomingMessage) => url.split('?', 1)[0]

const offersMqtt = ({ headers }: IncomingMessage) =>
  (headers['sec-websocket-protocol'] ?? '').split(',').some((name) => name.trim() === 'mqtt')

export function isOwnOrigin({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const { origin, host } = headers
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
