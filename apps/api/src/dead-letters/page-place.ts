import type { DeadLetterPlace } from '@gridkeeper/store'
import { z } from 'zod'

/** Where a page ended, as one word of a query: `<received at, UTC ms>-<id>`. */
export const writePagePlace = ({ receivedAtMs, id }: DeadLetterPlace): string => `${receivedAtMs}-${id}`

export const pagePlaceSchema = z
  .string()
  .regex(/^\d{1,16}(\.\d{1,4})?-\d{1,15}$/, 'must be the `next` of another page')

/** Of a text that fits {@link pagePlaceSchema}. */
export function readPagePlace(text: string): DeadLetterPlace {
  const [receivedAtMs = '', id = ''] = text.split('-')
  return { receivedAtMs: Number(receivedAtMs), id: Number(id) }
}
