import type { IncomingMessage } from 'node:http'
import { ProblemError } from '../web/problem.ts'

/** The whole body as text. Throws `too-large` as soon as that is known, without keeping what came. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const tooLarge = () =>
    new ProblemError('too-large', `the body is larger than ${Math.floor(maxBytes / 1024 / 1024)} MiB`, {
      headers: { Connection: 'close' },
    })
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
