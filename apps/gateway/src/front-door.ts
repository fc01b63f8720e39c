import type { BusWriter } from './bus/frame-publisher.ts'

/** Where MQTT messages come in and the bus goes out: a broker of our own, or somebody else's. */
export interface FrontDoor extends BusWriter {
  /** Where it listens; null: it calls others. */
  readonly port: number | null
  /** Why nothing comes through at the moment; null: it does. */
  readonly problem: string | null
  start(): Promise<void>
  /** Called for what our own processes say on the bus. */
  onBus(topic: string, listener: () => void): void
  /** No new messages; what was taken is still acknowledged. */
  stopListening(): void
  stop(): Promise<void>
}
