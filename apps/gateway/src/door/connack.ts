import type { IConnackPacket, IConnectPacket } from 'mqtt-packet'
import type { SessionLimits } from './device-session.ts'

/**
 * The answer to a CONNECT that was let in. Nothing is kept for a device, so no session is ever present and none outlives its connection. `retainAvailable` is
 * left at "yes": the flag means nothing to us, but many devices set it, and a client that is told "no" would not send them.
 */
export function connackFor(
  { protocolVersion, clientId }: IConnectPacket,
  givenId: string,
  { inflight, maxPacketBytes }: SessionLimits,
): IConnackPacket {
  if (protocolVersion !== 5) return { cmd: 'connack', returnCode: 0, sessionPresent: false }
  return {
    cmd: 'connack',
    reasonCode: 0,
    sessionPresent: false,
    properties: {
      sessionExpiryInterval: 0,
      receiveMaximum: Math.min(inflight, 65_535),
      maximumPacketSize: maxPacketBytes,
      topicAliasMaximum: 0,
      wildcardSubscriptionAvailable: false,
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionAvailable: false,
      ...(clientId === '' ? { assignedClientIdentifier: givenId } : {}),
    },
  }
}
