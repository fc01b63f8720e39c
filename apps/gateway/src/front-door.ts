import type { Duplex } from 'node:stream'
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
  /** Sparkplug's rebirth request: the one message that ever goes towards a device. */
  sendCommand(topic: string, payload: Uint8Array): void
  /** The registry has changed: who may not be here any more has to go. Absent where somebody else lets devices in. */
  recheck?(): void
  /** A device that speaks MQTT over WebSocket. Absent where somebody else's broker does that. */
  receive?(stream: Duplex, address: string): void
  /** No new messages; what was taken is still acknowledged. */
  stopListening(): void
  stop(): Promise<void>
}
