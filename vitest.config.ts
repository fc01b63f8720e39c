import { defineConfig } from 'vitest/config'

/** Three kinds of tests by their suffix; `npm test` runs all, after a build: packages are entered by their built door. */
const legacyDecorators = { decorator: { legacy: true } }

export default defineConfig({
  test: {
    projects: [
      {
        oxc: legacyDecorators,
        test: {
          name: 'unit',
          include: ['{packages,apps,load-tests,infra}/**/*.test.ts', '{apps,infra}/**/*.test.mjs'],
          exclude: ['**/node_modules/**', '**/dist/**', '**/*.integration.test.ts', '**/*.browser.test.ts'],
        },
      },
      {
        oxc: legacyDecorators,
        test: {
          name: 'integration',
          include: ['{packages,apps,load-tests,infra}/**/*.integration.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Each file has an engine of its own: two at a time is what two cores carry.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['{apps,infra}/**/*.browser.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          testTimeout: 180_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
