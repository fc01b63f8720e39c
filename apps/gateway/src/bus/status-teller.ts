import type { GatewayMinute, GatewayStatus } from '@gridkeeper/contracts'

type Said = Omit<GatewayStatus, 'gatewayId' | 'atMs' | 'online'>

const lookEveryMs = 500
/** What is held back comes and goes with each batch: the word of it stays until there was room for so long. */
const calmMs = 5_000

/** Tells the bus how the gateway is: at once when something changes, and with every new minute. */
export class StatusTeller {
  #said: Said = { taking: true, shedding: 'nothing' }
  #shedAtMs = -Infinity
  #timer: NodeJS.Timeout | null = null

  constructor(
    private readonly tell: (status: Omit<GatewayStatus, 'gatewayId' | 'atMs'>) => void,
    private readonly sheddingNow: () => GatewayStatus['shedding'],
    private readonly now: () => number = Date.now,
  ) {}

  start(): void {
    this.#timer = setInterval(() => this.#look(), lookEveryMs)
    this.#say({})
  }

  setTaking(taking: boolean): void {
    this.#say({ taking })
  }

  setMinute(minute: GatewayMinute): void {
    this.#say({ minute })
  }

  stop(): void {
    if (this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
    this.tell({ online: false, taking: false, shedding: 'nothing' })
  }

  #look(): void {
    const shedding = this.sheddingNow()
    if (shedding !== 'nothing') this.#shedAtMs = this.now()
    const isCalm = this.now() - this.#shedAtMs >= calmMs
    // From the surplus of readings back to that of fixes only by way of calm: the wall's word does not flicker.
    const isLess = shedding === 'nothing' || (shedding === 'fixes' && this.#said.shedding === 'readings')
    if (shedding !== this.#said.shedding && (!isLess || isCalm)) this.#say({ shedding })
  }

  #say(change: Partial<Said>): void {
    this.#said = { ...this.#said, ...change }
    if (this.#timer !== null) this.tell({ online: true, ...this.#said })
  }
}
