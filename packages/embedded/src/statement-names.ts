import { messageType, readCString } from './wire-messages.ts'

/**
 * Prepared statements belong to a connection in Postgres, but the engine has one backend for all connections. Each
 * connection's named statements therefore bear its prefix inside the engine. Portals need none: they end with their
 * transaction, and a turn lasts at least that long.
 */
export function statementPrefix(connectionId: number): string {
  return `gk${connectionId}:`
}

/** The statement name a Parse, Bind, Describe or Close message is about; undefined when it is about a portal. */
export function statementNameIn(message: Buffer): { name: string; nameAt: number } | undefined {
  const type = messageType(message)
  if (type === 'P') return { name: readCString(message, 5).text, nameAt: 5 }
  if (type === 'B') {
    // The portal's name comes first.
    const nameAt = readCString(message, 5).end
    return { name: readCString(message, nameAt).text, nameAt }
  }
  // Describe and Close: a kind byte, S for a statement, then the name.
  if ((type === 'D' || type === 'C') && message[5] === 0x53)
    return { name: readCString(message, 6).text, nameAt: 6 }
  return undefined
}

/** The message with `prefix` before the name at `nameAt`, as parts, so that a large Bind is not copied. */
export function withPrefix(message: Buffer, nameAt: number, prefix: string): readonly Buffer[] {
  const inserted = Buffer.from(prefix, 'utf8')
  const head = Buffer.concat([message.subarray(0, nameAt), inserted])
  head.writeInt32BE(message.readInt32BE(1) + inserted.length, 1)
  return [head, message.subarray(nameAt)]
}
