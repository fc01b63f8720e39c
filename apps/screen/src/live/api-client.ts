import { problemSchema } from '@gridkeeper/contracts'

/** The part of a zod schema that the edge needs. */
export interface Schema<T> {
  parse(value: unknown): T
}

/** An answer that is no success. `code` is the server's own, or `unreachable`, or `bad-answer`. */
export class ApiError extends Error {
  readonly code: string
  readonly status: number | null
  constructor(code: string, status: number | null, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.status = status
  }
}

export const isUnauthorised = (error: unknown): boolean => error instanceof ApiError && error.status === 401

let onUnauthorised: () => void = () => undefined

/** Called when any question but the login itself is answered with "who are you?". */
export function whenUnauthorised(listener: () => void): void {
  onUnauthorised = listener
}

async function send(path: string, init?: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init })
  } catch (cause) {
    if (init?.signal?.aborted) throw cause
    throw new ApiError('unreachable', null, 'the service cannot be reached', cause)
  }
  if (response.ok) return response
  const isLogin = init?.method === 'POST' && path === '/api/session'
  if (response.status === 401 && !isLogin) onUnauthorised()
  const problem = problemSchema.safeParse(await response.json().catch(() => null))
  const { code, message } = problem.success
    ? problem.data
    : { code: 'bad-answer', message: response.statusText }
  throw new ApiError(code, response.status, message)
}

async function parse<T>(response: Response, schema: Schema<T>): Promise<T> {
  try {
    return schema.parse(await response.json())
  } catch (cause) {
    throw new ApiError('bad-answer', response.status, `${response.url} is not as agreed`, cause)
  }
}

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>

export function withQuery(path: string, query: Query): string {
  const parts = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) parts.set(key, String(value))
  }
  const text = parts.toString()
  return text === '' ? path : `${path}?${text}`
}

export async function getJson<T>(
  path: string,
  schema: Schema<T>,
  query: Query = {},
  signal?: AbortSignal,
): Promise<T> {
  return parse(await send(withQuery(path, query), signal ? { signal } : undefined), schema)
}

const jsonBody = (method: 'POST' | 'PUT', body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

export async function postJson<T>(path: string, body: unknown, schema: Schema<T>): Promise<T> {
  return parse(await send(path, jsonBody('POST', body)), schema)
}

export async function putJson<T>(path: string, body: unknown, schema: Schema<T>): Promise<T> {
  return parse(await send(path, jsonBody('PUT', body)), schema)
}

export async function remove(path: string): Promise<void> {
  await send(path, { method: 'DELETE' })
}
