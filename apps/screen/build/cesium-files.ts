import { cpSync, createReadStream, existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join, normalize, resolve } from 'node:path'
import type { Plugin } from 'vite'

/** What Cesium loads by itself at run time, beside the code that is bundled. */
const folders = ['Assets', 'ThirdParty', 'Widgets', 'Workers']
const source = join(dirname(createRequire(import.meta.url).resolve('cesium/package.json')), 'Build', 'Cesium')

const types: Record<string, string> = {
  '.css': 'text/css',
  '.glb': 'model/gltf-binary',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}

/** The file behind a request below the mount, or null if there is none in the four folders. */
export function findCesiumFile(url: string): string | null {
  const path = normalize(decodeURIComponent(url.split('?')[0] ?? '')).replace(/^\/+/, '')
  if (!folders.some((folder) => path.startsWith(`${folder}/`))) return null
  const file = join(source, path)
  return existsSync(file) && statSync(file).isFile() ? file : null
}

/** Serves Cesium's static files in development at `<base>cesium/` and copies them into the build. */
export function cesiumFiles(): Plugin {
  let outDir = 'dist'
  return {
    name: 'gridkeeper:cesium-files',
    config: (user) => ({ define: { CESIUM_BASE_URL: JSON.stringify(`${user.base ?? '/'}cesium/`) } }),
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir)
    },
    configureServer(server) {
      server.middlewares.use(`${server.config.base}cesium`, (request, response, next) => {
        const file = findCesiumFile(request.url ?? '')
        if (file === null) return next()
        response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream')
        response.setHeader('cache-control', 'max-age=3600')
        createReadStream(file).pipe(response)
      })
    },
    closeBundle() {
      for (const folder of folders)
        cpSync(join(source, folder), join(outDir, 'cesium', folder), { recursive: true })
    },
  }
}
