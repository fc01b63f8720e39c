import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BrokerPool } from './publish/broker-pool.ts'
import { LoginRefusedError, openBrokerPool } from './publish/broker-pool.ts'
import type { DeviceLogin } from './publish/ensure-login.ts'
import type { Connection } from './replay/connection.ts'
import { findConnection, NotRunningError } from './replay/connection.ts'
import type { ReplayOptions } from './replay/options.ts'
import { readOptions, usage, UsageError } from './replay/options.ts'
import { obtainLogin } from './replay/obtain-login.ts'
import { readCsv } from './replay/read-csv.ts'
import { readGpx } from './replay/read-gpx.ts'
import { register } from './replay/register.ts'
import type { Sample } from './replay/sample.ts'
import { RecordingError } from './replay/sample.ts'
import { lastTime, maxListed, sendRecording } from './replay/send-recording.ts'

/** `npm run replay`: real recordings through the same front door as any device. */
const say = (line: string) => process.stdout.write(`${line}\n`)
const complain = (line: string) => process.stderr.write(`${line}\n`)

const isGpx = (file: string) => extname(file).toLowerCase() === '.gpx'

async function openRecording({
  file,
  kind,
  wish,
}: ReplayOptions): Promise<() => AsyncIterable<Sample> | Iterable<Sample>> {
  if (!isGpx(file) && !['.csv', '.txt', '.tsv'].includes(extname(file).toLowerCase())) {
    throw new RecordingError(
      `unknown file type ${extname(file) || file}: a .csv, .txt or .tsv table or a .gpx track`,
    )
  }
  if (!isGpx(file)) return () => readCsv(file, kind, wish)
  if (kind !== 'keeper') throw new RecordingError('a GPX track is the way of a keeper: use --as keeper')
  const samples = readGpx(await readFile(file, 'utf8'))
  return () => samples
}

async function connect(url: string, login: DeviceLogin | null): Promise<BrokerPool> {
  try {
    return await openBrokerPool({ url, ...login }, 1)
  } catch (error) {
    if (error instanceof LoginRefusedError) throw error
    const reason =
      error instanceof Error
        ? error.message || ('code' in error ? String(error.code) : error.name)
        : String(error)
    throw new NotRunningError(`nothing takes messages at ${url} (${reason}): is the system running?`)
  }
}

async function makeKnown(options: ReplayOptions, { api }: Connection): Promise<void> {
  if (api === null) {
    say('No api is known, so nothing is registered: the system must know the key already.')
    return
  }
  const result = await register(api, options)
  if (result === 'registered') say(`Registered ${options.key} as ${options.kind} “${options.name}”.`)
  if (result === 'no-place') {
    complain(
      `The system does not know ${options.key}; its messages will be set aside. Give its place: --at LON,LAT`,
    )
  }
}

async function replay(options: ReplayOptions): Promise<number> {
  const connection = findConnection(options)
  const recording = await openRecording(options)
  let shiftMs = 0
  if (options.shiftToNow) {
    const last = await lastTime(recording())
    if (last === null) throw new RecordingError('no row of the recording could be read')
    shiftMs = Date.now() - last
  } else {
    // Opens the file far enough to find a wrong header before anything is registered.
    for await (const _ of recording()) break
  }
  await makeKnown(options, connection)
  const door = await connect(connection.mqttUrl, await obtainLogin(connection.api, options))
  try {
    const startedAt = performance.now()
    const summary = await sendRecording(recording(), door, {
      key: options.key,
      speed: options.speed,
      shiftMs,
      startAt: options.kind === 'keeper' ? options.at : null,
      now: Date.now,
      sleep: (ms) => sleep(ms),
      onBadRow: (line, reason) => complain(`${isGpx(options.file) ? 'point' : 'line'} ${line}: ${reason}`),
    })
    if (summary.rejected > maxListed) complain(`… and ${summary.rejected - maxListed} more like these`)
    const seconds = (performance.now() - startedAt) / 1_000
    const { firstMs, lastMs } = summary
    const range = firstMs === null || lastMs === null ? 'none' : `${iso(firstMs)} … ${iso(lastMs)}`
    say(
      [
        `rows read     ${summary.read}`,
        `sent          ${summary.sent}`,
        `acknowledged  ${summary.acknowledged}  (stored: the gateway acknowledges after its commit)`,
        `rejected      ${summary.rejected}`,
        `times         ${range}${options.shiftToNow ? `  (shifted by ${(shiftMs / 86_400_000).toFixed(2)} days)` : ''}`,
        ...(summary.unbelieved > 0
          ? [
              `clock         ${summary.unbelieved} claim a time nobody believes: stored at their arrival, flagged`,
            ]
          : []),
        `took          ${seconds.toFixed(1)} s`,
        `look at       ${connection.wallUrl ?? 'the wall'}, ${options.kind} ${options.name} (${options.key})`,
      ].join('\n'),
    )
    return summary.acknowledged === summary.sent && summary.sent > 0 ? 0 : 1
  } finally {
    await door.close(1_000)
  }
}

const iso = (timeMs: number) => new Date(timeMs).toISOString()

try {
  const options = readOptions(process.argv.slice(2))
  if (options === null) say(usage)
  else process.exitCode = await replay(options)
} catch (error) {
  complain(error instanceof Error ? error.message : String(error))
  if (!(error instanceof Error && 'code' in error))
    complain(String(error instanceof Error ? error.stack : ''))
  process.exitCode = error instanceof UsageError ? 2 : 1
}
