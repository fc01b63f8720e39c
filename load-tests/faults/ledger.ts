/** What a device of the bench says, and where it is stored. */
export type Stream = 'readings' | 'fixes' | 'events'

export interface Device {
  readonly key: string
  readonly stream: Stream
}

/**
 * The publishers' own book: every message they sent, by its device's place in `devices` and its number there, and how often it was acknowledged. Numbers of
 * a device start at 1 and have no gaps, so that a stored number beyond the last is foreign.
 */
export class Ledger {
  sent = 0
  acknowledged = 0
  /** Acknowledgements beyond the first, of messages sent more than once. */
  acknowledgedAgain = 0
  /** By device and number; the place 0 is not used. */
  readonly #acknowledgements: number[][]

  readonly devices: readonly Device[]

  constructor(devices: readonly Device[]) {
    this.devices = devices
    this.#acknowledgements = devices.map(() => [0])
  }

  /** The number of the device's next message. */
  next(device: number): number {
    const numbers = this.#acknowledgements[device]
    if (numbers === undefined) throw new RangeError(`no device ${device}`)
    numbers.push(0)
    this.sent++
    return numbers.length - 1
  }

  acknowledge(device: number, numbers: readonly number[]): void {
    const book = this.#acknowledgements[device] ?? []
    for (const number of numbers) {
      const times = book[number] ?? 0
      book[number] = times + 1
      if (times === 0) this.acknowledged++
      else this.acknowledgedAgain++
    }
  }

  lastOf(device: number): number {
    return (this.#acknowledgements[device]?.length ?? 1) - 1
  }

  isAcknowledged(device: number, number: number): boolean {
    return (this.#acknowledgements[device]?.[number] ?? 0) > 0
  }
}
