import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { bus, encodeFrame, type Alarm, type Frame, type GatewayStatus } from '@gridkeeper/contracts'
import { Aedes } from 'aedes'

/** A real broker, with a gateway's voice. */
export interface TestBroker {
  readonly url: string
  publishFrame(gatewayId: string, frame: Pick<Frame, 'sequence'> & Partial<Frame>): Promise<void>
  publishAlarms(gatewayId: string, sequence: number, alarms: readonly Alarm[]): Promise<void>
  publishStatus(status: GatewayStatus): Promise<void>
  /** Cuts every connection; they may come back. */
  cut(): void
  stop(): Promise<void>
}

export async function startTestBroker(): Promise<TestBroker> {
  const broker = await Aedes.createBroker()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    broker.handle(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const publish = (topic: string, payload: Uint8Array | string, retain = false) =>
    new Promise<void>((resolve, reject) =>
      broker.publish(
        { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain, dup: false },
        (error?: Error | null) => (error ? reject(error) : resolve()),
      ),
    )
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    publishFrame: (gatewayId, frame) =>
      publish(
        bus.frames(gatewayId),
        encodeFrame({ isSnapshot: false, baseMs: Date.now(), assets: [], keepers: [], ...frame }),
      ),
    publishAlarms: (gatewayId, sequence, alarms) =>
      publish(bus.alarms(gatewayId), JSON.stringify({ sequence, alarms })),
    publishStatus: (status) => publish(bus.status(status.gatewayId), JSON.stringify(status), true),
    cut: () => sockets.forEach((socket) => socket.destroy()),
    async stop() {
      await new Promise<void>((resolve) => broker.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
