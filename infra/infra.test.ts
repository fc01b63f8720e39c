import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createRegistry, loadEnv } from '@gridkeeper/service-kit'
import { envSchema as apiSchema } from '../apps/api/src/config/env.ts'
import { readConfig as readGatewayConfig } from '../apps/gateway/src/config/env.ts'
import { parseDockerfile, type Copy, type Stage } from './dockerfile.ts'

const root = join(import.meta.dirname, '..')
const read = (...parts: string[]) => readFileSync(join(root, ...parts), 'utf8')
const inRoot = (path: string) => existsSync(join(root, path))

interface Service {
  readonly image?: string
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly target: string }
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly networks?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: unknown
  readonly profiles?: readonly string[]
  readonly restart?: string
  readonly mem_limit?: string
  readonly logging?: { readonly options: Readonly<Record<string, string>> }
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>
  readonly volumes: Readonly<Record<string, unknown>>
}

const composeText = read('docker-compose.yml')
const compose = parse(composeText, { merge: true }) as Compose
const services = Object.entries(compose.services)
const service = (name: string): Service => {
  const found = compose.services[name]
  if (found === undefined) throw new Error(`no service ${name}`)
  return found
}
const stages = parseDockerfile(read('infra', 'docker', 'Dockerfile'))
const stageOf = (name: string): Stage => {
  const found = stages.find((stage) => stage.name === name)
  if (found === undefined) throw new Error(`no stage ${name}`)
  return found
}

/** `NAME=value` lines of `.env.example`. */
const example = new Map(
  [...read('.env.example').matchAll(/^([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name = '', value = '']) => [
    name,
    value,
  ]),
)
const secrets = ['POSTGRES_PASSWORD', 'BUS_SECRET', 'SESSION_SECRET', 'ADMIN_PASSWORD']

/** Not ours to install: what needs them is skipped where they are missing. */
const tools = { nginx: 'nginx', mosquitto: 'mosquitto' } as const
const isInstalled = (tool: keyof typeof tools) => spawnSync(tools[tool], ['-h']).error === undefined

/** What Compose makes of a value: `$$` is a dollar, `${NAME:-default}` and `${NAME:?why}` are filled in. */
const fillIn = (text: string) =>
  text.replace(/\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}/g, (whole, name?: string, kind?: string, rest = '') => {
    if (name === undefined) return whole === '$$' ? '$' : whole
    const value = secrets.includes(name) ? `${name}-`.padEnd(40, 'x') : (example.get(name) ?? '')
    return value === '' && kind === '-' ? rest : value
  })
const environmentOf = (name: string) =>
  Object.fromEntries(
    Object.entries(service(name).environment ?? {}).map(([key, value]) => [key, fillIn(value)]),
  )

/** The settings that a schema in the style of our `config/env.ts` names. */
const namesIn = (file: string) =>
  [...read(...file.split('/')).matchAll(/^ {2}([A-Z][A-Z0-9_]*):/gm)].map(([, name = '']) => name)

