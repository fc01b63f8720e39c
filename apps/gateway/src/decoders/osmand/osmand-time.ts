/** Below it a whole number is seconds, else milliseconds (the rule of Traccar's own server). */
const secondsLimit = 2 ** 31 - 1

const plain = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/

/** Seconds, milliseconds, ISO 8601, or `yyyy-MM-dd HH:mm:ss`; a time without a zone is UTC. UTC ms; undefined where it is none of these. */
export function readOsmAndTime(text: string): number | undefined {
  if (/^\d{1,15}$/.test(text)) {
    const number = Number(text)
    return number < secondsLimit ? number * 1000 : number
  }
  const [, date, time] = plain.exec(text) ?? []
  const iso = date === undefined ? text : `${date}T${time}Z`
  if (!/^\d{4}-\d{2}-\d{2}T/.test(iso)) return undefined
  const ms = Date.parse(/(Z|[+-]\d{2}:?\d{2})$/.test(iso) ? iso : `${iso}Z`)
  return Number.isNaN(ms) ? undefined : ms
}
