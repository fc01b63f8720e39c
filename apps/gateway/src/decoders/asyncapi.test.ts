import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import {
  alarmMessageSchema,
  alarmSchema,
  bus,
  eventPayload,
  fixPayload,
  gatewayStatusSchema,
  livePath,
  readingPayload,
  statusPayload,
  type ClientEvents,
  type ServerEvents,
} from '@gridkeeper/contracts'
import { decodeMessage } from '../intake/decode-message.ts'
import { bytesOf, nowMs } from './decoder.trial.ts'
import { createDecoders } from './decoders.ts'

interface Reference {
  readonly $ref: string
}

interface Message {
  readonly name?: string
  readonly examples?: readonly { readonly payload: unknown }[]
  readonly 'x-login'?: string
  readonly 'x-example-encoding'?: 'hex'
}

interface Channel {
  readonly address: string
  readonly parameters?: Readonly<
    Record<string, { readonly examples: readonly string[]; readonly enum?: readonly string[] }>
  >
  readonly messages: Readonly<Record<string, Reference>>
  readonly 'x-decoder'?: string
}

interface AsyncApi {
  readonly channels: Readonly<Record<string, Channel>>
  readonly operations: Readonly<Record<string, { readonly channel: Reference }>>
  readonly components: {
    readonly messages: Readonly<Record<string, Message>>
    readonly schemas: Readonly<Record<string, unknown>>
  }
}

const text = readFileSync(join(import.meta.dirname, '../../../../docs/asyncapi.yaml'), 'utf8')
const document = parse(text) as AsyncApi
const require = createRequire(import.meta.url)
const officialSchema = require('@asyncapi/specs/schemas/3.0.0.json') as object
const channels = Object.entries(document.channels)
const decoded = channels.filter(([, channel]) => channel['x-decoder'] !== undefined)

/** Addresses with the example of each parameter in its place; where a parameter has a closed list, one for each of it. */
function topicsOf({ address, parameters = {} }: Channel): readonly string[] {
  return Object.entries(parameters).reduce<readonly string[]>(
    (topics, [name, { examples, enum: closed }]) =>
      (closed ?? examples.slice(0, 1)).flatMap((value) =>
        topics.map((topic) => topic.replace(`{${name}}`, value)),
      ),
    [address],
  )
}

const lookUp = ({ $ref }: Reference): unknown =>
  $ref
    .slice(2)
    .split('/')
    .reduce<unknown>((at, part) => (at as Readonly<Record<string, unknown>> | undefined)?.[part], document)

function referencesIn(value: unknown): readonly Reference[] {
  if (typeof value !== 'object' || value === null) return []
  if ('$ref' in value) return [value as Reference]
  return Object.values(value).flatMap(referencesIn)
}

// The official schema brings its own copy of draft 7.
const options = { strict: false, validateSchema: false, validateFormats: false, meta: false }
const ajv = new Ajv(options)
ajv.addSchema(document, 'asyncapi')

describe('docs/asyncapi.yaml', () => {
  it('is an AsyncAPI 3.0 document, and refers to nothing that it does not have', () => {
    const validate = new Ajv(options).compile(officialSchema)
    expect(validate(document), JSON.stringify(validate.errors?.slice(0, 5))).toBe(true)
    for (const reference of referencesIn(document)) expect(lookUp(reference), reference.$ref).toBeDefined()
  })

  it('has every protocol, and an operation for every channel', () => {
    const named = new Set(decoded.map(([, channel]) => channel['x-decoder']))
    expect([...named].toSorted()).toEqual(
      createDecoders()
        .map(({ name }) => name)
        .toSorted(),
    )
    const used = new Set(Object.values(document.operations).map(({ channel }) => channel.$ref))
    expect([...used].toSorted()).toEqual(channels.map(([name]) => `#/channels/${name}`).toSorted())
  })

  it.each(decoded)('gives %s to the decoder that owns it, and to no other', (_name, channel) => {
    for (const topic of topicsOf(channel)) {
      expect(topic).not.toMatch(/[{}]/)
      const owners = createDecoders().filter(({ matches }) => matches(topic))
      expect(owners.map(({ name }) => name)).toEqual([channel['x-decoder']])
    }
  })

  const examples = decoded.flatMap(([, channel]) =>
    Object.entries(channel.messages).flatMap(([name, reference]) =>
      ((lookUp(reference) as Message).examples ?? []).map(({ payload }) => ({ channel, name, payload })),
    ),
  )

  it.each(examples)('has an example of $name that is as it says and is taken: $payload', (example) => {
    const { channel, name, payload } = example
    const message = document.components.messages[name]
    const validate = ajv.getSchema(`asyncapi#/components/messages/${name}/payload`)
    expect(validate?.(payload), JSON.stringify(validate?.errors)).toBe(true)
    const isHex = message?.['x-example-encoding'] === 'hex'
    const bytes = isHex ? Buffer.from(payload as string, 'hex') : bytesOf(payload)
    const login = message?.['x-login'] ?? null
    const topic = topicsOf(channel)[0] ?? ''
    const { others = [], ...first } = decodeMessage(
      { topic, bytes, receivedAtMs: nowMs, login },
      createDecoders(),
    )
    const parts = [first, ...others]
    expect(parts.flatMap(({ rejections }) => rejections)).toEqual([])
    expect(parts.flatMap(({ items }) => items)).not.toEqual([])
  })

  it('has an example of every message that a decoder takes', () => {
    const without = decoded
      .filter(([name]) => document.operations[`send${name[0]?.toUpperCase()}${name.slice(1)}`] === undefined)
      .filter(([, channel]) => !examples.some((example) => example.channel === channel))
    expect(without).toEqual([])
  })

  it.each([
    ['Reading', readingPayload],
    ['Fix', fixPayload],
    ['Event', eventPayload],
    ['Status', statusPayload],
    ['Alarm', alarmSchema],
    ['AlarmMessage', alarmMessageSchema],
    ['GatewayStatus', gatewayStatusSchema],
  ])('describes %s as the code takes it', (name, schema) => {
    const { $schema: _, ...expected } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' })
    expect(document.components.schemas[name]).toEqual(expected)
  })

  it('has the bus and the live stream as they are', () => {
    const addressOf = (name: string) => document.channels[name]?.address
    expect(['busFrames', 'busAlarms', 'busStatus', 'busRegistry'].map(addressOf)).toEqual([
      bus.frames('{gatewayId}'),
      bus.alarms('{gatewayId}'),
      bus.status('{gatewayId}'),
      bus.registry,
    ])
    expect(addressOf('live')).toBe(livePath)
    // The compiler sees to it that none is missing.
    const events: Record<keyof ServerEvents | keyof ClientEvents, true> = {
      frame: true,
      alarm: true,
      feed: true,
      catalogue: true,
      watch: true,
      seen: true,
    }
    const described = Object.values(document.channels['live']?.messages ?? {})
    expect(described.map((reference) => (lookUp(reference) as Message).name).toSorted()).toEqual(
      Object.keys(events).toSorted(),
    )
  })
})
