import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ownTracksTopicOf } from '../ingest/ingest-topic.ts'
import { decodeMessage } from '../intake/decode-message.ts'
import { nowMs } from './decoder.trial.ts'
import type { Decoded } from './decoder.ts'
import { createDecoders } from './decoders.ts'

const decoders = createDecoders()
const guide = readFileSync(join(import.meta.dirname, '../../../../docs/protocols.md'), 'utf8')

/**
 * An `example` block has a topic, or a request line, and below it the payload; the block after it says what that becomes, for one device or a list of them.
 * `as <user name>` says who is logged in, `in hex` that the payload is binary. Later examples know what earlier ones said.
 */
const examples = [
  ...guide.matchAll(
    /^```text example(?: as (\S+))?( in hex)?\n(.+)\n([^]*?)^```\n\s*^```json becomes\n([^]*?)^```/gm,
  ),
].map(([, login = null, hex, address = '', payload = '', becomes = '']) => ({
  login,
  isBinary: hex !== undefined,
  address,
  payload: payload.trim(),
  becomes,
}))

/** What the HTTP door hands on: the topic, and the query where there is no body. */
function toMessage(address: string, payload: string): { topic: string; text: string } {
  const [, path = address, query = ''] = /^(?:GET|POST) ([^?]*)\??(.*)$/.exec(address) ?? []
  const native = /^\/ingest\/(v1\/[^/]+\/\w+)$/.exec(path)?.[1]
  if (native !== undefined) return { topic: `gk/${native}`, text: payload }
  if (path === '/owntracks') return { topic: ownTracksTopicOf(new URLSearchParams(query), {}), text: payload }
  return { topic: path, text: payload === '' ? query : payload }
}

describe('docs/protocols.md', () => {
  it('has an example of every protocol, each block with its result', () => {
    const topics = examples.map(({ address, payload }) => toMessage(address, payload).topic)
    for (const { name, matches } of decoders) expect(topics.some(matches), name).toBe(true)
    expect(guide.match(/^```text example/gm)).toHaveLength(examples.length)
  })

  it.each(examples)('tells the truth about $address', ({ address, payload, becomes, login, isBinary }) => {
    const { topic, text } = toMessage(address, payload)
    const bytes = isBinary ? Buffer.from(text.replaceAll(/\s/g, ''), 'hex') : Buffer.from(text)
    const { others = [], ...first } = decodeMessage({ topic, bytes, receivedAtMs: nowMs, login }, decoders)
    const said = [first, ...others].filter(({ items }) => items.length > 0).map(toBecomes)
    expect([first, ...others].flatMap(({ rejections }) => rejections)).toEqual([])
    const expected = JSON.parse(becomes) as unknown
    expect(Array.isArray(expected) ? said : (said[0] ?? {})).toEqual(expected)
    // No topic belongs to two protocols.
    expect(decoders.filter(({ matches }) => matches(topic))).toHaveLength(1)
  })
})

function toBecomes({ deviceKey, items }: Decoded) {
  const said = (name: string) => items.filter(({ channel }) => channel === name).map((item) => item.payload)
  const lists = {
    readings: said('readings'),
    fixes: said('fixes'),
    events: said('events'),
    status: said('status'),
  }
  return {
    device: deviceKey,
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
  }
}
