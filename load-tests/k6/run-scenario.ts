import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunFile } from '@gridkeeper/contracts'
import { countRows, type StoredRows } from './count-rows.ts'
import type { Plan, Speaker } from './plan.ts'
import { countOf, thresholdsOf, type K6Summary, type Threshold } from './read-summary.ts'

export const scenarios = ['http-ingest', 'mqtt-ws'] as const
export type Scenario = (typeof scenarios)[number]

export interface ScenarioOutcome {
  readonly summary: K6Summary
  readonly thresholds: readonly Threshold[]
  readonly sent: number
  /** 200s or PUBACKs. */
  readonly acknowledged: number
  readonly rows: StoredRows
  /** Acknowledged and not stored. */
  readonly lost: number
  /** Stored, and more than was sent. */
  readonly surplus: number
}

/** Runs k6 with one script and compares what it counted with the rows in the database. Throws if k6 could not run the script. */
export async function runScenario(
  k6: string,
  run: RunFile,
  scenario: Scenario,
  speakers: readonly Speaker[],
  pace: { readonly rate: number; readonly seconds: number },
): Promise<ScenarioOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'gridkeeper-k6-'))
  try {
    const plan: Plan = { gateway: run.urls.gateway, speakers, ...pace }
    const files = { PLAN: join(folder, 'plan.json'), SUMMARY: join(folder, 'summary.json') }
    writeFileSync(files.PLAN, JSON.stringify(plan), { mode: 0o600 })
    // Phones say whole seconds: this run begins with a second of its own, so that nothing of the run before is counted.
    await sleep(1000 - (Date.now() % 1000))
    const fromMs = Math.floor(Date.now() / 1000) * 1000
    await runK6(k6, join(import.meta.dirname, 'scripts', `${scenario}.ts`), files)
    const summary = JSON.parse(readFileSync(files.SUMMARY, 'utf8')) as K6Summary
    const rows = await countRows(run.urls.database, fromMs, Date.now())
    const [sent, acknowledged] = [countOf(summary, 'gk_sent'), countOf(summary, 'gk_acknowledged')]
    const stored = rows.readings + rows.fixes
    return {
      summary,
      thresholds: thresholdsOf(summary),
      sent,
      acknowledged,
      rows,
      lost: Math.max(0, acknowledged - stored),
      surplus: Math.max(0, stored - sent),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** k6's exit code for a threshold that was not kept; the summary tells which. */
const thresholdsCrossed = 99

function runK6(k6: string, script: string, env: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(k6, ['run', '--quiet', '--no-usage-report', script], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let words = ''
    const keep = (bytes: Buffer) => (words = (words + bytes.toString()).slice(-4_000))
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0 || code === thresholdsCrossed) resolve()
      else reject(new Error(`k6 ended with ${code}:\n${words}`))
    })
  })
}
