import type { Duplex } from 'node:stream'
import type { EmbeddedBus } from '../bus/embedded-bus.ts'
import type { FrontDoor } from '../front-door.ts'
import type { DeviceDoor } from './device-door.ts'

/** The devices' door and the bus behind the same port: all of MQTT in one process. */
export class EmbeddedDoor implements FrontDoor {
  readonly problem = null

  constructor(
    private readonly door: DeviceDoor,
    private readonly bus: EmbeddedBus,
  ) {}

  get port(): number {
    return this.door.port
  }

  async start(): Promise<void> {
    await this.bus.start()
    await this.door.start()
  }

  publish(topic: string, payload: Uint8Array | string, retain = false): void {
    this.bus.publish(topic, payload, retain)
  }

  onBus(topic: string, listener: () => void): void {
    this.bus.onBus(topic, listener)
  }

  sendCommand(topic: string, payload: Uint8Array): void {
    this.door.sendCommand(topic, Buffer.from(payload))
  }

  recheck(): void {
    this.door.recheck()
  }

  receive(stream: Duplex, address: string): void {
    this.door.receive(stream, address)
  }

  stopListening(): void {
    this.door.stopListening()
  }

  async stop(): Promise<void> {
    this.door.stop()
    await this.bus.stop()
  }
}
