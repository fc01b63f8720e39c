import { historyFlags } from '@gridkeeper/domain'
import { lockPresent, type FixRow, type ReadingRow } from '@gridkeeper/store'
import type { PoolClient } from 'pg'
import { PresentBoard, type Judge, type Judgement } from './present-board.ts'

/**
 * The judge where several gateways share the load: memories would disagree about what is newest and which alarm is open, so the present of the batch's assets is
 * read, and held, within the transaction that writes it. Costs three statements a batch; gateways whose batches meet in an asset wait for each other there.
 */
export class SharedJudge implements Judge {
  readonly isShared = true
  /** Whose state is in the database, as far as we have seen. */
  readonly #assets = new Set<number>()
  readonly #keepers = new Set<number>()

  async judge(
    readings: readonly ReadingRow[],
    fixes: readonly FixRow[],
    outOfRange: (row: ReadingRow) => readonly string[],
    client: PoolClient,
  ): Promise<Judgement> {
    // What is late moves nothing, and may be all that an asset ever said.
    const assets = new Map(
      readings.filter(isInTime).map(({ assetId, kind }) => [assetId, kind.headline] as const),
    )
    const keepers = new Set(fixes.filter(isInTime).map(({ keeperId }) => keeperId))
    const mayBeNew =
      [...assets.keys()].some((id) => !this.#assets.has(id)) ||
      [...keepers].some((id) => !this.#keepers.has(id))
    const present = await lockPresent(client, { assets, keepers, mayBeNew })
    const judgement = PresentBoard.of(present).judge(readings, fixes, outOfRange)
    return {
      ...judgement,
      apply: () => {
        for (const id of assets.keys()) this.#assets.add(id)
        for (const id of keepers) this.#keepers.add(id)
      },
    }
  }
}

const isInTime = ({ flags }: { readonly flags: number }) => (flags & historyFlags) === 0
