import { bus, encodeFrame, type Alarm, type AlarmMessage, type GatewayStatus } from '@gridkeeper/contracts'
import type { Committed } from '../intake/batch-committer.ts'

/** The way out to the api processes. */
export interface BusWriter {
  publish(topic: string, payload: Uint8Array | string, retain?: boolean): void
}

/** Tells the bus what was committed: one frame a batch, its own sequence, nothing for a batch that changed nothing. */
export class FramePublisher {
  #frames = 0
  #alarmMessages = 0

  constructor(
    private readonly gatewayId: string,
    private readonly writer: BusWriter,
    private readonly now: () => number = Date.now,
  ) {}

  tell({ judgement, result }: Committed): void {
    const { assets, keepers } = judgement
    if (assets.length > 0 || keepers.length > 0) {
      const frame = { sequence: ++this.#frames, isSnapshot: false, baseMs: this.now(), assets, keepers }
      this.writer.publish(bus.frames(this.gatewayId), encodeFrame(frame))
    }
    if (result.alarms.length === 0) return
    const message: AlarmMessage = { sequence: ++this.#alarmMessages, alarms: result.alarms as Alarm[] }
    this.writer.publish(bus.alarms(this.gatewayId), JSON.stringify(message))
  }

  tellStatus(status: Omit<GatewayStatus, 'gatewayId' | 'atMs'>): void {
    const message: GatewayStatus = { gatewayId: this.gatewayId, atMs: this.now(), ...status }
    this.writer.publish(bus.status(this.gatewayId), JSON.stringify(message), true)
  }
}
