import {
  eventPayload,
  fixPayload,
  parseDeviceTopic,
  readingPayload,
  readPlainReading,
  statusPayload,
  type Channel,
} from '@gridkeeper/contracts'
import { refused, type Decoded, type DecodedItem, type Decoder, type Rejection } from '../decoder.ts'
import { readJsonList } from '../limits.ts'

const schemas = { readings: readingPayload, fixes: fixPayload, events: eventPayload, status: statusPayload }

/** Our own protocol: `gk/v1/<device key>/<channel>`, one JSON object or an array of them. Good items of an array are taken, bad ones are refused one by one. */
export const native: Decoder = {
  name: 'native',
  matches: (topic) => parseDeviceTopic(topic) !== null,
  decode: ({ topic, bytes }) => {
    const address = parseDeviceTopic(topic)
    if (address === null) return refused(null, 'unknown-topic', 'expected gk/v1/<device key>/<channel>')
    const { deviceKey, channel } = address
    const read = readJsonList(bytes)
    if (!read.ok) return { deviceKey, items: [], rejections: [read.rejection], isList: false }
    return { deviceKey, ...decodeItems(channel, read.content), isList: read.content.length > 1 }
  },
}

function decodeItems(channel: Channel, list: readonly unknown[]): Pick<Decoded, 'items' | 'rejections'> {
  const items: DecodedItem[] = []
  const rejections: Rejection[] = []
  for (const content of list) {
    const plain = channel === 'readings' ? readPlainReading(content) : null
    if (plain !== null) {
      items.push({ channel: 'readings', payload: plain })
      continue
    }
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
