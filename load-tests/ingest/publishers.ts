import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { end } from './child-process.ts'
import type { PublisherAnswer, PublisherCommand, PublishOrders } from './publish-orders.ts'
import { usageOfTree } from './process-usage.ts'

export interface Counted {
  readonly acknowledged: number
  readonly atMs: number
}

/** The publishers' processes, as one. A connection that breaks makes the next question fail. */
export class Publishers {
  readonly #children: ChildProcess[]
  #problem: Error | null = null

  constructor(count: number) {
    this.#children = Array.from({ length: count }, () =>
      fork(join(import.meta.dirname, 'publisher.ts'), [], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        execArgv: [],
      }),
    )
    for (const child of this.#children)
      child.on('message', (answer: PublisherAnswer) => {
        if (answer.type === 'broken') this.#problem = new Error(`a publisher: ${answer.message}`)
      })
  }

  /** Devices and connections are shared out evenly. Resolves when all are connected. */
  async start(
    devices: number,
    orders: Omit<PublishOrders, 'fromAsset' | 'toAsset' | 'firstTurn'>,
  ): Promise<void> {
    const share = (whole: number, index: number) => Math.floor((whole * index) / this.#children.length)
    await Promise.all(
      this.#children.map((child, index) => {
        const own: PublishOrders = {
          ...orders,
          connections: Math.max(1, share(orders.connections, index + 1) - share(orders.connections, index)),
          fromAsset: share(devices, index) + 1,
          toAsset: share(devices, index + 1),
          firstTurn: index * 20_000_000,
        }
        return this.#ask(child, { type: 'start', orders: own }, 'connected')
      }),
    )
  }

  allow(messages: number): void {
    for (const child of this.#children)
      tell(child, { type: 'allow', messages: Math.floor(messages / this.#children.length) })
  }

  async count(): Promise<Counted> {
    const answers = await Promise.all(
      this.#children.map((child) => this.#ask(child, { type: 'count' }, 'counted')),
    )
    return {
      acknowledged: answers.reduce((sum, answer) => sum + answer.acknowledged, 0),
      atMs: Math.max(...answers.map(({ atMs }) => atMs)),
    }
  }

  cpuSeconds(): number {
    return this.#children.reduce((sum, child) => sum + usageOfTree(child.pid ?? 0).cpuSeconds(), 0)
  }

  /** Sends no more; answers how many were acknowledged when nothing is on the way any longer. */
  async drain(): Promise<number> {
    const answers = await Promise.all(
      this.#children.map((child) => this.#ask(child, { type: 'stop' }, 'drained')),
    )
    return answers.reduce((sum, { acknowledged }) => sum + acknowledged, 0)
  }

  async end(): Promise<void> {
    await Promise.all(this.#children.map(end))
  }

  #ask<Type extends PublisherAnswer['type']>(
    child: ChildProcess,
    command: PublisherCommand,
    expected: Type,
  ): Promise<Extract<PublisherAnswer, { type: Type }>> {
    return new Promise((resolve, reject) => {
      if (this.#problem !== null) return reject(this.#problem)
      const listen = (answer: PublisherAnswer) => {
        if (answer.type !== expected && answer.type !== 'broken') return
        child.off('message', listen)
        if (answer.type === 'broken') reject(new Error(`a publisher: ${answer.message}`))
        else resolve(answer as Extract<PublisherAnswer, { type: Type }>)
      }
      child.on('message', listen)
      child.once('exit', () => reject(new Error('a publisher ended')))
      tell(child, command)
    })
  }
}

const tell = (child: ChildProcess, command: PublisherCommand) => child.send(command)
