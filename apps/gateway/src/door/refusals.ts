/** What the front door refuses, and why: the labels of `gk_refusals_total`. A closed set; docs/operations.md tells what each means. */
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

export type Refusal = (typeof refusalReasons)[number]
