import type { Credentials } from '../door/logins.ts'

/** How a sender says who he is. `bearer` has a secret without a name: the token of a login, or else the secret of the device that the message is of. */
export type Presented =
  | ({ readonly kind: 'named' } & Credentials)
  | { readonly kind: 'bearer'; readonly secret: string }
  | { readonly kind: 'none' }

/** The header first; the query's `secret` for apps that can only be given an address (OsmAnd, Traccar Client). */
export function readCredentials(authorization: string | undefined, query: URLSearchParams): Presented {
  const [, scheme = '', rest = ''] = /^\s*(\S+)\s+(.*\S)\s*$/.exec(authorization ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer' && rest !== '') return { kind: 'bearer', secret: rest }
  if (scheme.toLowerCase() === 'basic') return readBasic(rest)
  const secret = query.get('secret')
  return secret === null || secret === '' ? { kind: 'none' } : { kind: 'bearer', secret }
}

function readBasic(encoded: string): Presented {
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const name = colon < 0 ? text : text.slice(0, colon)
  return { kind: 'named', name, secret: colon < 0 ? null : text.slice(colon + 1) }
}

/** A query or form without its `secret`, everything else as it came: what is decoded may be kept as a dead letter. */
export const withoutSecret = (form: string): string =>
  form
    .split('&')
    .filter((pair) => {
      const name = pair.split('=', 1)[0]!.replaceAll('+', ' ')
      try {
        return decodeURIComponent(name) !== 'secret'
      } catch {
        return true
      }
    })
    .join('&')
