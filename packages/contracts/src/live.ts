import { z } from 'zod'

/**
 * The live stream over Socket.IO at `/live`.
 *
 * 1. The client emits `watch` with a grid id (null = all that it may see) and gets one binary `frame` that is a snapshot.
 * 2. Then `frame`s follow, each one sequence further, at most ten a second and none while nothing changes.
 * 3. The client emits `seen` with the sequence of each frame it has applied. The server keeps at most {@link maxUnseenFrames} on the way to
 *    one client; a client further behind gets nothing until it wakes, and then a fresh snapshot instead of the backlog.
 * 4. A client that finds a gap in the sequence emits `watch` again.
 */
export const livePath = '/live'
export const maxUnseenFrames = 16

export const severitySchema = z.enum(['attention', 'warning', 'critical'])

/** An alarm from raised to cleared. Times are UTC ms. */
export const alarmSchema = z.object({
  id: z.number().int(),
  assetId: z.number().int(),
  rule: z.string(),
  severity: severitySchema,
  metric: z.string().nullable(),
  value: z.number().nullable(),
  raisedAtMs: z.number(),
  clearedAtMs: z.number().nullable(),
})
export type Alarm = z.infer<typeof alarmSchema>

/** On the bus, from the gateway, after the commit. */
export const alarmMessageSchema = z.object({ sequence: z.number().int(), alarms: z.array(alarmSchema) })
export type AlarmMessage = z.infer<typeof alarmMessageSchema>

/** What a gateway did in its last 60 s, or since it started if that is less. Counts, and milliseconds from arrival to commit. */
export const gatewayMinuteSchema = z.object({
  seconds: z.number(),
  messages: z.number().int(),
  /** New rows, by table. */
  rows: z.record(z.string(), z.number().int()),
  batches: z.number().int(),
  retries: z.number().int(),
  /** Null: nothing was acknowledged. */
  ackP50Ms: z.number().nullable(),
  ackP99Ms: z.number().nullable(),
  /** Held back for lack of room, by what. */
  shed: z.record(z.string(), z.number().int()),
  /** Requests of the door that were refused, by reason. */
  refusals: z.record(z.string(), z.number().int()),
  /** Items that became dead letters, by reason. */
  deadLetters: z.record(z.string(), z.number().int()),
  /** Now. */
  waitingItems: z.number().int(),
  waitingBytes: z.number().int(),
  connections: z.number().int(),
})
export type GatewayMinute = z.infer<typeof gatewayMinuteSchema>

/** On the bus, retained, every few seconds. */
export const gatewayStatusSchema = z.object({
  gatewayId: z.string(),
  online: z.boolean(),
  /** Whether the gateway is acknowledging: false while the database is away or the intake is full. */
  taking: z.boolean(),
  /** What is not acknowledged for now, so that the rest comes through: nothing, the surplus of fixes, or that of readings, too. */
  shedding: z.enum(['nothing', 'fixes', 'readings']).default('nothing'),
  atMs: z.number(),
  /** Its last minute; absent until one has passed, or when it says goodbye. */
  minute: gatewayMinuteSchema.optional(),
})
export type GatewayStatus = z.infer<typeof gatewayStatusSchema>
export type Shedding = GatewayStatus['shedding']

/** The health of the whole chain behind the wall, sent on connection and when it changes. */
export interface FeedStatus {
  /** `down`: no gateway is alive on the bus, or the bus is away. `held`: a gateway is alive but not acknowledging. */
  readonly state: 'live' | 'held' | 'down'
  /** What some gateway does not acknowledge for now, for lack of room: its senders keep it and send it later. */
  readonly shedding: Shedding
  /** Arrival time of the newest message the twin knows of, UTC ms. */
  readonly newestMs: number | null
}

export interface ServerEvents {
  frame: (bytes: Uint8Array) => void
  /** Not held back for the tick. */
  alarm: (alarm: Alarm) => void
  feed: (status: FeedStatus) => void
  /** Grids, lines, assets or keepers changed: fetch the catalogue again. */
  catalogue: (version: number) => void
}

export interface ClientEvents {
  watch: (gridId: number | null) => void
  seen: (sequence: number) => void
}
