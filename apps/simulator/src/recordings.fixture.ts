import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The recordings folder: GRIDKEEPER_DATA, or shared/data beside the checkout. Null where it is absent; its tests are skipped then. */
export const recordings: string | null =
  [process.env['GRIDKEEPER_DATA'], resolve(import.meta.dirname, '../../../../shared/data')].find(
    (folder): folder is string => folder !== undefined && existsSync(folder),
  ) ?? null

export const recording = (...parts: string[]): string => join(recordings ?? '', ...parts)

if (recordings === null) {
  process.stderr.write(
    'the recordings folder is absent (set GRIDKEEPER_DATA): tests on real recordings are skipped\n',
  )
}
