/**
 * Messages by MQTT over WebSocket, as browsers and phones behind proxies speak it. New speakers arrive at a steady rate, log in, publish at QoS 1 for five
 * seconds without waiting for the answers, wait for the last PUBACK, and leave. A PUBACK is a promise: the message is committed.
 */
import { scenario, vu } from 'k6/execution'
import { Counter, Rate, Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import { setInterval, clearInterval, setTimeout, clearTimeout } from 'k6/timers'
import { WebSocket, type BinaryType } from 'k6/websockets'
import { connectPacket, createReader, disconnectPacket, publishPacket } from './mqtt-packets.ts'
import { keepSummary, pick, readPlan } from './read-plan.ts'

const plan = readPlan()
const messagesPerSession = Math.min(50, plan.rate)
const publishMs = 5_000
/** After its last message: a PUBACK that has not come by then does not count. */
const patienceMs = 20_000

const sent = new Counter('gk_sent')
const acknowledged = new Counter('gk_acknowledged')
const refused = new Rate('gk_mqtt_refused')
const unanswered = new Rate('gk_mqtt_unanswered')
const connectMs = new Trend('gk_mqtt_connect_ms', true)
const ackMs = new Trend('gk_mqtt_ack_ms', true)

const sessionsPerMinute = Math.max(1, Math.round((60 * plan.rate) / messagesPerSession))

export const options: Options = {
  scenarios: {
    speakers: {
      executor: 'constant-arrival-rate',
      rate: sessionsPerMinute,
      timeUnit: '1m',
      duration: `${plan.seconds}s`,
      // A session takes five seconds and its last answer.
      preAllocatedVUs: Math.ceil((sessionsPerMinute / 60) * 7) + 1,
      maxVUs: Math.ceil((sessionsPerMinute / 60) * 30) + 4,
      gracefulStop: '30s',
    },
  },
  thresholds: {
    gk_mqtt_refused: ['rate<0.001'],
    gk_mqtt_unanswered: ['rate<0.001'],
    gk_mqtt_connect_ms: ['p(95)<1000'],
    gk_mqtt_ack_ms: ['p(95)<500', 'p(99)<1500'],
    dropped_iterations: ['count<1'],
  },
  summaryTrendStats: ['min', 'med', 'avg', 'p(95)', 'p(99)', 'max'],
}

export const handleSummary = keepSummary

export default function session(): void {
  const turn = scenario.iterationInTest
  const { login, secret, meters } = pick(plan.speakers, turn)
  const beganMs = Date.now()
  const waiting = new Map<number, number>()
  let published = 0
  let isLoggedIn = false
  let pace: number | undefined

  // k6 leaves the list of subprotocols aside; the header is what the server reads.
  const socket = new WebSocket(`${plan.gateway.replace(/^http/, 'ws')}/mqtt`, null, {
    headers: { 'Sec-WebSocket-Protocol': 'mqtt' },
  })
  socket.binaryType = 'arraybuffer' as BinaryType
  const limit = setTimeout(() => socket.close(), publishMs + patienceMs)
  const read = createReader()

  socket.onopen = () =>
    send(connectPacket({ clientId: `k6-${vu.idInTest}-${turn}`, username: login, password: secret }))

  socket.onmessage = (message) => {
    for (const packet of read(message?.data as ArrayBuffer)) {
      if (packet.type === 'connack') onConnack(packet.code)
      if (packet.type === 'puback') onPuback(packet.id)
    }
  }

  socket.onclose = () => {
    clearTimeout(limit)
    if (pace !== undefined) clearInterval(pace)
    refused.add(!isLoggedIn)
    for (let lost = waiting.size; lost > 0; lost--) unanswered.add(true)
  }
  // It closes after an error, too; without a listener k6 writes each to the terminal.
  socket.onerror = () => undefined

  function onConnack(code: number): void {
    if (code !== 0) return socket.close()
    isLoggedIn = true
    connectMs.add(Date.now() - beganMs)
    pace = setInterval(publishOne, publishMs / messagesPerSession)
  }

  function publishOne(): void {
    if (published === messagesPerSession) return
    const id = ++published
    const key = pick(meters, id)
    const reading = { ua: 220 + id / 10, p: (id % 300) / 100, kwh: turn }
    const message = { t: Date.now(), id: turn * messagesPerSession + id, v: reading }
    waiting.set(id, Date.now())
    sent.add(1, { row: 'reading' })
    send(publishPacket(`gk/v1/${key}/readings`, id, JSON.stringify(message)))
  }

  function onPuback(id: number): void {
    const sentMs = waiting.get(id)
    if (sentMs === undefined) return
    waiting.delete(id)
    ackMs.add(Date.now() - sentMs)
    acknowledged.add(1, { row: 'reading' })
    unanswered.add(false)
    if (published < messagesPerSession || waiting.size > 0) return
    send(disconnectPacket())
    socket.close()
  }

  function send(packet: Uint8Array): void {
    socket.send(packet.buffer as ArrayBuffer)
  }
}
