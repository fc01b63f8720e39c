import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, startSystem } from '@gridkeeper/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const small = ['--assets', '200', '--keepers', '4']
const runner = join(import.meta.dirname, 'run.mjs')
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

const makeFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'gridkeeper-start-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const basic = ({ name, password }: { name: string; password: string }) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})

describe('npm start', { timeout: 240_000 }, () => {
  it('brings up the whole chain, tells where it is, stops in order, and keeps the data for the next start', async () => {
    const dataFolder = makeFolder()
    const first = await startSystem({ args: small, dataFolder })
    cleanups.push(() => first.stop())
    const { urls, login, processes } = first.run
    expect(first.output()).toContain(urls.wall)
    expect(first.output()).toContain(login.password)
    expect(Object.keys(processes)).toEqual(['runner', 'database', 'gateway', 'api', 'simulator'])
    expect(await (await fetch(urls.wall)).text()).toContain('<div id="app">')
    const known = await eventually(
      async () => {
        const response = await fetch(`${urls.api}/overview`, { headers: basic(login) })
        const { byKind } = (await response.json()) as { byKind: { total: number; unknown: number }[] }
        const heard = byKind.reduce((sum, kind) => sum + kind.total - kind.unknown, 0)
        expect(heard).toBeGreaterThan(0)
        return heard
      },
      { timeoutMs: 60_000, intervalMs: 500 },
    )
    expect(await first.stop()).toBe(0)
    const order = [...first.output().matchAll(/^ {2}(simulator|api|gateway|database)$/gm)].map(
      ([, name]) => name,
    )
    expect(order).toEqual(['simulator', 'api', 'gateway', 'database'])
    expect(Object.values(processes).some(isAlive)).toBe(false)
    expect(existsSync(join(dataFolder, 'run.json'))).toBe(false)

    const second = await startSystem({ args: ['--no-simulator'], dataFolder })
    cleanups.push(() => second.stop())
    expect(second.run.login).toEqual(login)
    const response = await fetch(`${second.run.urls.api}/overview`, { headers: basic(second.run.login) })
    const { byKind } = (await response.json()) as { byKind: { total: number; unknown: number }[] }
    expect(byKind.reduce((sum, kind) => sum + kind.total - kind.unknown, 0)).toBeGreaterThanOrEqual(known)
    await second.stop()
  })

  it('comes down as a whole when one process dies, with its last words', async () => {
    const system = await startSystem({ args: ['--no-simulator'] })
    cleanups.push(() => system.stop())
    process.kill(system.run.processes['gateway'] ?? 0, 'SIGKILL')
    expect(await system.exited).toBe(1)
    expect(system.output()).toContain('gateway died (SIGKILL)')
    expect(system.output()).toContain('ready')
    expect(Object.values(system.run.processes).some(isAlive)).toBe(false)
  })

  it('names a taken port and the setting that changes it', async () => {
    const blocker = createServer()
    const port = await new Promise<number>((resolve) =>
      blocker.listen(0, '127.0.0.1', () => resolve((blocker.address() as { port: number }).port)),
    )
    cleanups.push(() => blocker.close())
    const { status, stderr } = spawnSync(process.execPath, [
      runner,
      '--data',
      makeFolder(),
      '--mqtt-port',
      String(port),
    ])
    expect(status).toBe(1)
    expect(stderr.toString()).toContain(`Port ${port} is taken`)
    expect(stderr.toString()).toContain('--mqtt-port')
  })

  it('does not delete data without asking', () => {
    const dataFolder = makeFolder()
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        runner,
        '--data',
        dataFolder,
        '--fresh',
        '--http-port',
        '18999',
        '--mqtt-port',
        '18998',
        '--db-port',
        '18997',
        '--gateway-port',
        '18996',
      ],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    expect(status).toBe(1)
    expect(stderr.toString()).toContain('--yes')
    expect(existsSync(dataFolder)).toBe(true)
  })

  it('lists its settings, and refuses one that it does not know', () => {
    expect(spawnSync(process.execPath, [runner, '--help']).stdout.toString()).toContain('--no-simulator')
    const { status, stderr } = spawnSync(process.execPath, [runner, '--asets', '5'])
    expect(status).toBe(1)
    expect(stderr.toString()).toContain('--asets')
  })
})

describe('.gitignore', () => {
  it('keeps data and builds out of the repository', () => {
    const ignored = readFileSync(join(import.meta.dirname, '..', '..', '.gitignore'), 'utf8').split('\n')
    expect(ignored).toEqual(expect.arrayContaining(['.data/', 'dist/', 'node_modules/']))
  })
})
