import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { DistrictSize } from '../district/district.ts'

const stateSchema = z.object({
  /** Which district this is about; another seed or size begins anew. */
  identity: z.string(),
  /** Whether the history before the first start was told to its end. */
  isBackFilled: z.boolean(),
  /** Until when live readings were told, UTC ms. */
  liveUntilMs: z.number(),
})
export type SimulatorState = z.infer<typeof stateSchema>

export const identityOf = ({ seed, assets, stations, grids, keepers }: DistrictSize): string =>
  `seed ${seed}, ${assets} assets, ${stations} stations, ${grids} grids, ${keepers} keepers`

/** Null when there is none or it cannot be read: then history is told again, which changes nothing. */
export async function readState(file: string | null): Promise<SimulatorState | null> {
  if (file === null) return null
  try {
    return stateSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return null
  }
}

/** Written beside and renamed, so that a crash leaves the old one. */
export async function writeState(file: string | null, state: SimulatorState): Promise<void> {
  if (file === null) return
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.new`, `${JSON.stringify(state)}\n`)
  await rename(`${file}.new`, file)
}

/** From when on history is missing: all of it at the first start, later only the hole since the last stop. */
export function historyFrom(
  state: SimulatorState | null,
  identity: string,
  nowMs: number,
  backfillMs: number,
): number {
  const earliest = nowMs - backfillMs
  if (state === null || state.identity !== identity || !state.isBackFilled) return earliest
  return Math.min(nowMs, Math.max(earliest, state.liveUntilMs))
}
