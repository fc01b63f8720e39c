import { createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { LoginRefusedError, openBrokerPool } from './broker-pool.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

/** Answers every CONNECT with this return code of MQTT 3.1.1. */
async function startRefusing(code: number): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(Buffer.from([0x20, 0x02, 0x00, code])))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => new Promise((resolve) => server.close(resolve)))
  return `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('the connections to the broker', () => {
  it('say that the login is refused, and which one, but not its secret', async () => {
    const url = await startRefusing(5)
    const opening = openBrokerPool({ url, username: 'sim:district', password: 'a secret of ours' }, 2)
    const error = await opening.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(LoginRefusedError)
    expect(String(error)).toMatch(/refuses the login sim:district .*is its secret right/)
    expect(String(error)).not.toContain('a secret of ours')
  })

  it('do not take a broker that is away for one that refuses', async () => {
    const error = await openBrokerPool({ url: 'mqtt://127.0.0.1:1' }, 1).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(Error)
    expect(error).not.toBeInstanceOf(LoginRefusedError)
  })
})