describe('docker-compose.yml', () => {
  it('builds only stages that the Dockerfile has', () => {
    const built = services.flatMap(([, { build }]) => (build === undefined ? [] : [build]))
    expect(built.map(({ target }) => target).sort()).toEqual(['api', 'gateway', 'screen'])
    for (const { context, dockerfile, target } of built) {
      expect(inRoot(join(context, dockerfile))).toBe(true)
      expect(stages.map(({ name }) => name)).toContain(target)
    }
  })

  it('pins every image to an exact version', () => {
    const images = services.flatMap(([, { image }]) => image ?? [])
    for (const image of images) expect(image).toMatch(/:v?\d+\.\d+\.\d+(-[\w.]+)?$/)
  })

  it('takes every variable from .env, and .env.example has them all', () => {
    const used = [...composeText.replaceAll('$$', '').matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name)
    expect(used.length).toBeGreaterThan(0)
    for (const name of used) expect([...example.keys()], name).toContain(name)
    expect(composeText.replaceAll('$$', '')).not.toMatch(/\$[A-Za-z_]/)
  })

  it('refuses to start without its secrets and ships none', () => {
    for (const name of secrets) {
      expect(composeText).toContain(`\${${name}:?`)
      expect(composeText).not.toMatch(new RegExp(`\\$\\{${name}(:-|\\})`))
      expect(example.get(name)).toBe('')
    }
  })

  it('spells the settings of the gateway as the gateway does, with values it takes', () => {
    const names = namesIn('apps/gateway/src/config/env.ts')
    const given = environmentOf('gateway')
    const config = readGatewayConfig(given)
    expect(Object.keys(given).sort()).toEqual([...names, 'LOG_LEVEL', 'NODE_OPTIONS'].sort())
    expect(new URL(config.databaseUrl).hostname).toBe('timescaledb')
    expect(config.mqtt.host).toBe('0.0.0.0')
    expect(config.http.host).toBe('0.0.0.0')
  })

  it('spells the settings of the api as the api does, with values it takes', () => {
    const given = environmentOf('api')
    const config = loadEnv(apiSchema, given)
    // The screen is nginx's here.
    const names = Object.keys(apiSchema.shape).filter((name) => name !== 'SCREEN_DIR')
    expect(Object.keys(given).sort()).toEqual([...names, 'LOG_LEVEL', 'NODE_OPTIONS'].sort())
    expect(new URL(config.DATABASE_URL).hostname).toBe('timescaledb')
    expect(config.DATABASE_URL).toBe(environmentOf('gateway')['DATABASE_URL'])
    expect(new URL(config.BUS_URL).host).toBe(`gateway:${environmentOf('gateway')['MQTT_PORT']}`)
    expect(config.BUS_SECRET).toBe(environmentOf('gateway')['BUS_SECRET'])
    expect(config.HTTP_HOST).toBe('0.0.0.0')
  })

  it('publishes the wall, the broker and, if wanted, Grafana, on loopback unless .env says otherwise', () => {
    const published = services.filter(([, { ports }]) => ports !== undefined)
    expect(published.map(([name]) => name).sort()).toEqual(['grafana', 'mosquitto', 'screen'])
    expect(service('grafana').profiles).toEqual(['monitoring'])
    for (const [, { ports = [] }] of published) {
      expect(ports).toHaveLength(1)
      expect(fillIn(ports[0] ?? '')).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
    }
    expect(compose.networks['inside']?.internal).toBe(true)
    for (const name of ['timescaledb', 'gateway', 'api']) expect(service(name).networks).toEqual(['inside'])
  })

  it('bounds memory and logs of every service, restarts it, and knows its health', () => {
    for (const [name, { mem_limit, logging, restart, healthcheck, build }] of services) {
      expect(mem_limit, name).toMatch(/^\d+[mg]$/)
      expect(logging?.options, name).toMatchObject({ 'max-size': '10m', 'max-file': '5' })
      expect(restart, name).toBe('unless-stopped')
      expect(healthcheck !== undefined || stageOf(build?.target ?? '').hasHealthcheck, name).toBe(true)
    }
  })

  it('starts each service after those it needs are healthy', () => {
    for (const [name, { depends_on = {} }] of services) {
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        expect(Object.keys(compose.services), name).toContain(needed)
        expect(condition).toBe('service_healthy')
      }
    }
    expect(Object.keys(service('api').depends_on ?? {})).toEqual(['timescaledb', 'gateway'])
    expect(service('mosquitto').depends_on).toBeUndefined()
  })

  it('mounts files that are there and volumes that it declares', () => {
    for (const source of services.flatMap(([, { volumes = [] }]) =>
      volumes.map((v) => v.split(':')[0] ?? ''),
    ))
      expect(source.startsWith('./') ? inRoot(source) : source in compose.volumes, source).toBe(true)
  })
})

