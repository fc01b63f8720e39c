import type { ImportReport, ImportRequest } from '@gridkeeper/contracts'
import { importReportSchema } from '@gridkeeper/contracts'

export interface ApiAccess {
  readonly url: string
  readonly name: string
  readonly password: string
}

export class ImportError extends Error {
  readonly code = 'import-failed'
}

/** `https://host`, `https://host/` and `https://host/api` all mean the same api. */
export const apiUrl = (base: string, path: string): URL =>
  new URL(`${base.replace(/\/+$/, '').replace(/\/api$/, '')}/api/${path}`)

const answerWithinMs = 180_000

/**
 * Brings one file in through the people's front door. The api may still be starting: a refused connection or a 502/503 is tried again
 * for `patienceMs`.
 */
export async function importFile(
  access: ApiAccess,
  request: ImportRequest,
  patienceMs = 60_000,
): Promise<ImportReport> {
  const url = apiUrl(access.url, 'import')
  const giveUpAt = performance.now() + patienceMs
  for (;;) {
    const answer = await post(url, access, request)
    if (answer.ok) return answer.report
    if (!answer.isTemporary || performance.now() > giveUpAt) {
      throw new ImportError(`${request.format} were not imported at ${url.href}: ${answer.reason}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

type Answer =
  | { readonly ok: true; readonly report: ImportReport }
  | { readonly ok: false; readonly isTemporary: boolean; readonly reason: string }

async function post(url: URL, { name, password }: ApiAccess, request: ImportRequest): Promise<Answer> {
  let response: Response
  let text: string
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
      },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(answerWithinMs),
    })
    text = await response.text()
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    return { ok: false, isTemporary: true, reason: `no answer (${cause})` }
  }
  if (!response.ok) {
    const isTemporary = response.status === 502 || response.status === 503
    return { ok: false, isTemporary, reason: `HTTP ${response.status} ${text.slice(0, 300)}` }
  }
  const parsed = importReportSchema.safeParse(jsonOrNull(text))
  return parsed.success
    ? { ok: true, report: parsed.data }
    : { ok: false, isTemporary: false, reason: `the answer is not an import report: ${text.slice(0, 200)}` }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
