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
const pattern =
  /^spBv1\.0\/([^/]+)\/(N(?:BIRTH|DEATH|DATA|CMD)(?=\/[^/]+$)|D(?:BIRTH|DEATH|DATA|CMD)(?=\/[^/]+\/))\/([^/]+)(?:\/([^/]+))?$/
const statePattern = /^spBv1\.0\/STATE\/[^/]+$/

export const isSparkplugTopic = (topic: string): boolean => pattern.test(topic) || statePattern.test(topic)

/** null for the state of a host, which is no edge node's. */
export function parseSparkplugTopic(topic: string): SparkplugTopic | null {
  const [, group, type, edge, device = null] = pattern.exec(topic) ?? []
  if (group === undefined || type === undefined || edge === undefined) return null
  return { group, type: type as MessageType, edge, device }
}

export const commandTopic = ({ group, edge }: SparkplugTopic): string => `${namespace}/${group}/NCMD/${edge}`
