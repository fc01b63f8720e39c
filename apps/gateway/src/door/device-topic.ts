import { bus } from '@gridkeeper/contracts'
import { foreignKey } from '../decoders/foreign-key.ts'

/** What nobody publishes to: the bus, a broker's own topics, and what is a filter or no text. Who tries either attacks or is broken. */
export const isForbiddenTopic = (topic: string): boolean =>
  topic === '' ||
  topic.startsWith('$') ||
  topic.startsWith(bus.prefix) ||
  topic === 'gk/bus' ||
  topic.includes('+') ||
  topic.includes('#') ||
  topic.includes('\0')

/** The device key of the Sparkplug edge node whose commands this filter asks for, null for any other filter. No wildcards but what follows the edge node. */
export function edgeOfCommands(filter: string): string | null {
  const [space, group = '', type, edge = '', ...more] = filter.split('/')
  if (space !== 'spBv1.0' || (type !== 'NCMD' && type !== 'DCMD')) return null
  if (/[+#\0]/.test(group + edge) || (more.length > 0 && !(more.length === 1 && !/[#].|\0/.test(more[0]!))))
    return null
  return foreignKey('sparkplug', group, edge)
}

/** The filters that a command's topic goes to: itself, and everything of its edge node. */
export const filtersOf = (topic: string): readonly string[] => {
  const [space, group, type, edge] = topic.split('/')
  const base = `${space}/${group}/${type}/${edge}`
  return topic === base ? [base, `${base}/#`] : [topic, `${base}/#`, `${base}/+`]
}
