import type { Socket } from 'node:net'
import type { Settings } from './session-settings.ts'
import { noSettings } from './session-settings.ts'
import { closingTypes, MessageSplitter, messageType } from './wire-messages.ts'

export interface ConnectionLimits {
  /** Above this many received and unserved bytes the socket is not read any more. */
  readonly inboxBytes: number
  /** One message may not be larger. */
  readonly messageBytes: number
  /** A client that has not taken this many bytes of replies gets no turn until it has. */
  readonly outboxBytes: number
}

/**
 * What the server knows about one client: its bytes in, its bytes out, and what of the engine's state is its own.
 *
 *   handshake  — until the StartupMessage (and the password) is accepted
 *   serving    — its messages wait in the inbox for its turns
 *   closed     — nothing is read or written any more
 */
export class ClientConnection {
  readonly id: number
  readonly socket: Socket
  readonly #limits: ConnectionLimits
  readonly #splitter: MessageSplitter
  readonly #inbox: Buffer[] = []
  #inboxBytes = 0
  #closingCount = 0
  #isPaused = false

  phase: 'handshake' | 'password' | 'serving-soon' | 'serving' | 'closed' = 'handshake'
  settings: Settings = noSettings
  /** The names of its prepared statements, as the client calls them. */
  readonly statements = new Set<string>()
  /** Of these, those whose text changes session parameters. */
  readonly settingStatements = new Set<string>()
  /** Its last Parse of the unnamed statement, to repeat it when another client has replaced that meanwhile. */
  unnamedParse: Buffer | undefined
  hasTempTables = false
  /** In the turn it has now: messages ran since the last ReadyForQuery, parameters may have changed, status. */
  isMidSequence = false
  mayHaveChangedSettings = false
  isInTransaction = false
  waitingSinceMs: number | undefined
  idleTimer: NodeJS.Timeout | undefined

  constructor(id: number, socket: Socket, limits: ConnectionLimits) {
    this.id = id
    this.socket = socket
    this.#limits = limits
    this.#splitter = new MessageSplitter(limits.messageBytes)
  }

  /** Takes what has arrived. Returns true when the inbox is full and the socket is paused for it. */
  receive(chunk: Buffer): boolean {
    this.#splitter.push(chunk)
    return this.phase === 'serving' && this.sortInbox()
  }

  /** An untyped packet of the handshake. */
  nextPacket(): Buffer | undefined {
    return this.#splitter.next(false)
  }

  nextHandshakeMessage(): Buffer | undefined {
    return this.#splitter.next()
  }

  sortInbox(): boolean {
    for (let message = this.#splitter.next(); message !== undefined; message = this.#splitter.next()) {
      this.#inbox.push(message)
      this.#inboxBytes += message.length
      if (closingTypes.has(messageType(message))) this.#closingCount += 1
    }
    // Without a closing message the client has not finished its request: to stop reading would be to wait for ever.
    const isFull = this.#inboxBytes > this.#limits.inboxBytes && this.#closingCount > 0
    if (!isFull || this.#isPaused) return false
    this.#isPaused = true
    this.socket.pause()
    return true
  }

  takeMessage(): Buffer | undefined {
    const message = this.#inbox.shift()
    if (message === undefined) return undefined
    this.#inboxBytes -= message.length
    if (closingTypes.has(messageType(message))) this.#closingCount -= 1
    if (this.#isPaused && this.#inboxBytes <= this.#limits.inboxBytes / 2) {
      this.#isPaused = false
      this.socket.resume()
    }
    return message
  }

  get hasMessages(): boolean {
    return this.#inbox.length > 0
  }

  /** A whole request is here (or more than we want to hold of one), and the client takes its replies. */
  get isWorthATurn(): boolean {
    if (this.phase !== 'serving' || this.isCongested) return false
    return this.#closingCount > 0 || this.#inboxBytes > this.#limits.inboxBytes
  }

  get isCongested(): boolean {
    return this.socket.writableLength > this.#limits.outboxBytes
  }

  send(bytes: Buffer): void {
    if (bytes.length > 0 && this.socket.writable) this.socket.write(bytes)
  }
}
