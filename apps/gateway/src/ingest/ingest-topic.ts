import { ownTracksHttpTopic } from '../decoders/owntracks/decode-owntracks.ts'

type Header = string | readonly string[] | undefined

/** Whose post it is: by the address (`?u=jane&d=phone`), by the headers `X-Limit-U` and `X-Limit-D`, or else by the payload's own `topic`. */
export function ownTracksTopicOf(query: URLSearchParams, headers: Readonly<Record<string, Header>>): string {
  const user = query.get('u') ?? headers['x-limit-u']
  const device = query.get('d') ?? headers['x-limit-d']
  return typeof user === 'string' && typeof device === 'string' && user !== '' && device !== ''
    ? `owntracks/${user}/${device}`
    : ownTracksHttpTopic
}

/** A page in a browser on this machine could post here, too: browsers mark what a page sends. An address typed by hand is not from a page. */
export const isFromPage = (headers: Readonly<Record<string, Header>>): boolean =>
  headers['origin'] !== undefined ||
  (headers['sec-fetch-site'] !== undefined && headers['sec-fetch-site'] !== 'none')
