import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { eventually } from './eventually.ts'
import { fakeClock } from './fake-clock.ts'
import { freePort } from './free-port.ts'

describe('eventually', () => {
  it('gives the first result', async () => {
    let calls = 0
    const third = () => {
      calls += 1
      if (calls < 3) throw new Error('not yet')
      return calls
    }
    expect(await eventually(third, { intervalMs: 1 })).toBe(3)
  })

  it('throws the last error when the time is up', async () => {
    const never = () => {
      throw new Error('never')
    }
    await expect(eventually(never, { timeoutMs: 5, intervalMs: 1 })).rejects.toThrow('never')
  })
})

describe('fakeClock', () => {
  it('moves only when told', () => {
    const clock = fakeClock(1000)
    clock.advance(5)
    expect(clock.now()).toBe(1005)
    clock.set(0)
    expect(clock.now()).toBe(0)
  })
})

describe('freePort', () => {
  it('gives a port that can be listened on', async () => {
    const port = await freePort()
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    server.close()
  })
})