describe('infra/docker/Dockerfile', () => {
  const copies = stages.flatMap((stage) => stage.copies.map((copy) => ({ stage, copy })))

  it('copies only what is in the checkout and not ignored, or what an earlier stage made', () => {
    for (const { stage, copy } of copies) {
      for (const source of copy.sources) {
        if (copy.from === null) {
          expect(inRoot(source), source).toBe(true)
          expect(isIgnored(source), `${source} is in .dockerignore`).toBe(false)
        } else {
          expect(stages.slice(0, stages.indexOf(stage)).map(({ name }) => name)).toContain(copy.from)
          expect(source).toMatch(/^\/app/)
          const made = source.replace(/^\/app\/?/, '')
          if (made !== '')
            expect(made.endsWith('/dist') && inRoot(made.replace(/dist$/, 'package.json')), source).toBe(true)
        }
      }
    }
  })

  it('gives npm the manifest of every workspace, which it compares with the lock', () => {
    const workspaces = ['packages', 'apps'].flatMap((folder) =>
      readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
    )
    const manifests = stageOf('manifests').copies.flatMap(({ sources }) => sources)
    for (const workspace of [...workspaces, 'load-tests'].filter((path) => inRoot(`${path}/package.json`)))
      expect(manifests).toContain(`${workspace}/package.json`)
    expect(manifests).toContain('package-lock.json')
  })

  it.each(['gateway', 'api'])('puts into the image of %s every package of ours that it runs on', (app) => {
    const { copies: own } = stageOf(app)
    const isCopied = (path: string) => own.some((copy: Copy) => copy.sources.includes(path))
    for (const folder of [`apps/${app}`, ...packagesUnder(`apps/${app}`)]) {
      expect(isCopied(`/app/${folder}/dist`), folder).toBe(true)
    }
    expect(isCopied('packages/store/migrations')).toBe(true)
    expect(own.some((copy: Copy) => copy.from === `${app}-modules`)).toBe(true)
  })

  it('builds each package that an app is built from', () => {
    const sources = stageOf('build').copies.flatMap((copy) => copy.sources)
    for (const source of [
      'packages',
      'apps/api',
      'apps/gateway',
      'apps/screen',
      'turbo.json',
      'tsconfig.base.json',
    ])
      expect(sources).toContain(source)
  })

  it('runs on the Node that the repository pins', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as {
      devDependencies: Record<string, string>
    }
    const versions = stages.flatMap(({ base }) => /^node:(.+)-slim$/.exec(base)?.[1] ?? [])
    expect(new Set(versions)).toEqual(new Set([devDependencies['node']]))
  })

  it.each(['gateway', 'api', 'screen'])('runs %s without root', (name) => {
    expect(stageOf(name).user).toMatch(/^(node|nginx)$/)
  })
})

describe('docs/operations.md', () => {
  it('tells of every setting and every metric of ours', () => {
    const text = read('docs', 'operations.md')
    const metrics = ['apps/gateway/src', 'apps/api/src'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.metrics.ts'))
        .flatMap((file) => [...read(folder, file).matchAll(/'(gk_[a-z_]+)'/g)].map(([, name = '']) => name)),
    )
    expect(metrics.length).toBeGreaterThan(10)
    const settings = [
      ...namesIn('apps/gateway/src/config/env.ts'),
      ...Object.keys(apiSchema.shape),
      ...example.keys(),
    ]
    for (const name of [...settings, ...metrics]) expect(text, name).toContain(`\`${name}\``)
  })
})

describe('infra/prometheus', () => {
  it('scrapes the gateway and the api where Compose runs them', () => {
    const { scrape_configs } = parse(read('infra', 'prometheus', 'prometheus.yml')) as {
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[]
    }
    const targets = scrape_configs.flatMap((job) => job.static_configs.flatMap((group) => group.targets))
    const { GATEWAY_HTTP_PORT: gatewayPort } = environmentOf('gateway')
    expect(targets).toEqual([`gateway:${gatewayPort}`, `api:${environmentOf('api')['HTTP_PORT']}`])
    for (const { job_name } of scrape_configs) expect(job_name).toMatch(/^gridkeeper/)
  })
})

