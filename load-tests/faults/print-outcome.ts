import type { Outcome } from './run-scenario.ts'

/** One scenario, for a reader: what was done, whether it happened, what came of it. */
export function printOutcome(outcome: Outcome): string {
  const { name, title, skipped, passed, phases, checks, verdict, peakMiB, recovery, figures } = outcome
  if (skipped !== null) return `–  ${name}: not played, ${skipped}\n`
  const lines = [
    `${passed ? 'ok' : 'NOT OK'}  ${name}: ${title}`,
    `  phases    ${phases.map((phase) => `${phase.name} ${phase.seconds} s (${phase.acknowledged} acknowledged)`).join(' → ')}`,
    ...checks.map(
      ({ as, what, holds, saw }) => `  ${as.padEnd(8)}  ${holds ? 'yes' : 'NO '}  ${what}: ${saw}`,
    ),
  ]
  if (verdict !== null) {
    const { sent, acknowledged, stored, unasked, lost, doubled, foreign, altered } = verdict
    lines.push(
      `  oracle    sent ${sent}, acknowledged ${acknowledged}, stored ${stored} (${unasked} without an acknowledgement) · lost ${lost}, doubled ${doubled}, foreign ${foreign}, altered ${altered}`,
    )
  }
  lines.push(
    `  recovery  first acknowledgement ${recovery.firstAcknowledgementMs ?? '–'} ms, backlog gone ${recovery.backlogGoneMs ?? '–'} ms after the fault`,
    `  memory    gateway ${peakMiB.gateway ?? '–'} MiB, database ${peakMiB.database ?? '–'} MiB at most`,
  )
  if (Object.keys(figures).length > 0)
    lines.push(
      `  figures   ${Object.entries(figures)
        .map(([figure, value]) => `${figure} ${value}`)
        .join(', ')}`,
    )
  return `${lines.join('\n')}\n`
}

/** The sums of all, for the table and the file. */
export function sumUp(outcomes: readonly Outcome[]): Record<string, number | string> {
  const sum = (pick: (outcome: Outcome) => number) =>
    outcomes.reduce((total, outcome) => total + pick(outcome), 0)
  const greatest = (pick: (outcome: Outcome) => number | null) =>
    Math.max(0, ...outcomes.map((outcome) => pick(outcome) ?? 0))
  return {
    scenarios: outcomes.length,
    passed: outcomes.filter(({ passed }) => passed).length,
    notPlayed: outcomes.filter(({ skipped }) => skipped !== null).length,
    sent: sum(({ verdict }) => verdict?.sent ?? 0),
    acknowledged: sum(({ verdict }) => verdict?.acknowledged ?? 0),
    lost: sum(({ verdict }) => verdict?.lost ?? 0),
    doubled: sum(({ verdict }) => verdict?.doubled ?? 0),
    foreign: sum(({ verdict }) => verdict?.foreign ?? 0),
    altered: sum(({ verdict }) => verdict?.altered ?? 0),
    gatewayPeakMiB: greatest(({ peakMiB }) => peakMiB.gateway),
    databasePeakMiB: greatest(({ peakMiB }) => peakMiB.database),
    ...Object.fromEntries(
      outcomes
        .filter(({ skipped }) => skipped === null)
        .flatMap(({ name, passed, recovery }) => [
          [`${name}`, passed ? 'ok' : 'NOT OK'],
          [`${name}.backlogGoneMs`, recovery.backlogGoneMs ?? '–'],
        ]),
    ),
  }
}
