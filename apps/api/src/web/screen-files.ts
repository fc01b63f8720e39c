import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import sirv from 'sirv'

const ours = /^\/(?:api|live|healthz|readyz|metrics)(?:\/|$)/

/**
 * The built screen at `/`: unknown paths get its page. The names of built files in `/assets/` bear a hash of their content, so they never change; all
 * others are looked at again each time. Null where nothing is built.
 */
export function serveScreen(directory: string): RequestHandler | null {
  if (!existsSync(join(directory, 'index.html'))) return null
  const serve = sirv(directory, {
    single: true,
    etag: true,
    gzip: true,
    brotli: true,
    setHeaders: (response, path) => {
      const isHashed = path.startsWith('/assets/')
      response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  return (request: Request, response: Response, next: NextFunction) => {
    const isPage = (request.method === 'GET' || request.method === 'HEAD') && !ours.test(request.path)
    if (isPage) serve(request, response, next)
    else next()
  }
}
