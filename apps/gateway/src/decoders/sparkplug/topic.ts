type MessageType = 'NBIRTH' | 'NDEATH' | 'NDATA' | 'NCMD' | 'DBIRTH' | 'DDEATH' | 'DDATA' | 'DCMD'
/** What an edge node says; commands are said to it. */
export type SpokenType = Exclude<MessageType, 'NCMD' | 'DCMD'>

export interface SparkplugTopic {
  readonly group: string
  readonly type: MessageType
  readonly edge: string
  /** null: the edge node itself. */
  readonly device: string | null
}

const namespace = 'spBv1.0'
/** Of a group, an edge node or a device: the host remembers them. */
const name = '[^/]{1,128}'
const pattern = new RegExp(
  `^spBv1\\.0/(${name})/(?:(N(?:BIRTH|DEATH|DATA|CMD))/(${name})|(D(?:BIRTH|DEATH|DATA|CMD))/(${name})/(${name}))$`,
)
const statePattern = /^spBv1\.0\/STATE\/[^/]+$/

export const isSparkplugTopic = (topic: string): boolean => pattern.test(topic) || statePattern.test(topic)

/** null for the state of a host, which is no edge node's. */
export function parseSparkplugTopic(topic: string): SparkplugTopic | null {
  const [, group, ofNode, node, ofDevice, edge = node, device = null] = pattern.exec(topic) ?? []
  const type = ofNode ?? ofDevice
  if (group === undefined || type === undefined || edge === undefined) return null
  return { group, type: type as MessageType, edge, device }
}

export const commandTopic = ({ group, edge }: SparkplugTopic): string => `${namespace}/${group}/NCMD/${edge}`
