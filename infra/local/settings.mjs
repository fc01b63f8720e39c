// What `npm start` can be told: flags, or the environment variables of the same meaning (also from a file `.env` in the root).
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { inRoot, root } from './paths.mjs'

const options = {
  fresh: { type: 'boolean', help: 'begin anew: delete all data, after asking' },
  yes: { type: 'boolean', help: 'do not ask' },
  'no-simulator': { type: 'boolean', help: 'start without the simulated district' },
  assets: { type: 'string', env: 'SIM_ASSETS', help: 'assets of the simulated district (3000)' },
  keepers: { type: 'string', env: 'SIM_KEEPERS', help: 'keepers of the simulated district (40)' },
  rate: {
    type: 'string',
    env: 'SIM_RATE',
    help: 'simulated readings a second (each asset about once a minute)',
  },
  seed: { type: 'string', env: 'SIM_SEED', help: 'seed of the simulated district' },
  'http-port': { type: 'string', env: 'HTTP_PORT', fallback: '8080', help: 'the wall and the api (8080)' },
  'mqtt-port': { type: 'string', env: 'MQTT_PORT', fallback: '1883', help: 'the door for devices (1883)' },
  'db-port': { type: 'string', env: 'EMBEDDED_PORT', fallback: '5439', help: 'the embedded database (5439)' },
  'gateway-port': {
    type: 'string',
    env: 'GATEWAY_HTTP_PORT',
    fallback: '8081',
    help: "the gateway's health and metrics (8081)",
  },
  data: { type: 'string', env: 'GRIDKEEPER_DATA_DIR', fallback: '.data', help: 'folder of all data (.data)' },
  help: { type: 'boolean', help: 'show this' },
}

export class SettingsError extends Error {}

export function readSettings(args) {
  const file = inRoot('.env')
  if (existsSync(file)) process.loadEnvFile(file)
  let values
  try {
    ;({ values } = parseArgs({
      args,
      options: Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }])),
    }))
  } catch (error) {
    throw new SettingsError(`${error.message}\n\n${helpText()}`)
  }
  const env = {}
  for (const [flag, { env: name, fallback }] of Object.entries(options)) {
    if (name === undefined) continue
    const value = values[flag] ?? process.env[name] ?? fallback
    if (value !== undefined) env[name] = value
  }
  for (const name of ['HTTP_PORT', 'MQTT_PORT', 'EMBEDDED_PORT', 'GATEWAY_HTTP_PORT'])
    checkPort(name, env[name])
  return {
    env,
    dataFolder: resolve(root, env.GRIDKEEPER_DATA_DIR),
    databaseUrl: process.env.DATABASE_URL || null,
    isFresh: values.fresh === true,
    isSure: values.yes === true,
    hasSimulator: values['no-simulator'] !== true,
    wantsHelp: values.help === true,
  }
}

export function helpText() {
  const lines = Object.entries(options).map(([flag, { help, env, type }]) => {
    const left = `  --${flag}${type === 'string' ? ' <value>' : ''}`
    return `${left.padEnd(28)}${help}${env === undefined ? '' : `  [${env}]`}`
  })
  return `npm start -- [options]\n\n${lines.join('\n')}\n\n  DATABASE_URL=postgres://…   use a TimescaleDB server instead of the embedded one`
}

/** The flag that changes a setting, for error messages. */
export function flagOf(envName) {
  const found = Object.entries(options).find(([, { env }]) => env === envName)
  return found === undefined ? envName : `--${found[0]} (or ${envName})`
}

function checkPort(name, value) {
  if (!/^\d{1,5}$/.test(value) || Number(value) < 1 || Number(value) > 65535)
    throw new SettingsError(`${flagOf(name)} must be a port from 1 to 65535, not "${value}"`)
}
