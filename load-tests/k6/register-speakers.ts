import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunFile } from '@gridkeeper/contracts'
import { importText, registrySettlesMs } from '../src/running-system.ts'
import type { Speaker } from './plan.ts'

/** Well below what the gateway lets one device say. */
const messagesPerSpeaker = 20
const metersPerSpeaker = 10
const keepersPerProtocol = 2

/** Assets and keepers as an operator imports them. Like a concentrator, one of a speaker's devices has a secret and speaks for the others. Known ones stay. */
export async function registerSpeakers(run: RunFile, rate: number): Promise<Speaker[]> {
  const count = Math.max(4, Math.ceil(rate / messagesPerSpeaker))
  const speakers = Array.from({ length: count }, (_, at) => makeSpeaker(at, run.login.password))
  await importText(run, 'assets', assetsCsv(speakers))
  await importText(run, 'keepers', keepersCsv(speakers))
  await sleep(registrySettlesMs)
  return speakers
}

function makeSpeaker(at: number, salt: string): Speaker {
  const some = (length: number, key: (index: number) => string) => Array.from({ length }, (_, i) => key(i))
  const login = `k6-${at}`
  return {
    login,
    // The same in each run without being kept anywhere.
    secret: createHmac('sha256', salt).update(login).digest('base64url'),
    meters: [login, ...some(metersPerSpeaker - 1, (i) => `k6-${at}-meter-${i}`)],
    phones: some(keepersPerProtocol, (i) => `k6-${at}-phone-${i}`),
    osmand: some(keepersPerProtocol, (i) => `osmand:k6-${at}-${i}`),
    owntracks: some(keepersPerProtocol, (i) => `owntracks:k6-${at}:${i}`),
  }
}

const entrance = ({ login, secret }: Speaker, key: string) => (key === login ? `,${secret}` : `${login},`)

function assetsCsv(speakers: readonly Speaker[]): string {
  const rows = speakers.flatMap((speaker, at) =>
    speaker.meters.map((key, index) => {
      const place = `${(113.3 + at / 1e4).toFixed(5)},${(30.1 + index / 1e4).toFixed(5)}`
      return `${key},压测表 ${at}-${index},meter,${place},${entrance(speaker, key)}`
    }),
  )
  return `code,name,kind,lon,lat,device_via,device_secret\n${rows.join('\n')}\n`
}

function keepersCsv(speakers: readonly Speaker[]): string {
  const rows = speakers.flatMap((speaker) =>
    [...speaker.phones, ...speaker.osmand, ...speaker.owntracks].map(
      (key) => `${key},压测员 ${key},${key},${entrance(speaker, key)}`,
    ),
  )
  return `code,name,device_key,device_via,device_secret\n${rows.join('\n')}\n`
}
