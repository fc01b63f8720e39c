import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createLogger } from '@gridkeeper/service-kit'
import { eventually } from '@gridkeeper/testkit'
import { generate, parser, type Packet } from 'mqtt-packet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BrokerLink } from './broker-link.ts'
import { makeTarget } from './broker-target.ts'

const v5 = { protocolVersion: 5 } as const

/** A broker that says what the test tells it to, and remembers what it heard on each connection. */
class ScriptedBroker {
  readonly connections: { socket: Socket; heard: Packet[] }[] = []
  readonly server: Server = createServer((socket) => {
    const heard: Packet[] = []
    this.connections.push({ socket, heard })
    const read = parser(v5)
    read.on('packet', (packet) => {
      heard.push(packet)
      if (packet.cmd === 'connect')
        socket.write(
          generate({ cmd: 'connack', reasonCode: 0, sessionPresent: this.connections.length > 1 }, v5),
        )
      if (packet.cmd === 'subscribe')
        socket.write(generate({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: [1] }, v5))
    })
    socket.on('data', (bytes) => void read.parse(bytes))
    socket.on('error', () => undefined)
  })

  say(messageId: number, topic: string): void {
    this.connections
      .at(-1)
      ?.socket.write(
        generate({ cmd: 'publish', qos: 1, messageId, topic, payload: 'x', dup: false, retain: false }, v5),
      )
  }

  acknowledged(connection: number): number[] {
    return (this.connections[connection]?.heard ?? []).flatMap(({ cmd, messageId }) =>
      cmd === 'puback' && messageId !== undefined ? [messageId] : [],
    )
  }
}

describe('a link to a broker', () => {
  let broker: ScriptedBroker
  let link: BrokerLink
  const committing = new Map<string, () => void>()

  beforeEach(async () => {
    committing.clear()
    broker = new ScriptedBroker()
    broker.server.listen(0, '127.0.0.1')
    await once(broker.server, 'listening')
    const { port } = broker.server.address() as AddressInfo
    link = new BrokerLink({
      name: 'readings',
      target: makeTarget(`mqtt://127.0.0.1:${port}`, { caFile: null, certFile: null, keyFile: null }),
      clientId: 'test',
      username: null,
      password: null,
      clean: false,
      sessionExpirySeconds: 60,
      receiveMaximum: 3,
      subscriptions: [{ topic: 'a/#', qos: 1 }],
      take: (topic) => new Promise<void>((resolve) => committing.set(topic, resolve)),
      onUp: () => undefined,
      onDown: () => undefined,
      onInFlight: () => undefined,
      logger: createLogger('test', 'silent'),
    })
    await link.start()
  })
  afterEach(async () => {
    await link.stop(false)
    for (const { socket } of broker.connections) socket.destroy()
    broker.server.close()
  })
  const commit = (topic: string) => committing.get(topic)?.()
  const reconnected = async () => {
    const before = broker.connections.length
    broker.connections.at(-1)?.socket.destroy()
    await eventually(() => {
      expect(broker.connections).toHaveLength(before + 1)
      expect(link.problem).toBeNull()
    })
  }

  it('asks for its window and a lasting session', () => {
    expect(broker.connections[0]?.heard[0]).toMatchObject({
      cmd: 'connect',
      clean: false,
      properties: { receiveMaximum: 3, sessionExpiryInterval: 60 },
    })
  })

  it('acknowledges after the commit, in the order of arrival', async () => {
    for (const id of [5, 6, 7]) broker.say(id, `a/${id}`)
    await eventually(() => expect(link.inFlight).toBe(3))
    commit('a/6')
    commit('a/7')
    await eventually(() => expect(link.inFlight).toBe(1))
    expect(broker.acknowledged(0)).toEqual([])
    commit('a/5')
    await eventually(() => expect(broker.acknowledged(0)).toEqual([5, 6, 7]))
  })

  it('never acknowledges on a new connection what came on an old one', async () => {
    broker.say(5, 'a/old')
    await eventually(() => expect(link.inFlight).toBe(1))
    await reconnected()
    // The same packet id, for another message.
    broker.say(5, 'a/new')
    await eventually(() => expect(link.inFlight).toBe(2))
    commit('a/old')
    await eventually(() => expect(link.inFlight).toBe(1))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect([broker.acknowledged(0), broker.acknowledged(1)]).toEqual([[], []])
    commit('a/new')
    await eventually(() => expect(broker.acknowledged(1)).toEqual([5]))
  })

  it('does not gather a window with each connection while nothing is committed', async () => {
    for (const id of [1, 2, 3]) broker.say(id, `a/${id}`)
    await eventually(() => expect(link.inFlight).toBe(3))
    await reconnected()
    for (const id of [1, 2, 3]) broker.say(id, `b/${id}`)
    await eventually(() => expect(link.inFlight).toBe(6))
    broker.connections.at(-1)?.socket.destroy()
    await eventually(() => expect(link.problem).toMatch(/has not taken what came before/))
    expect(broker.connections).toHaveLength(2)
    for (const finish of committing.values()) finish()
    await eventually(() => expect(broker.connections).toHaveLength(3))
  })
})
