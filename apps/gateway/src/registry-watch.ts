import type { Logger } from '@gridkeeper/service-kit'
import { readDeviceVersion } from '@gridkeeper/store'
import type { Pool } from 'pg'
import type { DeviceDirectory } from './intake/device-directory.ts'

/** The word of a change on the bus may get lost; then this finds it. */
const pollMs = 2_000

/**
 * Keeps the directory true: whenever a device has changed, it is read again and then told of. At most one reading at a time; a word that comes during one
 * leads to another.
 */
export class RegistryWatch {
  #version: bigint | null = null
  #timer: NodeJS.Timeout | null = null
  #looking: Promise<void> | null = null
  #isAskedAgain = false
  #isFailing = false

  constructor(
    private readonly pool: Pool,
    private readonly directory: DeviceDirectory,
    private readonly onChange: () => void,
    private readonly logger: Logger,
  ) {}

  /** Reads the directory; rejects when it cannot be read. */
  async start(): Promise<void> {
    await this.#readAgain(await readDeviceVersion(this.pool))
    this.#timer = setInterval(() => void this.look(), pollMs)
  }

  /** Reads the directory again if it has changed. Never rejects: who is unknown is looked up one by one meanwhile. */
  look(): Promise<void> {
    this.#isAskedAgain = true
    this.#looking ??= this.#lookUntilQuiet().finally(() => (this.#looking = null))
    return this.#looking
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#isAskedAgain = false
    await this.#looking
  }

  async #lookUntilQuiet(): Promise<void> {
    while (this.#isAskedAgain) {
      this.#isAskedAgain = false
      try {
        const version = await readDeviceVersion(this.pool)
        if (version !== this.#version) await this.#readAgain(version)
        this.#isFailing = false
      } catch (error) {
        // Said once an outage, not every two seconds.
        if (!this.#isFailing) this.logger.error({ err: error }, 'the device registry cannot be read')
        this.#isFailing = true
      }
    }
  }

  /** The version was read before the devices: a change in between is found the next time. */
  async #readAgain(version: bigint): Promise<void> {
    await this.directory.reload()
    this.#version = version
    this.logger.info({ devices: this.directory.size }, 'device registry read')
    this.onChange()
  }
}
