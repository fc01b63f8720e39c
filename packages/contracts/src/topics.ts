/**
 * MQTT topics. Devices publish under `gk/v1/<device key>/…`; `gk/bus/…` is ours alone.
 * A device key is 1 to 64 of `A–Z a–z 0–9 . _ : -`, so that it can be neither a wildcard nor a level separator.
 */
export const deviceKeyPattern = /^[A-Za-z0-9._:-]{1,64}$/

export const channels = ['readings', 'fixes', 'events', 'status'] as const
export type Channel = (typeof channels)[number]

export interface DeviceTopic {
  readonly deviceKey: string
  readonly channel: Channel
}

const prefix = 'gk/v1/'

export const deviceTopic = (deviceKey: string, channel: Channel): string => `${prefix}${deviceKey}/${channel}`

/** null for a topic that is not one of ours. */
export function parseDeviceTopic(topic: string): DeviceTopic | null {
  if (!topic.startsWith(prefix)) return null
  const slash = topic.indexOf('/', prefix.length)
  if (slash < 0) return null
  const deviceKey = topic.slice(prefix.length, slash)
  const channel = channels.find((name) => name === topic.slice(slash + 1))
  return channel !== undefined && deviceKeyPattern.test(deviceKey) ? { deviceKey, channel } : null
}

/** The internal bus: readable and writable only by our own processes. */
export const bus = {
  all: 'gk/bus/#',
  prefix: 'gk/bus/',
  /** Binary frames of a gateway, its own sequence: `gk/bus/frames/<gateway id>`. */
  frames: (gatewayId: string) => `gk/bus/frames/${gatewayId}`,
  allFrames: 'gk/bus/frames/+',
  /** JSON {@link AlarmMessage}s of a gateway. */
  alarms: (gatewayId: string) => `gk/bus/alarms/${gatewayId}`,
  allAlarms: 'gk/bus/alarms/+',
  /** Retained JSON {@link GatewayStatus}; the last will says `online: false`. */
  status: (gatewayId: string) => `gk/bus/status/${gatewayId}`,
  allStatus: 'gk/bus/status/+',
  /** Someone changed grids, assets, keepers or devices: reload them. */
  registry: 'gk/bus/registry',
} as const

/** The user name under which our own processes log in at the broker. */
export const busUser = 'gk-bus'
