/**
 * Messages over HTTP as the four kinds of senders without MQTT post them, at a steady rate whatever the answers take. A 200 is a promise: the message is
 * committed. `npm run load` compares what is counted here with the rows in the database.
 */
import { b64encode } from 'k6/encoding'
import { scenario } from 'k6/execution'
import http, { type RefinedResponse } from 'k6/http'
import { Counter } from 'k6/metrics'
import { check } from 'k6'
import type { Options } from 'k6/options'
import type { Speaker } from '../plan.ts'
import { keepSummary, pick, readPlan } from './read-plan.ts'

const plan = readPlan()
/** Share of each kind in the rate: a district has many more meters than phones. */
const shares = { readings: 0.7, fixes: 0.1, osmand: 0.1, owntracks: 0.1 }

const sent = new Counter('gk_sent')
const acknowledged = new Counter('gk_acknowledged')

const steady = (exec: keyof typeof shares) => {
  const rate = Math.max(1, Math.round(plan.rate * shares[exec]))
  return {
    executor: 'constant-arrival-rate' as const,
    exec,
    rate,
    timeUnit: '1s',
    duration: `${plan.seconds}s`,
    // Enough for answers that take a second; beyond four seconds an iteration is dropped, which a threshold tells.
    preAllocatedVUs: rate,
    maxVUs: rate * 4,
    gracefulStop: '30s',
  }
}

export const options: Options = {
  scenarios: {
    readings: steady('readings'),
    fixes: steady('fixes'),
    osmand: steady('osmand'),
    owntracks: steady('owntracks'),
  },
  thresholds: {
    http_req_failed: ['rate<0.001'],
    http_req_duration: ['p(95)<500', 'p(99)<1500'],
    checks: ['rate>0.999'],
    dropped_iterations: ['count<1'],
  },
  summaryTrendStats: ['min', 'med', 'avg', 'p(95)', 'p(99)', 'max'],
  noConnectionReuse: false,
  userAgent: 'gridkeeper-load',
}

export const handleSummary = keepSummary

/** A meter: one wide row. */
export function readings(): void {
  const turn = scenario.iterationInTest
  const body = {
    t: Date.now(),
    id: turn,
    v: { ua: 220 + (turn % 50) / 10, p: (turn % 300) / 100, kwh: turn },
  }
  const speaker = speakerOf(turn)
  post(`/ingest/v1/${keyOf(speaker.meters, turn)}/readings`, 'readings', speaker, JSON.stringify(body))
}

/** Our own phone app. */
export function fixes(): void {
  const turn = scenario.iterationInTest
  const body = { t: Date.now(), id: turn, ...placeOf(turn), acc: 5 }
  const speaker = speakerOf(turn)
  post(`/ingest/v1/${keyOf(speaker.phones, turn)}/fixes`, 'fixes', speaker, JSON.stringify(body))
}

/** Traccar's client and OsmAnd: everything in the query. */
export function osmand(): void {
  const turn = scenario.iterationInTest
  const { lon, lat } = placeOf(turn)
  const speaker = speakerOf(turn)
  const id = keyOf(speaker.osmand, turn).slice('osmand:'.length)
  const query = `id=${id}&lat=${lat}&lon=${lon}&timestamp=${Math.floor(Date.now() / 1000)}&accuracy=5&batt=80`
  const response = http.get(`${plan.gateway}/osmand?${query}`, params('osmand', speaker))
  count(response, 'fix')
}

/** The OwnTracks app in its HTTP mode. */
export function owntracks(): void {
  const turn = scenario.iterationInTest
  const speaker = speakerOf(turn)
  const [, user = '', device = ''] = keyOf(speaker.owntracks, turn).split(':')
  const body = { _type: 'location', tst: Math.floor(Date.now() / 1000), ...placeOf(turn), acc: 5, batt: 80 }
  post(`/owntracks?u=${user}&d=${device}`, 'owntracks', speaker, JSON.stringify(body))
}

/** No two turns of a run stand on the same spot: a place with its second is all that tells two messages of a phone apart. */
function placeOf(turn: number) {
  return { lon: 113.3 + (turn % 1000) / 1e5, lat: 30.1 + (Math.floor(turn / 1000) % 1000) / 1e5 }
}

const speakerOf = (turn: number): Speaker => pick(plan.speakers, turn)
/** Speakers take turns, and the keys of each, too. */
const keyOf = (keys: readonly string[], turn: number) => pick(keys, Math.floor(turn / plan.speakers.length))

function post(path: string, name: keyof typeof shares, speaker: Speaker, body: string): void {
  const response = http.post(`${plan.gateway}${path}`, body, params(name, speaker))
  count(response, name === 'readings' ? 'reading' : 'fix')
}

/** `name`, or each address would be a metric of its own. */
function params(name: string, { login, secret }: Speaker) {
  const authorization = `Basic ${b64encode(`${login}:${secret}`)}`
  return { headers: { authorization, 'content-type': 'application/json' }, tags: { name }, timeout: '30s' }
}

function count(response: RefinedResponse<'text'>, row: 'reading' | 'fix'): void {
  sent.add(1, { row })
  const isTaken = check(response, { 'answered 200': ({ status }) => status === 200 })
  if (isTaken) acknowledged.add(1, { row })
}
