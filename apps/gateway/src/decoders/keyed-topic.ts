import { deviceKeyPattern } from '@gridkeeper/contracts'

const prefix = 'gk/v1/'

/** The device key of `gk/v1/<device key>/<channel>` for a channel that speaks another language than ours; null for any other topic. */
export function keyOn(topic: string, channel: string): string | null {
  const end = `/${channel}`
  if (!topic.startsWith(prefix) || !topic.endsWith(end)) return null
  const key = topic.slice(prefix.length, -end.length)
  return deviceKeyPattern.test(key) ? key : null
}
