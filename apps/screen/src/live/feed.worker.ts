import { livePath, type ClientEvents, type ServerEvents } from '@gridkeeper/contracts'
import { io, type Socket } from 'socket.io-client'
import { createFeedSession } from './feed-session.ts'
import type { FromWorker, ToWorker } from './feed-messages.ts'

/** The connection lives here, so that a busy or hidden page neither delays a ping nor piles up frames. */
const page = self as unknown as {
  postMessage(message: FromWorker): void
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null
  close(): void
}

let socket: Socket<ServerEvents, ClientEvents> | null = null
let session: ReturnType<typeof createFeedSession> | null = null

function start(origin: string, gridId: number | null) {
  // The server pings every second and both sides give up after two: that is how a silent break is noticed in time.
  const live: Socket<ServerEvents, ClientEvents> = io(origin, {
    path: livePath,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    withCredentials: true,
    reconnectionDelay: 250,
    reconnectionDelayMax: 2_000,
    timeout: 4_000,
  })
  const feed = createFeedSession({
    watch: () => live.emit('watch', gridId),
    seen: (sequence) => live.connected && live.emit('seen', sequence),
    post: (batch) => page.postMessage({ type: 'batch', batch }),
    now: () => Date.now(),
  })
  let heardMs = Date.now()
  const heard = () => (heardMs = Date.now())
  live.io.on('ping', heard)
  live.onAny(heard)
  live.on('connect', () => {
    heard()
    page.postMessage({ type: 'link', connected: true, heardMs })
    feed.connected()
  })
  live.on('disconnect', (reason) => {
    feed.disconnected()
    page.postMessage({ type: 'link', connected: false, heardMs })
    // The server's own goodbye is the one break after which the client does not come back by itself.
    if (reason === 'io server disconnect') setTimeout(() => live.connect(), 500)
  })
  live.on('connect_error', () => {
    if (live.active) return
    // Turned away, most likely without a session: the page asks for a login, and this tries on in case the session is good.
    page.postMessage({ type: 'refused' })
    setTimeout(() => live.connect(), 2_000)
  })
  live.on('frame', (bytes) => feed.frame(new Uint8Array(bytes)))
  live.on('alarm', (alarm) => page.postMessage({ type: 'alarm', alarm }))
  live.on('feed', (status) => page.postMessage({ type: 'feed', status }))
  live.on('catalogue', (version) => page.postMessage({ type: 'catalogue', version }))
  socket = live
  session = feed
}

page.onmessage = ({ data }) => {
  if (data.type === 'start') start(data.origin, data.gridId)
  else if (data.type === 'taken') session?.taken(data.sequence)
  else {
    socket?.disconnect()
    page.close()
  }
}
