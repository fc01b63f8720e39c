import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { bus } from '@gridkeeper/contracts'
import { MessageTaker, type TakeMessage } from './message-taker.ts'
import { MqttConnection, type ConnectionOptions } from './mqtt-connection.ts'

/**
 * A shared subscription gives each message to one session, and brokers go on giving to a session whose gateway is gone (Mosquitto in turn with all others): what it
 * gets waits for a gateway that may never come back. So each session says on the bus that it is there, with a will that says the opposite after a delay, and a
 * gateway that hears the will empties the session under its own name: no new messages for it, what waits is taken and committed, then the session ends.
 *
 * The broker arbitrates: of two with one client id the later one stays. If the owner comes back the heir is thrown out and the owner goes on; two heirs likewise.
 */
const sessionSchema = z.object({
  state: z.enum(['here', 'away']),
  filters: z.array(z.string().min(1).max(512)).max(256),
})
type SessionWord = z.infer<typeof sessionSchema>

const prefix = `${bus.prefix}session/`
export const sessionTopic = (group: string, clientId: string) => `${prefix}${group}/${clientId}`
export const sessionTopics = (group: string) => `${prefix}${group}/+`
export const isSessionTopic = (topic: string) => topic.startsWith(prefix)
export const sessionWord = (word: SessionWord) => JSON.stringify(word)

/** Null: an empty word (forgotten), or none that we understand. */
export function readSessionWord(topic: string, bytes: Buffer): (SessionWord & { clientId: string }) | null {
  if (bytes.length === 0) return null
  try {
    const word = sessionSchema.safeParse(JSON.parse(bytes.toString()))
    return word.success ? { ...word.data, clientId: topic.slice(topic.lastIndexOf('/') + 1) } : null
  } catch {
    return null
  }
}

/** Nothing came and nothing is in flight for so long: the session is empty. */
const quietMs = 2_000

/** What the emptying of a session came to; `interrupted`: its owner or another heir has it. */
export interface Inheritance {
  readonly outcome: 'empty' | 'nothing-there' | 'interrupted'
  readonly messages: number
}

export interface HeirOptions {
  readonly connection: Omit<ConnectionOptions, 'onPublish' | 'onEnd'>
  readonly group: string
  readonly filters: readonly string[]
  readonly take: TakeMessage
  readonly stopping: AbortSignal
}

export async function takeOver({
  connection: options,
  group,
  filters,
  take,
  stopping,
}: HeirOptions): Promise<Inheritance> {
  const seen = { messages: 0, inFlight: 0, lastMs: 0 }
  let taker: MessageTaker | undefined
  const makeTaker = (from: MqttConnection) =>
    new MessageTaker(
      from,
      take,
      options.receiveMaximum,
      () => stopping.aborted,
      (change) => {
        seen.inFlight += change
        seen.lastMs = Date.now()
      },
    )
  const connection = await MqttConnection.open({
    ...options,
    onPublish: (packet, from) => {
      seen.messages++
      taker ??= makeTaker(from)
      taker.hear(packet)
    },
    onEnd: () => taker?.close(),
  })
  const { sessionPresent } = connection.connack
  try {
    if (sessionPresent) {
      await connection.unsubscribe(filters)
      seen.lastMs = Date.now()
      while (
        !connection.isEnded &&
        !stopping.aborted &&
        (seen.inFlight > 0 || Date.now() - seen.lastMs < quietMs)
      )
        await sleep(100)
    }
    if (connection.isEnded || stopping.aborted) return { outcome: 'interrupted', messages: seen.messages }
    taker?.acknowledgeNow()
    connection.publish(sessionTopic(group, options.clientId), '', { qos: 1, retain: true })
    await connection.close({ sessionExpirySeconds: 0 })
    return { outcome: sessionPresent ? 'empty' : 'nothing-there', messages: seen.messages }
  } catch (error) {
    if (connection.isEnded) return { outcome: 'interrupted', messages: seen.messages }
    throw error
  } finally {
    if (!connection.isEnded) await connection.close({ withWill: true })
  }
}
