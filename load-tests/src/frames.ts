/**
 * What a screen receives: frames a second, bytes per changed asset, and silence while nothing changes.
 *
 *   npm run load:frames -- --seconds 30
 */
import { parseArgs } from 'node:util'
import { decodeFrame, livePath, type ClientEvents, type ServerEvents } from '@gridkeeper/contracts'
import { io, type Socket } from 'socket.io-client'
import { nameEngine } from './name-engine.ts'
import { basicLogin, findRunningSystem } from './running-system.ts'
import { writeResult } from './write-result.ts'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' } } })
const seconds = Number(values.seconds)
const run = findRunningSystem()

const socket: Socket<ServerEvents, ClientEvents> = io(run.urls.wall, {
  path: livePath,
  transports: ['websocket'],
  extraHeaders: { authorization: basicLogin(run) },
})
const frames: { atMs: number; bytes: number; assets: number; keepers: number; isSnapshot: boolean }[] = []
let gaps = 0
let last: number | null = null
socket.on('frame', (bytes) => {
  const frame = decodeFrame(new Uint8Array(bytes))
  if (!frame.isSnapshot && last !== null && frame.sequence !== last + 1) gaps++
  last = frame.sequence
  frames.push({
    atMs: Date.now(),
    bytes: bytes.byteLength,
    assets: frame.assets.length,
    keepers: frame.keepers.length,
    isSnapshot: frame.isSnapshot,
  })
  socket.emit('seen', frame.sequence)
})
await new Promise<void>((resolve, reject) => {
  socket.once('connect', resolve)
  socket.once('connect_error', reject)
})
socket.emit('watch', null)
await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
socket.disconnect()

const deltas = frames.filter((frame) => !frame.isSnapshot)
const sum = (pick: (frame: (typeof frames)[number]) => number) =>
  deltas.reduce((total, frame) => total + pick(frame), 0)
const keeperBytes = 24 * sum((frame) => frame.keepers)
const perSecond = new Map<number, number>()
for (const { atMs } of deltas)
  perSecond.set(Math.floor(atMs / 1000), (perSecond.get(Math.floor(atMs / 1000)) ?? 0) + 1)
writeResult({
  name: 'frames',
  goal: '≤ 16 bytes per changed asset, ≤ 10 frames a second',
  engine: await nameEngine(run.urls.database),
  figures: {
    seconds,
    snapshotBytes: frames.find((frame) => frame.isSnapshot)?.bytes ?? 0,
    frames: deltas.length,
    mostFramesInOneSecond: Math.max(0, ...perSecond.values()),
    changedAssets: sum((frame) => frame.assets),
    changedKeepers: sum((frame) => frame.keepers),
    bytes: sum((frame) => frame.bytes),
    bytesPerChangedAsset: (
      (sum((frame) => frame.bytes) - keeperBytes) /
      Math.max(
        1,
        sum((frame) => frame.assets),
      )
    ).toFixed(2),
    sequenceGaps: gaps,
  },
})
