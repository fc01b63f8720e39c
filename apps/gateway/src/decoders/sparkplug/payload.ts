import protobuf from 'protobufjs/light.js'

/** The part of a Sparkplug B payload that is read. Field numbers: eclipse/tahu, sparkplug_b.proto. All other fields are skipped by their wire type. */
export interface Payload {
  /** UTC ms. */
  readonly timestampMs: number | null
  readonly seq: number | null
  readonly metrics: readonly Metric[]
}

export interface Metric {
  readonly name: string | null
  readonly alias: bigint | null
  readonly timestampMs: number | null
  readonly datatype: number | null
  readonly isHistorical: boolean
  readonly isTransient: boolean
  readonly isNull: boolean
  /** As it stands on the wire; undefined: none, or one of a type that is not read. */
  readonly wire: Wire | undefined
}

export type Wire = number | bigint | boolean | string

/** Numbers of the data types that are told apart here. */
export const datatype = {
  int8: 1,
  int16: 2,
  int32: 3,
  int64: 4,
  uint8: 5,
  uint16: 6,
  uint32: 7,
  uint64: 8,
  float: 9,
  double: 10,
  boolean: 11,
  string: 12,
  dateTime: 13,
  text: 14,
  uuid: 15,
} as const

const wireType = protobuf.Root.fromJSON({
  nested: {
    Payload: {
      // In later editions a 0, a false or an empty text on the wire could not be told from nothing said.
      edition: 'proto2',
      fields: {
        timestamp: { type: 'uint64', id: 1 },
        metrics: { rule: 'repeated', type: 'Metric', id: 2 },
        seq: { type: 'uint64', id: 3 },
      },
      nested: {
        Metric: {
          fields: {
            name: { type: 'string', id: 1 },
            alias: { type: 'uint64', id: 2 },
            timestamp: { type: 'uint64', id: 3 },
            datatype: { type: 'uint32', id: 4 },
            isHistorical: { type: 'bool', id: 5 },
            isTransient: { type: 'bool', id: 6 },
            isNull: { type: 'bool', id: 7 },
            intValue: { type: 'uint32', id: 10 },
            longValue: { type: 'uint64', id: 11 },
            floatValue: { type: 'float', id: 12 },
            doubleValue: { type: 'double', id: 13 },
            booleanValue: { type: 'bool', id: 14 },
            stringValue: { type: 'string', id: 15 },
          },
        },
      },
    },
  },
}).lookupType('Payload')

/** How protobufjs gives 64 bits. */
interface Bits64 {
  readonly low: number
  readonly high: number
}

interface WirePayload {
  readonly timestamp?: Bits64
  readonly seq?: Bits64
  readonly metrics: readonly WireMetric[]
}

interface WireMetric {
  readonly name?: string
  readonly alias?: Bits64
  readonly timestamp?: Bits64
  readonly datatype?: number
  readonly isHistorical?: boolean
  readonly isTransient?: boolean
  readonly isNull?: boolean
  readonly intValue?: number
  readonly longValue?: Bits64
  readonly floatValue?: number
  readonly doubleValue?: number
  readonly booleanValue?: boolean
  readonly stringValue?: string
}

/** null: no payload of Sparkplug B. */
export function readPayload(bytes: Uint8Array): Payload | null {
  let read: WirePayload
  try {
    read = wireType.decode(bytes) as unknown as WirePayload
  } catch {
    return null
  }
  return {
    timestampMs: readOwn(read, 'timestamp', toNumber),
    seq: readOwn(read, 'seq', toNumber),
    metrics: read.metrics.map(toMetric),
  }
}

const toMetric = (metric: WireMetric): Metric => ({
  name: readOwn(metric, 'name', (name) => name),
  alias: readOwn(metric, 'alias', toBigInt),
  timestampMs: readOwn(metric, 'timestamp', toNumber),
  datatype: readOwn(metric, 'datatype', (type) => type),
  isHistorical: metric.isHistorical === true,
  isTransient: metric.isTransient === true,
  isNull: metric.isNull === true,
  wire: toWire(metric),
})

function toWire(metric: WireMetric): Wire | undefined {
  const wire =
    readOwn(metric, 'intValue', (value) => value) ??
    readOwn(metric, 'longValue', toBigInt) ??
    readOwn(metric, 'floatValue', (value) => value) ??
    readOwn(metric, 'doubleValue', (value) => value) ??
    readOwn(metric, 'booleanValue', (value) => value) ??
    readOwn(metric, 'stringValue', (value) => value)
  return wire ?? undefined
}

/** What is not on the wire is inherited as a default: only what is the message's own was said. */
const readOwn = <T extends object, K extends keyof T, R>(
  from: T,
  key: K,
  read: (value: NonNullable<T[K]>) => R,
): R | null => (Object.hasOwn(from, key) ? read(from[key] as NonNullable<T[K]>) : null)

const toBigInt = ({ low, high }: Bits64): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
const toNumber = (bits: Bits64): number => Number(toBigInt(bits))

const rebirthName = 'Node Control/Rebirth'

/** The one thing that a host says to an edge node: tell me all your names again. A command has no sequence number. */
export function rebirthCommand(nowMs: number): Uint8Array {
  const rebirth = {
    name: rebirthName,
    timestamp: nowMs,
    datatype: datatype.boolean,
    booleanValue: true,
  }
  return wireType.encode(wireType.create({ timestamp: nowMs, metrics: [rebirth] })).finish()
}
