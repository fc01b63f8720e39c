import { z } from 'zod'

/** `.data/run.json` while the system runs: where everything is. Readable by its owner only, since it holds the local login. */
export const runFileSchema = z.object({
  startedAtMs: z.number(),
  urls: z.object({
    wall: z.string(),
    api: z.string(),
    mqtt: z.string(),
    /** The gateway's HTTP side: ingest, health, metrics. */
    gateway: z.string(),
    database: z.string(),
  }),
  ports: z.object({
    http: z.number().int(),
    mqtt: z.number().int(),
    gateway: z.number().int(),
    database: z.number().int().nullable(),
  }),
  login: z.object({ name: z.string(), password: z.string() }),
  processes: z.record(z.string(), z.number().int()),
})
export type RunFile = z.infer<typeof runFileSchema>
