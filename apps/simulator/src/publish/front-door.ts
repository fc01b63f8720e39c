import type { Channel, EventPayload, FixPayload, ReadingPayload } from '@gridkeeper/contracts'
import { maxItems, maxPayloadBytes } from '@gridkeeper/contracts'

/** The channels that carry items. */
export type ItemChannel = Exclude<Channel, 'status'>
export type Item = ReadingPayload | FixPayload | EventPayload

/** Where devices publish. The simulator knows the system by nothing but this and the import of the registry. */
export interface FrontDoor {
  /** Resolves true when the broker has acknowledged the message, false when it never will. */
  readonly publish: (
    deviceKey: string,
    channel: ItemChannel,
    items: Item | readonly Item[],
  ) => Promise<boolean>
  /** Messages sent and not yet acknowledged. */
  readonly inFlight: () => number
  readonly counts: () => Counts
}

/** Items, not messages: a message may carry an array. */
export interface Counts {
  readonly sent: Readonly<Record<ItemChannel, number>>
  readonly acknowledged: Readonly<Record<ItemChannel, number>>
  readonly failed: Readonly<Record<ItemChannel, number>>
}

const none = () => ({ readings: 0, fixes: 0, events: 0 })

export class Tally {
  readonly sent = none()
  readonly acknowledged = none()
  readonly failed = none()
}

/** Splits items so that no payload is larger than the front door takes. */
export function inPayloads<T extends Item>(items: readonly T[]): T[][] {
  const payloads: T[][] = []
  let current: T[] = []
  let bytes = 2
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1
    if (current.length > 0 && (bytes + size > maxPayloadBytes || current.length >= maxItems)) {
      payloads.push(current)
      current = []
      bytes = 2
    }
    current.push(item)
    bytes += size
  }
  if (current.length > 0) payloads.push(current)
  return payloads
}
