import { fixPayload, type FixPayload } from '@gridkeeper/contracts'
import { convert } from '../convert.ts'
import { refused, said, type Decoded, type DecodedItem, type Decoder } from '../decoder.ts'
import { foreignKey } from '../foreign-key.ts'
import { readText } from '../limits.ts'
import { readOsmAndForm } from './osmand-form.ts'
import { readOsmAndJson } from './osmand-json.ts'

export const osmAndTopic = '/osmand'

/** What either form says, in our units. */
export interface OsmAndMessage {
  readonly deviceId: string | undefined
  /** null: no place, "where I was". */
  readonly fix: Partial<FixPayload> | null
  readonly alarm: string | undefined
}
export type OsmAndRead =
  { readonly ok: true; readonly message: OsmAndMessage } | { readonly ok: false; readonly detail: string }

/** OsmAnd and Traccar Client: a query or form (knots, percent), or JSON (m/s, 0 to 1). Device key: `osmand:<id>`. */
export const osmAnd: Decoder = {
  name: 'osmand',
  matches: (topic) => topic === osmAndTopic,
  decode: ({ bytes }) => {
    const text = readText(bytes)
    if (!text.ok) return { deviceKey: null, items: [], rejections: [text.rejection], isList: false }
    const read = text.content.trimStart().startsWith('{')
      ? readOsmAndJson(bytes)
      : readOsmAndForm(text.content)
    return read.ok ? toDecoded(read.message) : refused(null, 'undecodable', read.detail)
  },
}

function toDecoded({ deviceId, fix, alarm }: OsmAndMessage): Decoded {
  const key = foreignKey('osmand', deviceId ?? '')
  if (key === null) return refused(null, 'wrong-type', 'id: expected the id of the device')
  const items: DecodedItem[] = []
  if (fix !== null && !(fix.lat === 0 && fix.lon === 0)) {
    const parsed = fixPayload.safeParse(fix)
    const issue = parsed.error?.issues[0]
    if (!parsed.success) return refused(key, 'wrong-type', `${issue?.path.join('.')}: ${issue?.message}`)
    items.push({ channel: 'fixes', payload: parsed.data })
  }
  if (alarm !== undefined && alarm !== '') {
    const t = fix?.t
    items.push({
      channel: 'events',
      payload: { ...(t === undefined ? {} : { t }), event: alarm.slice(0, 64) },
    })
  }
  return said(key, items)
}

/** Both forms write −1 for "not known". */
export const ifKnown = <Key extends string>(key: Key, value: number | undefined, factor = 1) =>
  (value === undefined || value < 0 ? {} : { [key]: convert(value, factor) }) as {
    readonly [name in Key]?: number
  }
