import type { Decoder } from './decoder.ts'
import { native } from './native/decode-native.ts'

/** Every protocol the gateway understands. A new one is one folder beside this file and one entry here; no two own the same topic. */
export const decoders: readonly Decoder[] = [native]
