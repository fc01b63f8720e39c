import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createRegistry, loadEnv } from '@gridkeeper/service-kit'
import { envSchema as apiSchema } from '../apps/api/src/config/env.ts'
import { readConfig as readGatewayConfig } from '../apps/gateway/src/config/env.ts'
import { defaultTopics } from '../apps/gateway/src/external/lanes.ts'
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
const secrets = ['POSTGRES_PASSWORD', 'BUS_SECRET', 'MQTT_PASSWORD', 'SESSION_SECRET', 'ADMIN_PASSWORD']

const notInCompose = ['MQTT_HOST', 'MQTT_PORT', 'MQTT_CA_FILE', 'MQTT_CERT_FILE', 'MQTT_KEY_FILE']

/** Not ours to install: what needs them is skipped where they are missing. */
const tools = { nginx: 'nginx' } as const
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
    // The gateway's own broker is not used here, nor certificates within the network.
    const names = namesIn('apps/gateway/src/config/env.ts').filter((name) => !notInCompose.includes(name))
    const given = environmentOf('gateway')
    const config = readGatewayConfig(given)
    expect(Object.keys(given).sort()).toEqual([...names, 'LOG_LEVEL', 'NODE_OPTIONS'].sort())
    expect(new URL(config.databaseUrl).hostname).toBe('timescaledb')
    expect(config.external).toMatchObject({
      url: 'mqtt://mosquitto:1883',
      username: 'gk-gateway',
      isShared: false,
    })
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
    expect(config.BUS_URL).toBe(environmentOf('gateway')['MQTT_URL'])
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
    expect(Object.keys(service('api').depends_on ?? {})).toEqual(['timescaledb', 'mosquitto'])
    expect(Object.keys(service('gateway').depends_on ?? {})).toEqual(['timescaledb', 'mosquitto'])
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

describe('infra/emqx', () => {
  const conf = read('infra', 'emqx', 'base.hocon')
  const acl = read('infra', 'emqx', 'acl.conf')

  it('has room for our window, and keeps our sessions as long as we ask', () => {
    const { external } = readGatewayConfig(environmentOf('gateway'))
    expect(Number(/max_inflight = (\d+)/.exec(conf)?.[1])).toBeGreaterThanOrEqual(
      external?.receiveMaximum ?? Infinity,
    )
    expect(Number(/session_expiry_interval = "(\d+)h"/.exec(conf)?.[1]) * 3600).toBeGreaterThanOrEqual(
      external?.sessionExpirySeconds ?? Infinity,
    )
  })

  it('lets the gateways hear all that they ask for, closes the bus to others, and refuses what no rule allows', () => {
    const heard = acl.split('\n').find((line) => line.includes('"gk-gateway"}, subscribe')) ?? ''
    for (const topic of defaultTopics) expect(heard, topic).toContain(`"${topic.split('/')[0]}/`)
    const lines = acl.split('\n').filter((line) => line.startsWith('{'))
    const deniesBus = lines.findIndex((line) => line.startsWith('{deny, all, all, ["gk/bus/#"'))
    expect(
      lines.slice(0, deniesBus).every((line) => /^\{allow, \{username, "gk-(gateway|bus)"\}/.test(line)),
    ).toBe(true)
    expect(lines.at(-1)).toBe('{deny, all}.')
    expect(conf).toContain('no_match = deny')
  })
})

describe('infra/mosquitto', () => {
  const conf = read('infra', 'mosquitto', 'mosquitto.conf')
  const acl = read('infra', 'mosquitto', 'acl')
  const isSaid = (line: string) => line !== '' && !line.startsWith('#')
  const settings = conf.split('\n').filter(isSaid)
  const value = (name: string) => settings.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1)

  it('knows everybody who comes in, and bounds what it takes and keeps', () => {
    expect(value('allow_anonymous')).toBe('false')
    expect(value('acl_file')).toBe('/mosquitto/config/acl')
    expect(read('infra', 'mosquitto', 'start.sh')).toContain(`passwords=${value('password_file')}`)
    for (const name of [
      'max_packet_size',
      'max_connections',
      'max_inflight_messages',
      'max_queued_messages',
      'max_queued_bytes',
    ])
      expect(Number(value(name)), name).toBeGreaterThan(0)
  })

  it('writes what it holds to disk within seconds', () => {
    expect(value('persistence')).toBe('true')
    expect(Number(value('autosave_interval'))).toBeLessThanOrEqual(5)
  })

  it('lets the gateways hear all that they ask for, and asks for a reason above each line', () => {
    const gateway = acl.slice(acl.indexOf('user gk-gateway'), acl.indexOf('user gk-bus'))
    for (const topic of defaultTopics) expect(gateway, topic).toContain(`topic read ${topic.split('/')[0]}/`)
    for (const section of conf.split('\n\n').filter((part) => part.split('\n').some(isSaid)))
      expect(/^(log_dest|persistence)/.test(section) || section.startsWith('#'), section).toBe(true)
  })

  it('closes the bus to everybody but our own', () => {
    for (const user of acl.split(/^(?=user )/m)) {
      const name = /^user (\S+)/.exec(user)?.[1] ?? ''
      const bus = user.split('\n').filter((line) => isSaid(line) && line.includes('gk/bus'))
      expect(bus, name).toEqual(
        name === 'gk-bus'
          ? ['topic readwrite gk/bus/#']
          : name === 'gk-gateway'
            ? ['topic readwrite gk/bus/session/#']
            : [],
      )
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
