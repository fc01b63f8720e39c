import { cover } from './cover.ts'
import { fluidMeter } from './fluid-meter.ts'
import type { Kind } from './kind.ts'
import { meter } from './meter.ts'
import { protector } from './protector.ts'
import { transformer } from './transformer.ts'

/** Every kind the product knows. A new kind is one file beside this one and one entry here. */
export const kinds: readonly Kind[] = [meter, protector, cover, transformer, fluidMeter]

const byKey = new Map(kinds.map((kind) => [kind.key, kind]))
const byCode = new Map(kinds.map((kind) => [kind.code, kind]))

export const findKind = (key: string): Kind | undefined => byKey.get(key)
export const findKindByCode = (code: number): Kind | undefined => byCode.get(code)
