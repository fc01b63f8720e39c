// Runs the whole system on this machine and tells where it is. On the pinned Node; `start.mjs` comes before it.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { inRoot, root } from './paths.mjs'
import { ProcessGroup } from './processes.mjs'
import { readSecrets } from './secrets.mjs'
import { flagOf, helpText, readSettings, SettingsError } from './settings.mjs'

const say = (text = '') => process.stdout.write(`${text}\n`)
const fail = (text) => {
  process.stderr.write(`\n${text}\n`)
  process.exit(1)
}

const settings = await Promise.resolve()
  .then(() => readSettings(process.argv.slice(2)))
  .catch((error) => (error instanceof SettingsError ? fail(error.message) : Promise.reject(error)))
if (settings.wantsHelp) {
  say(helpText())
  process.exit(0)
}

const { env, dataFolder } = settings
const runFile = join(dataFolder, 'run.json')
await checkPorts()
if (settings.isFresh) await beginAnew()
mkdirSync(dataFolder, { recursive: true })
const secrets = readSecrets(dataFolder)

let stopping = null
const processes = new ProcessGroup(join(dataFolder, 'logs'), (name, how, words) => {
  void stop(1, `${name} died (${how}), so everything stops. Its last words:\n${words}`)
})
// A second request while stopping changes nothing: the order is kept, and each process has a limit of its own.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(0))

const startedAtMs = Date.now()
try {
  await startAll()
} catch (error) {
  await stop(1, error.message)
}

async function startAll() {
  let databaseUrl = settings.databaseUrl
  if (databaseUrl === null) {
    const { url } = await start('database', 'packages/embedded/dist/main.js', {
      EMBEDDED_DATA_DIR: join(dataFolder, 'db'),
      EMBEDDED_PORT: env.EMBEDDED_PORT,
    })
    databaseUrl = url ?? `postgres://postgres@127.0.0.1:${env.EMBEDDED_PORT}/postgres`
  }
  const mqttUrl = `mqtt://127.0.0.1:${env.MQTT_PORT}`
  const gatewayUrl = `http://127.0.0.1:${env.GATEWAY_HTTP_PORT}`
  const wallUrl = `http://127.0.0.1:${env.HTTP_PORT}`
  const shared = { DATABASE_URL: databaseUrl, BUS_SECRET: secrets.busSecret, NODE_ENV: 'production' }
  await start('gateway', 'apps/gateway/dist/main.js', {
    ...shared,
    MQTT_PORT: env.MQTT_PORT,
    GATEWAY_HTTP_PORT: env.GATEWAY_HTTP_PORT,
    ...(settings.hasSimulator ? { OPEN_REGISTRATION: openToSimulator() } : {}),
  })
  await start('api', 'apps/api/dist/main.js', {
    ...shared,
    BUS_URL: mqttUrl,
    HTTP_PORT: env.HTTP_PORT,
    SCREEN_DIR: inRoot('apps', 'screen', 'dist'),
    SESSION_SECRET: secrets.sessionSecret,
    ADMIN_PASSWORD: secrets.adminPassword,
  })
  const login = { name: 'admin', password: secrets.adminPassword }
  if (settings.hasSimulator)
    await start('simulator', 'apps/simulator/dist/main.js', {
      ...env,
      API_URL: wallUrl,
      API_NAME: login.name,
      API_PASSWORD: login.password,
      MQTT_URL: mqttUrl,
      SIM_DEVICE_SECRET: secrets.deviceSecret,
      SIM_STATE_FILE: join(dataFolder, 'simulator.json'),
    })
  const run = {
    startedAtMs,
    urls: { wall: wallUrl, api: `${wallUrl}/api`, mqtt: mqttUrl, gateway: gatewayUrl, database: databaseUrl },
    ports: {
      http: Number(env.HTTP_PORT),
      mqtt: Number(env.MQTT_PORT),
      gateway: Number(env.GATEWAY_HTTP_PORT),
      database: settings.databaseUrl === null ? Number(env.EMBEDDED_PORT) : null,
    },
    login,
    processes: { runner: process.pid, ...processes.ids },
  }
  if (stopping !== null) return
  writeFileSync(runFile, JSON.stringify(run, null, 2), { mode: 0o600 })
  announce(run)
}

/** The simulator registers its own login, and nobody else's; beside what the operator has opened. */
function openToSimulator() {
  return [process.env.OPEN_REGISTRATION, 'sim:*'].filter(Boolean).join(',')
}

async function start(name, script, processEnv) {
  if (stopping !== null) throw new Error('stopped while starting')
  const from = Date.now()
  say(`Starting the ${name} …`)
  const message = await processes.start(name, inRoot(script), processEnv)
  say(`  ready in ${((Date.now() - from) / 1000).toFixed(1)} s`)
  return message
}

function announce({ urls, login }) {
  const rule = '─'.repeat(72)
  say(`
${rule}
  Gridkeeper 网格守望 is running   (${((Date.now() - startedAtMs) / 1000).toFixed(0)} s)

  Wall        ${urls.wall}
  Log in      ${login.name} / ${login.password}
  REST        ${urls.wall}/api/docs
  Devices     ${urls.mqtt}   (MQTT, topic gk/v1/<device key>/readings)
              ${urls.gateway}/ingest/v1/<device key>/readings   (HTTP)
              each with its own secret: docs/devices.md
  Database    ${urls.database}
  Data        ${relative(root, dataFolder) || dataFolder}/   logs in ${relative(root, join(dataFolder, 'logs'))}/

  Stop        Ctrl-C
${rule}
`)
}

function stop(code, reason) {
  stopping ??= (async () => {
    if (reason) process.stderr.write(`\n${reason}\n\n`)
    else say('\nStopping …')
    await processes.stop((name) => say(`  ${name}`))
    rmSync(runFile, { force: true })
    say('Stopped. The data are kept.')
    process.exit(code)
  })()
  return stopping
}

async function checkPorts() {
  const names = [
    'HTTP_PORT',
    'MQTT_PORT',
    'GATEWAY_HTTP_PORT',
    ...(settings.databaseUrl === null ? ['EMBEDDED_PORT'] : []),
  ]
  for (const name of names) {
    const error = await tryPort(Number(env[name]))
    if (error?.code === 'EADDRINUSE')
      fail(
        `Port ${env[name]} is taken: is Gridkeeper running already? Otherwise choose another one by ${flagOf(name)}.`,
      )
    if (error)
      fail(`Port ${env[name]} cannot be used (${error.message}). Choose another one by ${flagOf(name)}.`)
  }
}

function tryPort(port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', resolve)
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(null)))
  })
}

async function beginAnew() {
  if (settings.databaseUrl !== null)
    fail('--fresh deletes the embedded database only. With DATABASE_URL, make the database anew yourself.')
  if (!settings.isSure) {
    if (!process.stdin.isTTY)
      fail(`--fresh would delete ${dataFolder}. Without a terminal to ask on, add --yes.`)
    const terminal = createInterface({ input: process.stdin, output: process.stdout })
    const answer = await terminal.question(`Delete everything in ${dataFolder}? Type "yes": `)
    terminal.close()
    if (answer.trim().toLowerCase() !== 'yes') fail('Nothing was deleted.')
  }
  rmSync(dataFolder, { recursive: true, force: true })
}
