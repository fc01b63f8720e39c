import { resolve } from 'node:path'
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { deviceKeyPattern } from '@gridkeeper/contracts'
import { isPlace, kinds } from '@gridkeeper/domain'
import type { LonLat } from '@gridkeeper/domain'
import type { MapWish } from './column-map.ts'
import { zoneOffsetMs } from './parse-time.ts'

export const usage = `Replays a recording through the front door, as the device itself would send it.

  npm run replay -- <file> --as <kind|keeper> --key <device key> [options]

  <file>               a CSV with a header row, or a .gpx track (with --as keeper)
  --as                 ${kinds.map(({ key }) => key).join(' | ')} | keeper
  --key                the device key; readings and fixes go to gk/v1/<key>/…
  --speed N            N times as fast as recorded; without it as fast as the gateway acknowledges
  --shift-to-now       moves all times so that the last sample is now; without it the recording keeps its own times
  --at LON,LAT         an asset: its place, with which it is registered if the system does not know it yet
                       a keeper: the track is moved so that it starts there
  --name NAME          the name under which it is registered
  --map K=COL,…        which column is which: time=When,p=Power. time=Date+Clock joins two. Known files need no map
  --time-format F      iso (default) | epoch-s | epoch-ms | a pattern such as 'dd/MM/yyyy HH:mm:ss'
  --zone ZONE          zone of times without offset (IANA); default Asia/Shanghai, or that of the known file
  --secret SECRET      the device's own secret, if it has one; without it the replay makes itself a login over the api and speaks for the device
  --mqtt URL           the broker, --api URL the api, --login NAME:PASSWORD; default: .data/run.json of the running system
  --help

Known files: UCI household power consumption (--as meter), ETT transformer (--as transformer).
Refuses to change the recording beyond --shift-to-now and --at. Bad rows are listed, the good ones are sent.
`

export interface ReplayOptions {
  readonly file: string
  readonly kind: string
  readonly key: string
  /** Null: as fast as acknowledged. */
  readonly speed: number | null
  readonly shiftToNow: boolean
  readonly at: LonLat | null
  readonly name: string
  readonly wish: MapWish
  readonly secret: string | undefined
  readonly mqtt: string | undefined
  readonly api: string | undefined
  readonly login: { readonly name: string; readonly password: string } | undefined
}

export class UsageError extends Error {
  readonly code = 'usage'
}

/** Null when help was asked for. Throws UsageError. */
export function readOptions(args: readonly string[]): ReplayOptions | null {
  const { values, positionals } = parse(args)
  if (values.help) return null
  const [file, ...rest] = positionals
  if (file === undefined) throw new UsageError('which file? See --help')
  if (rest.length > 0) throw new UsageError(`one file at a time, not also ${rest.join(', ')}`)
  const known = [...kinds.map(({ key }) => key), 'keeper']
  if (values.as === undefined || !known.includes(values.as)) {
    throw new UsageError(
      `--as must be one of ${known.join(', ')}${values.as === undefined ? '' : `, not ${values.as}`}`,
    )
  }
  if (values.key === undefined) throw new UsageError('--key, the device key, is missing')
  if (!deviceKeyPattern.test(values.key)) {
    throw new UsageError(`“${values.key}” is not a device key: 1 to 64 of letters, digits and . _ : -`)
  }
  const speed = values.speed === undefined ? null : Number(values.speed)
  if (speed !== null && !(speed > 0))
    throw new UsageError(`--speed must be a number above 0, not ${values.speed}`)
  if (values.zone !== undefined) checkZone(values.zone)
  return {
    file: locate(file),
    kind: values.as,
    key: values.key,
    speed,
    shiftToNow: values['shift-to-now'] ?? false,
    at: values.at === undefined ? null : readPlace(values.at),
    name: values.name ?? values.key,
    wish: { map: values.map, timeFormat: values['time-format'], zone: values.zone },
    secret: values.secret,
    mqtt: values.mqtt,
    api: values.api,
    login: values.login === undefined ? undefined : readLogin(values.login),
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      // A place west of Greenwich looks like an option to the parser.
      args: args.flatMap((arg, i) =>
        args[i - 1] === '--at' ? [] : arg === '--at' ? [`--at=${args[i + 1] ?? ''}`] : [arg],
      ),
      allowPositionals: true,
      options: {
        as: text,
        key: text,
        speed: text,
        'shift-to-now': { type: 'boolean' },
        at: text,
        name: text,
        map: text,
        'time-format': text,
        zone: text,
        secret: text,
        mqtt: text,
        api: text,
        login: text,
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** npm runs scripts in the root; the file is meant from where the user stands. */
function locate(file: string): string {
  const from = process.env['INIT_CWD']
  const candidates = [resolve(file), ...(from === undefined ? [] : [resolve(from, file)])]
  const found = candidates.find((candidate) => existsSync(candidate))
  if (found === undefined) throw new UsageError(`there is no file ${file}`)
  return found
}

function readPlace(text: string): LonLat {
  const [lon, lat, ...rest] = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)))
  if (lon === undefined || lat === undefined || rest.length > 0 || !isPlace(lon, lat)) {
    throw new UsageError(`--at must be LON,LAT in degrees such as 113.4,30.2, not “${text}”`)
  }
  return [lon, lat]
}

function readLogin(text: string) {
  const colon = text.indexOf(':')
  if (colon < 1) throw new UsageError('--login must be NAME:PASSWORD')
  return { name: text.slice(0, colon), password: text.slice(colon + 1) }
}

function checkZone(zone: string) {
  try {
    zoneOffsetMs(0, zone)
  } catch {
    throw new UsageError(`there is no time zone ${zone}; use a name such as Asia/Shanghai`)
  }
}
