import { Counter, createRegistry, Gauge, Histogram } from '@gridkeeper/service-kit'

/** Every figure of the intake, defined once. Labels are closed sets. */
export function createIntakeMetrics() {
  const registry = createRegistry('gateway', { withProcessMetrics: true })
  const registers = [registry]
  return {
    registry,
    messages: new Counter({ name: 'gk_messages_total', help: 'Messages taken from devices', registers }),
    rows: new Counter({ name: 'gk_rows_total', help: 'New rows stored', labelNames: ['table'], registers }),
    deadLetters: new Counter({
      name: 'gk_dead_letters_total',
      help: 'Items refused, by reason',
      labelNames: ['reason'],
      registers,
    }),
    batches: new Counter({ name: 'gk_batches_total', help: 'Batches committed', registers }),
    retries: new Counter({ name: 'gk_commit_retries_total', help: 'Commits tried again', registers }),
    shed: new Counter({
      name: 'gk_shed_total',
      help: 'Messages not acknowledged at once for want of room, by what they are',
      labelNames: ['what'],
      registers,
    }),
    reruns: new Counter({
      name: 'gk_reruns_total',
      help: 'Dead letters that ran again, by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    parked: new Gauge({
      name: 'gk_intake_parked_items',
      help: 'Items held back until there is room',
      registers,
    }),
    waiting: new Gauge({
      name: 'gk_intake_waiting_items',
      help: 'Items that wait for their commit',
      registers,
    }),
    waitingBytes: new Gauge({
      name: 'gk_intake_waiting_bytes',
      help: 'Bytes that wait for their commit',
      registers,
    }),
    refusals: new Counter({
      name: 'gk_refusals_total',
      help: 'What the front door refused, by reason',
      labelNames: ['reason'],
      registers,
    }),
    connections: new Gauge({ name: 'gk_broker_connections', help: 'Open connections', registers }),
    waitingConnections: new Gauge({
      name: 'gk_waiting_connections',
      help: 'Connections that wait unread to be let in',
      registers,
    }),
    ackSeconds: new Histogram({
      name: 'gk_ack_seconds',
      help: 'From arrival to commit',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    }),
  }
}

export type IntakeMetrics = ReturnType<typeof createIntakeMetrics>
