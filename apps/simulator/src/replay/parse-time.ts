/** `iso`, `epoch-s`, `epoch-ms`, or a pattern of `d dd M MM yyyy H HH m mm s ss` and literal characters. */
export type TimeFormat = string

export type ParsedTime =
  { readonly ok: true; readonly timeMs: number } | { readonly ok: false; readonly reason: string }

const bad = (text: string): ParsedTime => ({ ok: false, reason: `not a time: “${text}”` })

/** Times without an offset of their own are local times of the zone (IANA name). */
export function parseTime(text: string, format: TimeFormat, zone: string): ParsedTime {
  const trimmed = text.trim()
  if (format === 'epoch-s' || format === 'epoch-ms') {
    const number = Number(trimmed)
    if (trimmed === '' || !Number.isFinite(number)) return bad(text)
    return { ok: true, timeMs: Math.round(format === 'epoch-s' ? number * 1_000 : number) }
  }
  if (format !== 'iso') return parsePattern(trimmed, format, zone)
  const match =
    /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/.exec(
      trimmed,
    )
  if (!match) return bad(text)
  const [, year, month, day, hour, minute, second, fraction, offset] = match
  const ms = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1_000)
  const wall = wallClock(
    [year, month, day, hour, minute, second].map((part) => Number(part ?? 0)),
    ms,
  )
  if (wall === null) return bad(text)
  return { ok: true, timeMs: offset === undefined ? fromZone(wall, zone) : wall - offsetMs(offset) }
}

function parsePattern(text: string, pattern: string, zone: string): ParsedTime {
  const names: string[] = []
  const source = pattern.replace(/yyyy|dd?|MM?|HH?|mm?|ss?|[^A-Za-z]/g, (token) => {
    if (!/^[A-Za-z]/.test(token)) return token.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    names.push(token[0]!)
    return token === 'yyyy' ? '(\\d{4})' : '(\\d{1,2})'
  })
  const match = new RegExp(`^${source}$`).exec(text)
  if (!match) return { ok: false, reason: `not a time of the form ${pattern}: “${text}”` }
  const part = (name: string, standard: number) => {
    const at = names.indexOf(name)
    return at < 0 ? standard : Number(match[at + 1])
  }
  const wall = wallClock(
    [part('y', 1970), part('M', 1), part('d', 1), part('H', 0), part('m', 0), part('s', 0)],
    0,
  )
  return wall === null ? bad(text) : { ok: true, timeMs: fromZone(wall, zone) }
}

/** The instant as if the clock on the wall showed UTC; null for the 31st of February. */
function wallClock([year, month, day, hour, minute, second]: number[], ms: number): number | null {
  const date = new Date(0)
  date.setUTCFullYear(year!, month! - 1, day!)
  date.setUTCHours(hour!, minute!, second!, ms)
  const isReal =
    date.getUTCMonth() === month! - 1 &&
    date.getUTCDate() === day &&
    hour! < 24 &&
    minute! < 60 &&
    second! < 60
  return isReal ? date.getTime() : null
}

const offsetMs = (offset: string) => {
  if (offset === 'Z') return 0
  const digits = offset.replace(':', '')
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5))
  return (digits.startsWith('-') ? -minutes : minutes) * 60_000
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** What the zone's clocks show at an instant, minus UTC. Throws RangeError for a zone that does not exist. */
export function zoneOffsetMs(timeMs: number, zone: string): number {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(zone, format)
  }
  const parts = Object.fromEntries(
    format.formatToParts(timeMs).map(({ type, value }) => [type, Number(value)]),
  )
  const shown = Date.UTC(
    parts['year']!,
    parts['month']! - 1,
    parts['day'],
    parts['hour'],
    parts['minute'],
    parts['second'],
  )
  return shown - Math.floor(timeMs / 1_000) * 1_000
}

/** Two looks settle it on both sides of a change to or from summer time. */
function fromZone(wallMs: number, zone: string): number {
  const guess = wallMs - zoneOffsetMs(wallMs, zone)
  return wallMs - zoneOffsetMs(guess, zone)
}
