import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { cesiumFiles } from './build/cesium-files.ts'

/** Where the api answers while developing. */
const api = process.env['API_URL'] ?? 'http://127.0.0.1:8080'

export default defineConfig({
  base: '/',
  plugins: [vue(), cesiumFiles()],
  worker: { format: 'es' },
  server: { proxy: { '/api': api, '/live': { target: api, ws: true } } },
  build: {
    target: 'es2023',
    chunkSizeWarningLimit: 6_000,
    // Font subsets stay files: inlined, every page load would pay for all of them.
    assetsInlineLimit: 0,
  },
})
