import type {
  EventPayload,
  FixPayload,
  ReadingPayload,
  RejectReason,
  StatusPayload,
} from '@gridkeeper/contracts'

/**
 * What a protocol is to us: topics that it owns, and a pure function from bytes to what was said, in our words and units. A decoder never throws: what it
 * cannot take is a {@link Rejection}. Payload over the size limit never reaches it.
 */
export interface Decoder {
  readonly name: string
  readonly matches: (topic: string) => boolean
  readonly decode: (message: Undecoded) => Decoded
}

export interface Undecoded {
  readonly topic: string
  readonly bytes: Uint8Array
  /** UTC ms; for protocols that tell time from now backwards. */
  readonly receivedAtMs: number
  /** Who is logged in on the connection, for protocols whose topics name nobody; null or absent: nobody, or a broker in front knows. */
  readonly login?: string | null
}

export interface Rejection {
  readonly reason: RejectReason
  readonly detail: string | null
  /** The offending item of an array, as JSON; null: the whole payload. */
  readonly item: string | null
  /** Where that item could be said alone, when not on the message's own topic. */
  readonly topic?: string
}

export type DecodedItem =
  | {
      readonly channel: 'readings'
      readonly payload: ReadingPayload
      /** Says of itself that it was kept back: it is stored, and never moves the present, however new its time is. */
      readonly isHistorical?: true
    }
  | { readonly channel: 'fixes'; readonly payload: FixPayload }
  | { readonly channel: 'events'; readonly payload: EventPayload }
  | { readonly channel: 'status'; readonly payload: StatusPayload }

export interface Decoded {
  readonly deviceKey: string | null
  readonly items: readonly DecodedItem[]
  readonly rejections: readonly Rejection[]
  /** The payload is an array of several items. */
  readonly isList: boolean
  /** What further devices say in the same message: a concentrator's. */
  readonly others?: readonly Decoded[]
  /** A Sparkplug edge node that must tell its names again: the topic of its commands. The one thing that is ever sent towards a device. */
  readonly rebirth?: string
}

export const refused = (deviceKey: string | null, reason: RejectReason, detail: string): Decoded => ({
  deviceKey,
  items: [],
  rejections: [{ reason, detail, item: null }],
  isList: false,
})

/** Everything that one payload says; nothing of it is refused. */
export const said = (deviceKey: string, items: readonly DecodedItem[]): Decoded => ({
  deviceKey,
  items,
  rejections: [],
  isList: items.length > 1,
})

/** One reading of what was measured; nothing where nothing was. */
export const measured = (deviceKey: string, v: Readonly<Record<string, unknown>>, t?: number): Decoded =>
  said(
    deviceKey,
    Object.keys(v).length === 0
      ? []
      : [{ channel: 'readings', payload: { ...(t === undefined ? {} : { t }), v: { ...v } } }],
  )
