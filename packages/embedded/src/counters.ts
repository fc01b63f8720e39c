/** What the embedded database has done since its start. All numbers only grow, but for those marked (now). */
export interface EmbeddedCounters {
  /** (now) */
  connections: number
  connectionsAccepted: number
  connectionsRefused: number
  turns: number
  /** (now) clients that want a turn and have none */
  waiting: number
  turnWaitMsTotal: number
  turnWaitMsMax: number
  /** Times a socket was not read because its client had too much waiting. */
  pausedReads: number
  statementsRefused: number
  idleTimeouts: number
  /** Clients that went away in the middle of a transaction or sequence, which was rolled back. */
  rolledBackOnDisconnect: number
  protocolViolations: number
  jobsRun: number
  jobsFailed: number
  jobDurationMsTotal: number
  /** How late the last job began, by its schedule; null before the first. */
  jobLagMsLast: number | null
  checkpoints: number
  tablesVacuumed: number
  engineRestarts: number
}

export function zeroCounters(): EmbeddedCounters {
  return {
    connections: 0,
    connectionsAccepted: 0,
    connectionsRefused: 0,
    turns: 0,
    waiting: 0,
    turnWaitMsTotal: 0,
    turnWaitMsMax: 0,
    pausedReads: 0,
    statementsRefused: 0,
    idleTimeouts: 0,
    rolledBackOnDisconnect: 0,
    protocolViolations: 0,
    jobsRun: 0,
    jobsFailed: 0,
    jobDurationMsTotal: 0,
    jobLagMsLast: null,
    checkpoints: 0,
    tablesVacuumed: 0,
    engineRestarts: 0,
  }
}
