import { writeResult } from '../src/write-result.ts'
import type { EndToEnd } from './end-to-end.ts'
import type { Engine } from './engines.ts'
import { nodeRedVersion, type NodeRedRate } from './node-red.ts'
import type { BenchOptions } from './options.ts'
import type { RawRate } from './raw-writes.ts'

export interface Round {
  /** Null: the engine has no COPY. */
  readonly copy: RawRate | null
  readonly unnest: RawRate
  readonly endToEnd: EndToEnd
  /** Null: not asked for. */
  readonly nodeRed: NodeRedRate | null
}

const wantedRatio = 0.3
const wantedTimesNodeRed = 5
const wantedOnServer = 25_000

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}

const verdict = (isMet: boolean) => (isMet ? 'met' : 'not met')

/** Prints the table and keeps it; answers whether every goal that was measured is met. */
export function report(engine: Engine, options: BenchOptions, rounds: readonly Round[]): boolean {
  const copies = rounds.flatMap(({ copy }) => (copy === null ? [] : [copy.readingsPerSecond]))
  const rawCopy = copies.length === 0 ? null : median(copies)
  const rawUnnest = median(rounds.map(({ unnest }) => unnest.readingsPerSecond))
  const isCopyRaw = rawCopy !== null && rawCopy >= rawUnnest
  const raw = isCopyRaw ? rawCopy : rawUnnest
  const endToEnd = median(rounds.map((round) => round.endToEnd.messagesPerSecond))
  const ratio = endToEnd / raw
  const goals: boolean[] = [ratio >= wantedRatio]
  if (engine.name === 'native') goals.push(endToEnd >= wantedOnServer)
  const nodeRed = compareNodeRed(rounds, endToEnd)
  if (nodeRed.times !== null) goals.push(nodeRed.times >= wantedTimesNodeRed)
  const cpu = (pick: (round: EndToEnd['cpuSecondsPerMillion']) => number | null) =>
    medianOrNote(rounds.map((round) => pick(round.endToEnd.cpuSecondsPerMillion)))
  const peak = (pick: (round: EndToEnd['peakMiB']) => number | null) => {
    const values = rounds.map((round) => pick(round.endToEnd.peakMiB)).filter((value) => value !== null)
    return values.length === 0 ? 'not measured' : Math.max(...values)
  }
  writeResult({
    name: `ingest-${engine.name}`,
    goal: `end to end ≥ ${wantedRatio} of raw, ≥ ${wantedTimesNodeRed} × Node-RED${engine.name === 'native' ? `, ≥ ${wantedOnServer} messages/s` : ''}`,
    engine: engine.version,
    figures: {
      rounds: rounds.length,
      secondsEach: options.seconds,
      devices: options.devices,
      rawCopyReadingsPerSecond: rawCopy ?? 'the engine has none',
      rawUnnestReadingsPerSecond: rawUnnest,
      rawOfTheRatio: isCopyRaw ? 'copy' : 'unnest',
      endToEndMessagesPerSecond: endToEnd,
      endToEndOfRaw: `${ratio.toFixed(3)} (${verdict(ratio >= wantedRatio)})`,
      ...(engine.name === 'native' ? { server25000: verdict(endToEnd >= wantedOnServer) } : {}),
      acknowledgedAndStored: rounds.reduce((sum, round) => sum + round.endToEnd.stored, 0),
      gatewayCpuSecondsPerMillion: cpu(({ gateway }) => gateway),
      databaseCpuSecondsPerMillion: cpu(({ database }) => database),
      publishersCpuSecondsPerMillion: cpu(({ publishers }) => publishers),
      gatewayPeakMiB: peak(({ gateway }) => gateway),
      databasePeakMiB: peak(({ database }) => database),
      nodeRedReadingsPerSecond: nodeRed.figure,
      timesNodeRed:
        nodeRed.times === null
          ? 'not measured'
          : `${nodeRed.times.toFixed(1)} (${verdict(nodeRed.times >= wantedTimesNodeRed)})`,
    },
    raw: { options: { ...options, serverUrl: undefined }, rounds },
  })
  return goals.every(Boolean)
}

function medianOrNote(values: readonly (number | null)[]): number | string {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? 'not measured' : median(known)
}

function compareNodeRed(
  rounds: readonly Round[],
  endToEnd: number,
): { figure: string; times: number | null } {
  const asked = rounds.map(({ nodeRed }) => nodeRed).filter((rate) => rate !== null)
  const rates = asked.flatMap((rate) => (rate.readingsPerSecond === null ? [] : [rate]))
  const refused = asked.find((rate) => rate.readingsPerSecond === null)
  const [first] = rates
  if (first === undefined) {
    const reason = refused !== undefined && 'reason' in refused ? refused.reason : 'not asked for'
    return { figure: `not measured: ${reason}`, times: null }
  }
  const rate = median(rates.map(({ readingsPerSecond }) => readingsPerSecond))
  return { figure: `${rate} (node-red ${nodeRedVersion} behind ${first.broker})`, times: endToEnd / rate }
}
