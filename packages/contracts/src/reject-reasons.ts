/**
 * Why a message, or an item of one, becomes a dead letter. A closed set: the gateway gives no other, the operator's page has words for each,
 * docs/operations.md tells what to do about it.
 */
export const rejectReasons = [
  'unknown-topic',
  'too-large',
  'undecodable',
  'too-many-items',
  'wrong-type',
  'unknown-device',
  'no-login',
  'not-own-key',
  'revoked',
  'unknown-alias',
  'wrong-channel',
  'refused-by-database',
] as const
export type RejectReason = (typeof rejectReasons)[number]

/** What the front door refuses, and why: the labels of `gk_refusals_total`. A closed set, too. */
export const refusalReasons = [
  // Before anybody has said who he is.
  'too-many-connections',
  'banned',
  'connect-timeout',
  'pre-login-bytes',
  'from-page',
  // Who he is.
  'wrong-secret',
  'revoked',
  'too-many-strangers',
  // What he says.
  'malformed',
  'packet-too-large',
  'protocol-error',
  'forbidden-topic',
  'not-own-key',
  'subscribe',
  // How he says it.
  'rate',
  'keep-alive',
  'slow-reader',
  // Somebody else decided.
  'registry-changed',
] as const
export type RefusalReason = (typeof refusalReasons)[number]
