import { rerunAccepted, settleReruns, takeRerunnable, type RerunnableLetter } from '@gridkeeper/store'
import type { Logger } from '@gridkeeper/service-kit'
import type { Pool } from 'pg'
import type { RawMessage } from './decode-message.ts'
import type { DeviceDirectory } from './device-directory.ts'
import type { IntakeMetrics } from './intake.metrics.ts'
import type { IntakeService } from './intake.service.ts'
import { trusted, type Speaker } from './speaker.ts'

const lookEveryMs = 2_000
const atOnce = 500

/**
 * Lets dead letters run again that an operator asked for: through the same intake, by the same rules, as they came then. The database is asked every two
 * seconds; several gateways share the work.
 */
export class DeadLetterRerun {
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> | null = null

  constructor(
    private readonly pool: Pool,
    private readonly intake: IntakeService,
    private readonly directory: DeviceDirectory,
    private readonly metrics: IntakeMetrics,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.#runAll().finally(() => (this.#running = null))
    }, lookEveryMs)
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.#running
  }

  /** Those that were taken and not settled are free again after a minute. */
  async #runAll(): Promise<void> {
    try {
      for (;;) {
        const letters = this.#timer === null ? [] : await takeRerunnable(this.pool, atOnce)
        if (letters.length === 0) return
        // What mended them may be a device that was registered just now.
        await this.directory.reload()
        await settleReruns(this.pool, await Promise.all(letters.map((letter) => this.#run(letter))))
        this.logger.info({ letters: letters.length }, 'dead letters ran again')
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'dead letters could not run again yet')
    }
  }

  async #run(letter: RerunnableLetter): Promise<{ id: number; outcome: string }> {
    const { topic, bytes, receivedAtMs, client } = letter
    const source = letter.source as RawMessage['source']
    const speaker = await this.#speakerOf(letter)
    const refusal = await this.intake.rerun({ source, topic, bytes, receivedAtMs, client, speaker })
    this.metrics.reruns.inc({ outcome: refusal === null ? 'accepted' : 'refused' })
    return { id: letter.id, outcome: refusal ?? rerunAccepted }
  }

  /**
   * Who asks for it vouches for a speaker who was nobody then, but not for one who spoke under the key of another: he is heard as what he is, whoever he may
   * be by now.
   */
  async #speakerOf({ login, reason }: RerunnableLetter): Promise<Speaker> {
    if (login !== null && (await this.directory.find(login)) !== undefined)
      return { kind: 'login', key: login }
    return reason === 'not-own-key' ? { kind: 'stranger', login, secretHash: null } : trusted
  }
}
