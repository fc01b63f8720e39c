import type { RejectReason } from '@gridkeeper/contracts'
import type { ResolvedMessage } from '../intake/resolve-message.ts'
import { reason } from './packets.ts'

/** The whole message was refused for what its speaker is; what waits for adoption was not refused, it waits. */
const codes: Readonly<Record<RejectReason, number>> = {
  'not-own-key': reason.notAuthorised,
  revoked: reason.notAuthorised,
  'unknown-topic': reason.topicInvalid,
  'too-large': reason.payloadInvalid,
  undecodable: reason.payloadInvalid,
  'too-many-items': reason.payloadInvalid,
  'wrong-type': reason.payloadInvalid,
  'wrong-channel': reason.payloadInvalid,
  'unknown-alias': reason.success,
  'unknown-device': reason.success,
  'no-login': reason.success,
  'refused-by-database': reason.payloadInvalid,
}

/** The MQTT 5 reason of a PUBACK: an error only when nothing of the message was taken. The bytes are in the dead-letter list in any case. */
export function reasonOf({ readings, fixes, events, statuses, deadLetters }: ResolvedMessage): number {
  if (readings.length + fixes.length + events.length + statuses.length > 0) return reason.success
  const [first] = deadLetters
  return first === undefined ? reason.success : (codes[first.reason as RejectReason] ?? reason.success)
}
