import { parseArgs } from 'node:util'

export type EngineName = 'embedded' | 'native'

export interface BenchOptions {
  readonly engines: readonly EngineName[]
  readonly rounds: number
  /** Each part of a round is measured for so long. */
  readonly seconds: number
  readonly devices: number
  readonly connections: number
  /** Unacknowledged messages of one connection. */
  readonly window: number
  readonly publishers: number
  readonly batchRows: number
  /** Flags of Node for the gateway, e.g. `--cpu-prof`. */
  readonly gatewayFlags: readonly string[]
  readonly withNodeRed: boolean
  readonly serverUrl: string | null
}

export class OptionsError extends Error {}

export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '8' },
      rounds: { type: 'string', default: '5' },
      devices: { type: 'string', default: '3000' },
      connections: { type: 'string', default: '48' },
      window: { type: 'string', default: '256' },
      publishers: { type: 'string', default: '1' },
      engine: { type: 'string' },
      'gateway-flags': { type: 'string', default: '' },
      'no-node-red': { type: 'boolean', default: false },
    },
  })
  const serverUrl = process.env['DATABASE_URL'] || null
  return {
    engines: chooseEngines(values.engine, serverUrl),
    rounds: count('rounds', values.rounds),
    seconds: count('seconds', values.seconds),
    devices: count('devices', values.devices),
    connections: count('connections', values.connections),
    window: count('window', values.window),
    publishers: count('publishers', values.publishers),
    // The raw writer takes the gateway's own batch, as it is set or by default.
    batchRows: count('BATCH_MAX_ITEMS', process.env['BATCH_MAX_ITEMS'] ?? '5000'),
    gatewayFlags: values['gateway-flags'].split(' ').filter(Boolean),
    withNodeRed: !values['no-node-red'],
    serverUrl,
  }
}

function chooseEngines(asked: string | undefined, serverUrl: string | null): readonly EngineName[] {
  const wanted = asked ?? (serverUrl === null ? 'embedded' : 'both')
  if (wanted !== 'embedded' && wanted !== 'native' && wanted !== 'both')
    throw new OptionsError('--engine is embedded, native or both')
  if (wanted !== 'embedded' && serverUrl === null)
    throw new OptionsError('a native server is named by DATABASE_URL')
  return wanted === 'both' ? ['embedded', 'native'] : [wanted]
}

function count(name: string, given: string): number {
  const value = Number(given)
  if (!Number.isInteger(value) || value < 1) throw new OptionsError(`${name} is a whole number from 1`)
  return value
}
