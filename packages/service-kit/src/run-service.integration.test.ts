import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

describe('runService', () => {
  it('announces readiness with what the service wants known, and ends with 0 on SIGTERM', async () => {
    const service = run('good')
    expect(await service.message).toEqual({ type: 'ready', port: 7 })
    service.child.kill('SIGTERM')
    expect(await service.exitCode).toBe(0)
    expect(service.output()).toContain('"stopped"')
  })

  it('stops when its parent is gone', async () => {
    const service = run('good')
    await service.message
    service.child.disconnect()
    expect(await service.exitCodeBeforeClose).toBe(0)
  })

  it('stops when the signal comes before it has started', async () => {
    const service = run('slow-start')
    await service.firstOutput
    service.child.kill('SIGTERM')
    expect(await service.exitCode).toBe(0)
  })

  it('tells why it did not start: over IPC, on stderr, exit code 1', async () => {
    const service = run('port-taken')
    expect(await service.message).toEqual({
      type: 'failed',
      message: expect.stringMatching(/port 5433 .*EMBEDDED_PORT/) as string,
    })
    expect(await service.exitCode).toBe(1)
    expect(service.errors()).toMatch(/^trial: port 5433 is already in use/)
  })

  it('is ended by force when stopping hangs', async () => {
    const service = run('hanging-stop')
    await service.message
    service.child.kill('SIGTERM')
    expect(await service.exitCode).toBe(1)
    expect(service.output()).toContain('ended by force')
  })

  it('exits with 1 when stopping fails', async () => {
    const service = run('failing-stop')
    await service.message
    service.child.kill('SIGINT')
    expect(await service.exitCode).toBe(1)
  })

  it.each(['uncaught', 'unhandled'])('logs an %s error as its last words', async (mode) => {
    const service = run(mode)
    expect(await service.exitCode).toBe(1)
    const lines = service.output().trim().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ level: 'fatal', err: { message: 'boom' } })
  })
})

function run(mode: string) {
  const program = fileURLToPath(new URL('./run-service.trial.ts', import.meta.url))
  const child = fork(program, [mode], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] })
  children.push(child)
  let output = ''
  let errors = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text))
  return {
    child,
    message: once(child, 'message').then(([message]) => message as unknown),
    firstOutput: child.stdout === null ? Promise.reject(new Error('no stdout')) : once(child.stdout, 'data'),
    // Node emits no 'close' for a child that its parent has disconnected from.
    exitCodeBeforeClose: once(child, 'exit').then(([code]) => code as unknown),
    exitCode: once(child, 'close').then(([code]) => code as unknown),
    output: () => output,
    errors: () => errors,
  }
}
