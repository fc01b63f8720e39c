import { z } from 'zod'

/** A pandapower network as JSON (`pandapower.to_json`): data frames as strings inside the document. */
const frame = z.object({
  columns: z.array(z.string()),
  index: z.array(z.union([z.number(), z.string()])),
  data: z.array(z.array(z.unknown())),
})

export type Row = Readonly<Record<string, unknown>>

export interface PandapowerNet {
  readonly table: (name: string) => ReadonlyMap<number, Row>
}

export class ConvertError extends Error {
  readonly code = 'cannot-convert'
}

/** Throws ConvertError for a text that is no such network. */
export function readPandapower(text: string): PandapowerNet {
  const root = parseJson(text)
  const tables = z
    .object({ _class: z.literal('pandapowerNet'), _object: z.record(z.string(), z.unknown()) })
    .safeParse(root)
  if (!tables.success) throw new ConvertError('not a pandapower network: it has no _class pandapowerNet')
  return {
    table: (name) => {
      const wrapped = z.object({ _object: z.unknown() }).safeParse(tables.data._object[name])
      if (!wrapped.success) return new Map()
      const inner = wrapped.data._object
      const parsed = frame.safeParse(typeof inner === 'string' ? parseJson(inner) : inner)
      if (!parsed.success) throw new ConvertError(`the table ${name} is not a data frame in split form`)
      const { columns, index, data } = parsed.data
      return new Map(
        data.map((cells, i) => [
          Number(index[i]),
          Object.fromEntries(columns.map((column, k) => [column, cells[k]])),
        ]),
      )
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ConvertError(`not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const placeSchema = z.tuple([z.number(), z.number()]).rest(z.number())
const geometry = z.union([
  z.object({ type: z.literal('Point'), coordinates: placeSchema }),
  z.object({ type: z.literal('LineString'), coordinates: z.array(placeSchema) }),
])

/** The places of a `geo` cell, WGS-84; empty when there is none. */
export function placesOf(row: Row): [number, number][] {
  const raw = row['geo']
  const parsed = geometry.safeParse(typeof raw === 'string' && raw !== '' ? parseJson(raw) : raw)
  if (!parsed.success) return []
  const { type, coordinates } = parsed.data
  return (type === 'Point' ? [coordinates] : coordinates).map(([lon, lat]) => [lon, lat])
}