describe('infra/grafana', () => {
  interface Panel {
    readonly id: number
    readonly type: string
    readonly title: string
    readonly description?: string
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
    readonly targets?: readonly { readonly expr: string }[]
  }
  const text = read('infra', 'grafana', 'gridkeeper.json')
  const dashboard = JSON.parse(text) as {
    readonly panels: readonly Panel[]
    readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] }
  }
  const panels = dashboard.panels.filter(({ type }) => type !== 'row')
  const namesInExpressions = panels.flatMap(({ targets = [] }) =>
    targets.flatMap(({ expr }) => expr.match(/\b(gk|process|nodejs)_\w+/g) ?? []),
  )

  it('asks only for metrics that the services have', () => {
    const ours = ['gateway', 'api'].flatMap((app) =>
      readdirSync(join(root, 'apps', app, 'src'), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.metrics.ts'))
        .flatMap((file) =>
          [...read('apps', app, 'src', file).matchAll(/'(gk_[a-z_]+)'/g)].map(([, name = '']) => name),
        ),
    )
    const ofNode = createRegistry('test', { withProcessMetrics: true })
      .getMetricsAsArray()
      .map(({ name }) => name)
    const known = new Set([...ours, ...ofNode])
    expect(namesInExpressions.length).toBeGreaterThan(20)
    const unknown = namesInExpressions.filter((name) => !known.has(name.replace(/_bucket$/, '')))
    expect(unknown).toEqual([])
  })

  it('shows every figure an operator is promised', () => {
    for (const name of [
      'gk_messages_total',
      'gk_rows_total',
      'gk_batches_total',
      'gk_ack_seconds_bucket',
      'gk_intake_waiting_items',
      'gk_intake_waiting_bytes',
      'gk_refusals_total',
      'gk_shed_total',
      'gk_dead_letters_total',
      'gk_broker_connections',
      'gk_commit_retries_total',
      'gk_job_lag_seconds',
      'gk_api_live_connections',
    ])
      expect(namesInExpressions, name).toContain(name)
  })

  it('has a Chinese title and an English description for each panel, and none over another', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
    for (const { title, description } of panels) {
      expect(title).toMatch(/[\u4e00-\u9fff]|^CPU$/)
      expect(description, title).toMatch(/^[A-Z].+\.$/)
    }
    for (const [at, { gridPos: a }] of dashboard.panels.entries()) {
      expect(a.x + a.w).toBeLessThanOrEqual(24)
      for (const { gridPos: b } of dashboard.panels.slice(at + 1))
        expect(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y).toBe(true)
    }
  })

  it('takes whatever Prometheus the importer has', () => {
    expect(dashboard.templating.list).toContainEqual(
      expect.objectContaining({ name: 'datasource', type: 'datasource', query: 'prometheus' }),
    )
    const uids = [...text.matchAll(/"uid": "([^"]+)"/g)].map(([, uid]) => uid)
    expect(new Set(uids)).toEqual(new Set(['${datasource}', 'gridkeeper']))
  })
})

describe('.env.example', () => {
  it('has nothing that nobody reads', () => {
    const readers = [
      composeText,
      read('infra', 'local', 'settings.mjs'),
      ...namesIn('apps/gateway/src/config/env.ts'),
      ...Object.keys(apiSchema.shape),
      read('packages', 'service-kit', 'src', 'create-logger.ts'),
    ].join('\n')
    for (const name of example.keys()) expect(readers, name).toContain(name)
  })
})

