import type { Connection, DatabaseError, Submittable } from 'pg'

/** What the driver's connection has for COPY; its types leave it out. */
interface CopyConnection extends Connection {
  sendCopyFromChunk(bytes: Buffer): void
  endCopyFrom(): void
}

/**
 * `copy … from stdin` of bytes that are all at hand: the statement and its data go out together, one way there and back. A server that refuses the statement
 * drops the data that follow it.
 */
export class CopyQuery implements Submittable {
  readonly done: Promise<void>
  #resolve: () => void = () => undefined
  #reject: (error: Error) => void = () => undefined

  readonly #text: string
  readonly #bytes: Buffer

  constructor(text: string, bytes: Buffer) {
    this.#text = text
    this.#bytes = bytes
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  submit(connection: Connection): void {
    const copying = connection as CopyConnection
    copying.query(this.#text)
    copying.sendCopyFromChunk(this.#bytes)
    copying.endCopyFrom()
  }

  /** The driver puts its time limit around it, where it has one. */
  callback(): void {}

  handleCopyInResponse(): void {}

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.callback()
    this.#resolve()
  }

  handleError(error: DatabaseError | Error): void {
    this.callback()
    this.#reject(error)
  }
}
