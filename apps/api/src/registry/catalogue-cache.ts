import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Catalogue } from '@gridkeeper/contracts'

export interface StoredCatalogue {
  readonly etag: string
  readonly json: Buffer
  readonly gzipped: Buffer
}

/** Accounts with different roots see different parts; only so many parts are kept. */
const maxKept = 16
const compress = promisify(gzip)

/** Made and compressed once per version and root, however many screens ask at once. */
export class CatalogueCache {
  readonly #kept = new Map<number | null, { of: Catalogue; stored: Promise<StoredCatalogue> }>()

  get(of: Catalogue, root: number | null, within: () => Catalogue): Promise<StoredCatalogue> {
    const known = this.#kept.get(root)
    if (known?.of === of) return known.stored
    const stored = store(within())
    this.#kept.delete(root)
    this.#kept.set(root, { of, stored })
    const oldest = this.#kept.keys().next()
    if (this.#kept.size > maxKept && oldest.done !== true) this.#kept.delete(oldest.value)
    return stored
  }
}

async function store(catalogue: Catalogue): Promise<StoredCatalogue> {
  const json = Buffer.from(JSON.stringify(catalogue))
  const etag = `"${createHash('sha256').update(json).digest('base64url').slice(0, 22)}"`
  return { etag, json, gzipped: await compress(json) }
}
