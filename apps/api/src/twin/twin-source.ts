import type { Catalogue } from '@gridkeeper/contracts'
import { loadCatalogue, loadCatalogueVersion, loadStates, type StoredStates } from '@gridkeeper/store'
import type { Pool } from 'pg'

/** Where the twin starts from. */
export interface TwinSource {
  /** `catalogue` is null if the one with `knownVersion` is still true. */
  read(knownVersion: number | null): Promise<{ catalogue: Catalogue | null; states: StoredStates }>
}

export const databaseSource = (pool: Pool): TwinSource => ({
  async read(knownVersion) {
    const isKnown = knownVersion !== null && (await loadCatalogueVersion(pool)) === knownVersion
    const catalogue = isKnown ? null : await loadCatalogue(pool)
    return { catalogue, states: await loadStates(pool) }
  },
})
