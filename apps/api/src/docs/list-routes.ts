import { RequestMethod } from '@nestjs/common'
import type { INestApplicationContext } from '@nestjs/common'
import { DiscoveryService, MetadataScanner } from '@nestjs/core'
import { descriptionKey, type RouteDescription } from '../web/describe.ts'

export interface Route {
  /** As OpenAPI writes it: `/api/assets/{id}`. */
  readonly path: string
  readonly method: string
  readonly operationId: string
  readonly tag: string
  readonly status: number
  /** Undefined: someone forgot to describe it, and a test says so. */
  readonly description: RouteDescription | undefined
}

/** Every route of every controller, as Nest knows them. */
export function listRoutes(app: INestApplicationContext): Route[] {
  const scanner = new MetadataScanner()
  return app
    .get(DiscoveryService)
    .getControllers()
    .flatMap(({ instance, metatype }) => {
      const prototype: unknown = Object.getPrototypeOf(instance)
      if (metatype === null || !isRecord(prototype)) return []
      const base = pathOf(metatype)
      return scanner.getAllMethodNames(prototype).flatMap((name) => {
        const handler = prototype[name]
        if (typeof handler !== 'function' || !Reflect.hasMetadata('method', handler)) return []
        const method = RequestMethod[Reflect.getMetadata('method', handler) as number] ?? 'GET'
        return {
          path: join(base, pathOf(handler)),
          method: method.toLowerCase(),
          operationId: `${metatype.name.replace(/Controller$/, '').toLowerCase()}-${name}`,
          tag: metatype.name.replace(/Controller$/, ''),
          status:
            (Reflect.getMetadata('__httpCode__', handler) as number | undefined) ??
            (method === 'POST' ? 201 : 200),
          description: Reflect.getMetadata(descriptionKey, handler) as RouteDescription | undefined,
        }
      })
    })
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const pathOf = (target: object): string => {
  const path: unknown = Reflect.getMetadata('path', target)
  return typeof path === 'string' ? path : ''
}

const join = (...parts: string[]) =>
  `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .map((part) => (part.startsWith(':') ? `{${part.slice(1)}}` : part))
    .join('/')}`
