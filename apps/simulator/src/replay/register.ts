import { catalogueSchema } from '@gridkeeper/contracts'
import type { LonLat } from '@gridkeeper/domain'
import { csvLine } from '../district/to-import.ts'
import type { ApiAccess } from '../publish/import-registry.ts'
import { registrySettlesMs } from '../publish/ensure-login.ts'
import { apiUrl, importFile, ImportError } from '../publish/import-registry.ts'

export type Registration = 'known' | 'registered' | 'no-place'

/** Makes sure that the system knows whose messages come: an asset needs a place for that, a keeper only a name. */
export async function register(
  access: ApiAccess,
  { kind, key, name, at }: { kind: string; key: string; name: string; at: LonLat | null },
): Promise<Registration> {
  const known = await codesOf(access, kind)
  if (known.has(key)) return 'known'
  const isKeeper = kind === 'keeper'
  if (!isKeeper && at === null) return 'no-place'
  const text = isKeeper
    ? `code,name,post\n${csvLine([key, name, '护线员'])}\n`
    : `code,name,kind,lon,lat\n${csvLine([key, name, kind, at![0], at![1]])}\n`
  const report = await importFile(access, { format: isKeeper ? 'keepers' : 'assets', text }, 0)
  const problem = report.problems[0]
  if (problem) throw new ImportError(`${key} was not registered: ${problem.reason}`)
  await new Promise((resolve) => setTimeout(resolve, registrySettlesMs))
  return 'registered'
}

async function codesOf({ url, name, password }: ApiAccess, kind: string): Promise<Set<string>> {
  const target = apiUrl(url, 'catalogue')
  let response: Response
  try {
    response = await fetch(target, {
      headers: { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` },
      signal: AbortSignal.timeout(60_000),
    })
  } catch (error) {
    throw new ImportError(`the api does not answer at ${url}: is the system running?`, { cause: error })
  }
  if (!response.ok)
    throw new ImportError(
      `the api at ${url} answered HTTP ${response.status}: ${(await response.text()).slice(0, 200)}`,
    )
  const { assets, keepers } = catalogueSchema
    .pick({ assets: true, keepers: true })
    .parse(await response.json())
  return new Set((kind === 'keeper' ? keepers : assets).map(({ code }) => code))
}