describe('infra/nginx/nginx.conf', () => {
  const text = read('infra', 'nginx', 'nginx.conf')

  it('closes every brace and ends every directive', () => {
    const bare = text
      .split('\n')
      .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
      .filter((line) => line !== '')
    let depth = 0
    for (const line of bare) {
      expect(line, line).toMatch(/[;{}]$/)
      depth += (line.match(/\{$/) ? 1 : 0) - (line === '}' ? 1 : 0)
      expect(depth).toBeGreaterThanOrEqual(0)
    }
    expect(depth).toBe(0)
  })

  it('hands the api and the live stream on, with the host of the browser and websocket upgrades', () => {
    const location = (path: string) => {
      const start = text.indexOf(`location ${path} {`)
      expect(start, path).toBeGreaterThan(0)
      return text.slice(start, text.indexOf('}', start))
    }
    for (const path of ['/api/', '/live']) {
      expect(location(path)).toContain('proxy_pass $api;')
      // The api compares it with the Origin of a request that changes something.
      expect(location(path)).toContain('proxy_set_header Host $http_host;')
    }
    expect(location('/live')).toContain('proxy_set_header Upgrade $http_upgrade;')
    expect(text).toContain(`set $api http://api:${environmentOf('api')['HTTP_PORT']};`)
    expect(text).toMatch(new RegExp(`listen ${service('screen').ports?.[0]?.split(':').at(-1)};`))
  })

  const hasNginx = isInstalled('nginx') && existsSync('/etc/nginx/mime.types')
  it.skipIf(!hasNginx)('is taken by nginx (skipped where nginx is not installed)', () => {
    // /dev/stderr cannot be opened where it is a socket, as it is for a child of a test runner: hence the pipe.
    const file = join(root, 'infra', 'nginx', 'nginx.conf')
    const said = execFileSync('sh', ['-c', '"$0" -t -q -c "$1" 2>&1 | cat', tools.nginx, file], {
      encoding: 'utf8',
    })
    expect(said).toBe('')
  })
})

describe('infra/mosquitto', () => {
  const conf = read('infra', 'mosquitto', 'mosquitto.conf')
  const settings = conf.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const value = (name: string) => settings.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1)

  it('hands everything of the devices to the gateway, keeps it while the gateway is away, and bounds what it keeps', () => {
    expect(value('address')).toBe(`gateway:${environmentOf('gateway')['MQTT_PORT']}`)
    expect(value('topic')).toBe('gk/v1/# out 1')
    expect(value('cleansession')).toBe('false')
    expect(value('persistence')).toBe('true')
    expect(Number(value('max_queued_messages'))).toBeGreaterThan(0)
    expect(Number(value('max_queued_bytes'))).toBeGreaterThan(0)
  })

  it('says nothing to the gateway that the gateway would refuse', () => {
    expect(value('notifications')).toBe('false')
    expect(value('try_private')).toBe('false')
  })

  it('lets devices speak and hear nothing', () => {
    const rules = read('infra', 'mosquitto', 'acl').split('\n')
    expect(rules.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
      'pattern write gk/v1/#',
      'topic read $SYS/broker/uptime',
    ])
    expect(conf).toContain('\nacl_file /mosquitto/config/acl\n')
  })

  const hasMosquitto = isInstalled('mosquitto')
  it.skipIf(!hasMosquitto)('is taken by Mosquitto (skipped where Mosquitto is not installed)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gridkeeper-mosquitto-'))
    // Started by root, Mosquitto becomes a user of its own.
    chmodSync(folder, 0o777)
    try {
      const file = join(folder, 'mosquitto.conf')
      const local = conf
        .replace('listener 1883', `listener 0 ${join(folder, 'socket')}`)
        .replace('/mosquitto/config/acl', join(root, 'infra', 'mosquitto', 'acl'))
        .replace('/mosquitto/data/', `${folder}/`)
        .replace('address gateway:1883', 'address 127.0.0.1:1')
        // Not buffered: it is ended by the time limit.
        .replace('log_dest stdout', 'log_dest stderr')
      writeFileSync(file, local)
      const { stdout, stderr } = spawnSync(tools.mosquitto, ['-c', file], {
        timeout: 1_000,
        encoding: 'utf8',
      })
      expect(`${stdout}${stderr}`).not.toMatch(/^.*Error(?! creating bridge).*$/m)
      expect(`${stdout}${stderr}`).toContain('Connecting bridge')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

/** Our packages that a workspace depends on at run time, directly or not. */
function packagesUnder(folder: string, found = new Set<string>()): Set<string> {
  const { dependencies = {} } = JSON.parse(read(folder, 'package.json')) as {
    dependencies?: Record<string, string>
  }
  for (const name of Object.keys(dependencies).filter((name) => name.startsWith('@gridkeeper/'))) {
    const next = name.replace('@gridkeeper/', 'packages/')
    if (found.has(next)) continue
    found.add(next)
    packagesUnder(next, found)
  }
  return found
}

/** `**``/name` and plain names are all that our .dockerignore uses. */
function isIgnored(path: string): boolean {
  const rules = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const parts = path.split('/')
  return rules.some((rule) => {
    if (!rule.startsWith('**/')) return path === rule || path.startsWith(`${rule}/`)
    const name = new RegExp(`^${rule.slice(3).replaceAll('.', '\\.').replaceAll('*', '.*')}$`)
    return parts.some((part) => name.test(part))
  })
}
