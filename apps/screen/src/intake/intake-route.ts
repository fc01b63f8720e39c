/** `#/intake/<section>/<part>/…?query`: what is open can be sent to a colleague, and a phone's back key closes it. */
export const intakeSections = ['gateways', 'quarantine', 'dead-letters', 'devices'] as const
export type IntakeSection = (typeof intakeSections)[number]

export interface IntakeRoute {
  readonly section: IntakeSection
  /** What is open in the section: a key, a key and a login, or an id. */
  readonly parts: readonly string[]
  readonly query: Readonly<Record<string, string>>
}

const decode = (part: string) => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Null: the hash is not of this page. */
export function readIntakeRoute(hash: string): IntakeRoute | null {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2)
  const [, page, wanted, ...parts] = path.split('/')
  if (page !== 'intake') return null
  const section = intakeSections.find((name) => name === wanted) ?? 'gateways'
  return { section, parts: parts.map(decode), query: Object.fromEntries(new URLSearchParams(query)) }
}

export function writeIntakeRoute({
  section,
  parts = [],
  query = {},
}: Partial<IntakeRoute> & { section: IntakeSection }): string {
  const path = ['#', 'intake', section, ...parts.map(encodeURIComponent)].join('/')
  const text = new URLSearchParams(query).toString()
  return text === '' ? path : `${path}?${text}`
}
