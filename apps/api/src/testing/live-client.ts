import { decodeFrame, livePath, type Alarm, type FeedStatus, type Frame } from '@gridkeeper/contracts'
import { io, type Socket } from 'socket.io-client'

/** A screen: collects what it is told, and says `seen` unless it is asleep. */
export interface LiveClient {
  readonly socket: Socket
  readonly frames: Frame[]
  readonly sizes: number[]
  readonly alarms: Alarm[]
  readonly feeds: FeedStatus[]
  readonly catalogues: number[]
  isAsleep: boolean
  close(): void
}

export async function openLive(url: string, headers: Record<string, string>): Promise<LiveClient> {
  const socket = io(url, {
    path: livePath,
    transports: ['websocket'],
    extraHeaders: headers,
    reconnection: false,
    forceNew: true,
  })
  const client: LiveClient = {
    socket,
    frames: [],
    sizes: [],
    alarms: [],
    feeds: [],
    catalogues: [],
    isAsleep: false,
    close: () => socket.close(),
  }
  socket.on('frame', (bytes: Uint8Array) => {
    const frame = decodeFrame(bytes)
    client.frames.push(frame)
    client.sizes.push(bytes.byteLength)
    if (!client.isAsleep) socket.emit('seen', frame.sequence)
  })
  socket.on('alarm', (alarm: Alarm) => client.alarms.push(alarm))
  socket.on('feed', (feed: FeedStatus) => client.feeds.push(feed))
  socket.on('catalogue', (version: number) => client.catalogues.push(version))
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  return client
}
