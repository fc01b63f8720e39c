import type { Logger } from '@gridkeeper/service-kit'
import { createKeeperWalk } from '../behaviour/keeper-walk.ts'
import { createReadings } from '../behaviour/readings.ts'
import type { Config } from '../config/config.ts'
import { makeDistrict } from '../district/make-district.ts'
import { toImports } from '../district/to-import.ts'
import { backFill, history, tellPresent } from './back-fill.ts'
import { LoginRefusedError, openBrokerPool, type BrokerAccess, type BrokerPool } from './broker-pool.ts'
import { registrySettlesMs } from './ensure-login.ts'
import type { FrontDoor } from './front-door.ts'
import { importFile } from './import-registry.ts'
import { createKeeperFeed } from './keeper-feed.ts'
import { createLiveFeed } from './live-feed.ts'
import { historyFrom, identityOf, readState, writeState } from './state-file.ts'

const tickMs = 100
const reportMs = 30_000
/** At the start a refused login is tried again so often, and so long after. */
const loginTries = 6
const loginRetryMs = 5_000

export interface RunningDistrict {
  readonly stop: () => Promise<void>
}

/** Registers the district, tells its present state, then lives: readings, incidents and fixes now, history in the background. */
export async function runDistrict(config: Config, logger: Logger): Promise<RunningDistrict> {
  const { size } = config
  const district = makeDistrict(size)
  const readingAt = createReadings(district, size.seed)
  const walk = createKeeperWalk(district, size.seed)
  const identity = identityOf(size)

  let added = 0
  for (const request of toImports(district, config.via)) {
    const { problems, ...report } = await importFile(config.api, request)
    added += report.added + report.changed
    if (problems.length > 0)
      logger.warn({ ...report, problems: problems.slice(0, 5) }, 'parts of the registry were refused')
    else logger.info(report, 'registry imported')
  }
  if (added > 0) await new Promise((resolve) => setTimeout(resolve, registrySettlesMs))

  const door = await openDoor(config.broker, logger)
  let isStopped = false
  let isBackFilled = false
  let live: ReturnType<typeof createLiveFeed> | undefined
  let phones: ReturnType<typeof createKeeperFeed> | undefined
  let liveUntilMs = 0
  const timers: NodeJS.Timeout[] = []
  const save = () =>
    writeState(config.stateFile, { identity, isBackFilled, liveUntilMs }).catch((error: unknown) =>
      logger.warn({ err: error }, 'the state file could not be written'),
    )

  const story = (async () => {
    const fromMs = historyFrom(await readState(config.stateFile), identity, Date.now(), config.backfillMs)
    await tellPresent(district.assets, readingAt, door, Date.now, () => isStopped)
    if (isStopped) return
    const startMs = Date.now()
    logger.info({ assets: district.assets.length, ...totals(door) }, 'present state told')
    live = createLiveFeed({
      seed: size.seed,
      assets: district.assets,
      readingAt,
      door,
      ratePerSecond: config.ratePerSecond,
      startMs,
    })
    phones = createKeeperFeed(district.keepers, walk, door, startMs)
    timers.push(
      setInterval(() => {
        const nowMs = Date.now()
        live?.tick(nowMs)
        phones?.tick(nowMs)
        liveUntilMs = nowMs
      }, tickMs),
    )
    let nextReport = 0.25
    isBackFilled = await backFill(history({ district, readingAt, walk }, fromMs, startMs), door, {
      isStopped: () => isStopped,
      onProgress: (progress, items) => {
        if (progress < nextReport) return
        nextReport = progress + 0.25
        logger.info({ progress: Number(progress.toFixed(2)), items }, 'history is being told')
      },
    })
    if (isStopped) return
    logger.info(
      { hours: Number(((startMs - fromMs) / 3_600_000).toFixed(2)), isBackFilled, ...totals(door) },
      'history told',
    )
    await save()
  })()
  story.catch((error: unknown) => {
    logger.error({ err: error }, 'the district stopped by itself')
    setImmediate(() => {
      throw error
    })
  })

  timers.push(
    setInterval(() => {
      logger.info(
        { ...totals(door), inFlight: door.inFlight(), withheld: live?.withheld() ?? 0 },
        'published',
      )
      if (isBackFilled) void save()
    }, reportMs),
  )

  return {
    stop: async () => {
      isStopped = true
      timers.forEach(clearInterval)
      phones?.flush()
      const unacknowledged = await door.close(6_000)
      await save()
      logger.info({ ...totals(door), unacknowledged, withheld: live?.withheld() ?? 0 }, 'final counts')
    },
  }
}

/** Throws the refusal when it stands after half a minute. */
async function openDoor(access: BrokerAccess, logger: Logger): Promise<BrokerPool> {
  const complain = (reason: string) => logger.warn({ reason }, 'the login was refused and is tried again')
  for (let tries = 1; ; tries++) {
    try {
      return await openBrokerPool({ ...access, onRefused: complain })
    } catch (error) {
      if (!(error instanceof LoginRefusedError) || tries === loginTries) throw error
      complain(error.message)
    }
    await new Promise((resolve) => setTimeout(resolve, loginRetryMs))
  }
}

function totals(door: FrontDoor) {
  const { sent, acknowledged, failed } = door.counts()
  return {
    sentReadings: sent.readings,
    sentFixes: sent.fixes,
    sentEvents: sent.events,
    acknowledgedReadings: acknowledged.readings,
    acknowledgedFixes: acknowledged.fixes,
    acknowledgedEvents: acknowledged.events,
    failed: failed.readings + failed.fixes + failed.events,
  }
}
