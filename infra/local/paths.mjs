// Where things are in the checkout. Plain JavaScript, like everything in this folder that runs before the first install.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
export const binFolder = join(root, 'node_modules', '.bin')
export const pinnedNode = join(root, 'node_modules', 'node', 'bin', 'node')
export const inRoot = (...parts) => join(root, ...parts)
