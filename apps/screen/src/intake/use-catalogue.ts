import { catalogueSchema, type Catalogue } from '@gridkeeper/contracts'
import { onMounted, shallowRef, type ShallowRef } from 'vue'
import { getJson } from '../live/api-client.ts'

const maxAgeMs = 60_000
let known: { readonly catalogue: Catalogue; readonly atMs: number } | null = null

/** All assets and keepers, fetched when somebody is about to choose one of them; the server compresses it and the browser keeps it. */
export function useCatalogue(): Readonly<ShallowRef<Catalogue | null>> {
  const catalogue = shallowRef<Catalogue | null>(known?.catalogue ?? null)
  onMounted(async () => {
    if (known !== null && Date.now() - known.atMs < maxAgeMs) return
    try {
      known = { catalogue: await getJson('/api/catalogue', catalogueSchema), atMs: Date.now() }
      catalogue.value = known.catalogue
    } catch {
      // Who opens the form again asks again; until then the last one known serves.
    }
  })
  return catalogue
}
