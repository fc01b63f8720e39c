import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

export interface Service {
  readonly child: ChildProcess
  readonly ready: Readonly<Record<string, unknown>>
  stop(): Promise<void>
}

/** Starts one of our services as `npm start` does, and waits until it says that it is ready. */
export async function startService(
  program: string,
  env: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<Service> {
  const child = fork(program, [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [...flags],
    env: { ...process.env, LOG_LEVEL: 'warn', ...env },
  })
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    child.on('message', (message: { type?: string; message?: string }) => {
      if (message.type === 'ready') resolve(message as Record<string, unknown>)
      if (message.type === 'failed') reject(new Error(`${program}: ${message.message}`))
    })
    child.once('exit', (code) => reject(new Error(`${program} ended while starting, with ${code}`)))
  })
  return { child, ready, stop: () => end(child) }
}

/** Asks it to stop and waits for its end. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
