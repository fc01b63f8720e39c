import {
  eventPayload,
  fixPayload,
  maxItems,
  maxPayloadBytes,
  parseDeviceTopic,
  readingPayload,
  statusPayload,
  type Channel,
  type EventPayload,
  type FixPayload,
  type ReadingPayload,
  type StatusPayload,
} from '@gridkeeper/contracts'

/** What comes through a front door, before anybody has looked at it. */
export interface RawMessage {
  readonly source: 'mqtt'
  readonly topic: string
  readonly bytes: Uint8Array
  /** UTC ms. */
  readonly receivedAtMs: number
  /** The connection's own name, for the dead-letter list. */
  readonly client: string | null
}

export type RejectReason =
  | 'unknown-topic'
  | 'too-large'
  | 'undecodable'
  | 'too-many-items'
  | 'wrong-type'
  | 'unknown-device'
  | 'wrong-channel'
  | 'refused-by-database'

export interface Rejection {
  readonly reason: RejectReason
  readonly detail: string | null
  /** The offending item of an array, as JSON; null: the whole payload. */
  readonly item: string | null
}

export type DecodedItem =
  | { readonly channel: 'readings'; readonly payload: ReadingPayload }
  | { readonly channel: 'fixes'; readonly payload: FixPayload }
  | { readonly channel: 'events'; readonly payload: EventPayload }
  | { readonly channel: 'status'; readonly payload: StatusPayload }

export interface Decoded {
  readonly deviceKey: string | null
  readonly items: readonly DecodedItem[]
  readonly rejections: readonly Rejection[]
  /** The payload is an array of several items. */
  readonly isList: boolean
}

const schemas = { readings: readingPayload, fixes: fixPayload, events: eventPayload, status: statusPayload }
/** No device says anything so deep; a message of brackets would overflow the stack of whoever walks it, the database's too. */
const maxDepth = 32
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The native protocol: `gk/v1/<device key>/<channel>`, one JSON object or an array of them. Good items of an array are taken, bad ones are refused one by one. */
export function decodeMessage({ topic, bytes }: Pick<RawMessage, 'topic' | 'bytes'>): Decoded {
  const address = parseDeviceTopic(topic)
  if (address === null) return refused(null, 'unknown-topic', 'expected gk/v1/<device key>/<channel>')
  const { deviceKey, channel } = address
  if (bytes.byteLength > maxPayloadBytes)
    return refused(deviceKey, 'too-large', `${bytes.byteLength} bytes are more than ${maxPayloadBytes}`)
  let content: unknown
  try {
    content = JSON.parse(utf8.decode(bytes))
  } catch (error) {
    return refused(deviceKey, 'undecodable', error instanceof Error ? error.message : 'not JSON in UTF-8')
  }
  if (isDeeper(content, maxDepth))
    return refused(deviceKey, 'undecodable', `nested deeper than ${maxDepth} levels`)
  const list: readonly unknown[] = Array.isArray(content) ? content : [content]
  if (list.length > maxItems)
    return refused(deviceKey, 'too-many-items', `${list.length} are more than ${maxItems}`)
  return { deviceKey, ...decodeItems(channel, list), isList: list.length > 1 }
}

function decodeItems(channel: Channel, list: readonly unknown[]): Pick<Decoded, 'items' | 'rejections'> {
  const items: DecodedItem[] = []
  const rejections: Rejection[] = []
  for (const content of list) {
    const result = schemas[channel].safeParse(content)
    if (result.success) {
      items.push({ channel, payload: result.data } as DecodedItem)
      continue
    }
    const issue = result.error.issues[0]
    const detail = issue === undefined ? null : `${issue.path.join('.') || 'payload'}: ${issue.message}`
    rejections.push({
      reason: 'wrong-type',
      detail,
      item: list.length === 1 ? null : JSON.stringify(content),
    })
  }
  return { items, rejections }
}

const refused = (deviceKey: string | null, reason: RejectReason, detail: string): Decoded => ({
  deviceKey,
  items: [],
  rejections: [{ reason, detail, item: null }],
  isList: false,
})

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1))
}
