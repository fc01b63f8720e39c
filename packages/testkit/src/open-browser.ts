import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import chromium, { inflate, setupLambdaEnvironment } from '@sparticuz/chromium'
import { chromium as playwright, type Browser } from 'playwright-core'

const softwareWebGl = [
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
]
const quiet = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/**
 * A Chromium that comes by npm and brings its own libraries, so that a bare machine can run it. WebGL is drawn in software: few pictures a second.
 */
export async function openBrowser(): Promise<Browser> {
  const executablePath = await chromium.executablePath()
  const libraries = join(tmpdir(), 'al2023', 'lib')
  if (!existsSync(libraries)) await inflate(join(packageFolder(), 'bin', 'al2023.tar.br'))
  setupLambdaEnvironment(libraries)
  return playwright.launch({ executablePath, args: [...quiet, ...softwareWebGl], timeout: 60_000 })
}

const packageFolder = () =>
  join(import.meta.dirname, '..', '..', '..', 'node_modules', '@sparticuz', 'chromium')
