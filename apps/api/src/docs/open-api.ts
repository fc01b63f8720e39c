import * as contracts from '@gridkeeper/contracts'
import { z } from 'zod'
import { ProblemError, type ProblemCode } from '../web/problem.ts'
import type { Route } from './list-routes.ts'

/** Schemas with a name of their own in the document; all others get one from their route. */
const named: Readonly<Record<string, z.ZodType>> = {
  Account: contracts.accountSchema,
  AdoptRequest: contracts.adoptSchema,
  Adopted: contracts.adoptedSchema,
  Alarm: contracts.alarmSchema,
  AlarmList: contracts.alarmListSchema,
  AlarmsByHour: contracts.alarmsByHourSchema,
  Asset: contracts.assetSchema,
  AssetDetail: contracts.assetDetailSchema,
  Catalogue: contracts.catalogueSchema,
  DeadLetter: contracts.deadLetterSchema,
  DeadLetterCounts: contracts.deadLetterCountsSchema,
  DeadLetterDetail: contracts.deadLetterDetailSchema,
  DeadLetterList: contracts.deadLetterListSchema,
  Device: contracts.deviceSchema,
  DeviceDetail: contracts.deviceDetailSchema,
  DeviceList: contracts.deviceListSchema,
  DevicePut: contracts.devicePutSchema,
  DeviceSecret: contracts.deviceSecretSchema,
  DeviceSecretRequest: contracts.deviceSecretRequestSchema,
  DiscardRequest: contracts.discardSchema,
  GatewayList: contracts.gatewayListSchema,
  GatewayStatus: contracts.gatewayStatusSchema,
  Grid: contracts.gridSchema,
  GroundFeature: contracts.groundFeatureSchema,
  ImportReport: contracts.importReportSchema,
  ImportRequest: contracts.importRequestSchema,
  Keeper: contracts.keeperSchema,
  KeeperDetail: contracts.keeperDetailSchema,
  Line: contracts.lineSchema,
  LoadCurve: contracts.loadCurveSchema,
  Login: contracts.loginSchema,
  Overview: contracts.overviewSchema,
  Problem: contracts.problemSchema,
  Quarantine: contracts.quarantineSchema,
  RerunRequest: contracts.rerunRequestSchema,
  Series: contracts.seriesSchema,
  Stranger: contracts.strangerSchema,
  Track: contracts.trackSchema,
}

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` })

/** OpenAPI 3.1, whose schemas are JSON Schema 2020-12: just what zod writes. */
export function openApi(routes: readonly Route[]) {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id })
  const nameOf = (schema: z.ZodType, otherwise: string) => {
    if (!registry.has(schema)) registry.add(schema, { id: otherwise })
    return registry.get(schema)?.id ?? otherwise
  }
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operation(route, nameOf)
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => reference(id).$ref, unrepresentable: 'any' })
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gridkeeper',
      version: '0.1.0',
      description:
        'Times are UTC milliseconds, places WGS-84 [lon, lat], units those of the metrics of a kind.',
    },
    security: [{ session: [] }, { basic: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withoutId(schema)])),
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'gk_session' },
        basic: { type: 'http', scheme: 'basic' },
      },
    },
  }
}

function operation(route: Route, nameOf: (schema: z.ZodType, otherwise: string) => string) {
  const { description } = route
  if (description === undefined) return { responses: {} }
  const { answer, body } = description
  const name = route.operationId
  return {
    operationId: name,
    tags: [route.tag],
    summary: description.summary,
    parameters: [...parameters('path', description.params), ...parameters('query', description.query)],
    ...(body
      ? { requestBody: { required: true, content: json(reference(nameOf(body, `${name}-body`))) } }
      : {}),
    responses: {
      [route.status]: {
        description: description.summary,
        ...(answer ? { content: json(reference(nameOf(answer, `${name}-answer`))) } : {}),
      },
      ...problemAnswers(['login-needed', ...(description.problems ?? [])]),
    },
  }
}

const json = (schema: object) => ({ 'application/json': { schema } })

function problemAnswers(codes: readonly ProblemCode[]) {
  const byStatus: Record<number, { description: string; content: object }> = {}
  for (const code of codes) {
    const { status } = new ProblemError(code, '')
    const others = byStatus[status]
    byStatus[status] = {
      description: others ? `${others.description}, ${code}` : code,
      content: json(reference('Problem')),
    }
  }
  return byStatus
}

function parameters(place: 'path' | 'query', schema: z.ZodObject | undefined) {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => ({
    name,
    in: place,
    required: !z.safeParse(field as z.ZodType, undefined).success,
    schema: withoutId(z.toJSONSchema(field as z.ZodType)),
  }))
}

function withoutId({ $id: _, $schema: __, id: ___, ...rest }: Record<string, unknown>) {
  return rest
}
