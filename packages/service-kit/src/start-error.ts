/**
 * A service could not start for a reason that its operator can mend. The message is for that person: it is printed
 * as it is, without a stack.
 */
export class StartError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StartError'
    this.code = code
  }
}

/** The error of a service whose port is in use; `settingName` is the setting that moves it to another one. */
export function portTaken(port: number, settingName: string, cause?: unknown): StartError {
  return new StartError(
    'port-taken',
    `port ${port} is already in use by another program; stop that program or choose another port with ${settingName}`,
    { cause },
  )
}

/** True for the EADDRINUSE of Node's net and http servers. */
export function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
