/**
 * What the wall costs: script time a frame while assets change, and pictures drawn while nothing does. Run the system with many assets first:
 *
 *   npm start -- --assets 20000 --rate 1000
 *   npm run load:wall -- --seconds 60
 */
import { parseArgs } from 'node:util'
import { openBrowser } from '@gridkeeper/testkit'
import { nameEngine } from './name-engine.ts'
import { findRunningSystem } from './running-system.ts'
import { writeResult } from './write-result.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, screenshot: { type: 'string' } },
})
const seconds = Number(values.seconds)
const run = findRunningSystem()

interface WallFigures {
  readonly framesRendered: number
  readonly drawCommands: number
  scriptMsMedian(): number
}

const browser = await openBrowser()
const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
await page.goto(run.urls.wall)
await page.getByLabel(/账号|Account|用户名|Name/).fill(run.login.name)
await page.getByLabel(/密码|Password/).fill(run.login.password)
await page.keyboard.press('Enter')
await page.waitForFunction(() => '__gridkeeper' in globalThis, undefined, { timeout: 120_000 })
await page.waitForTimeout(15_000)
const read = () =>
  page.evaluate(() => {
    const { framesRendered, drawCommands, scriptMsMedian } = (
      globalThis as unknown as { __gridkeeper: WallFigures }
    ).__gridkeeper
    return { framesRendered, drawCommands, scriptMsMedian: scriptMsMedian() }
  })
const before = await read()
await page.waitForTimeout(seconds * 1000)
const after = await read()
if (values.screenshot !== undefined) await page.screenshot({ path: values.screenshot })
await browser.close()
writeResult({
  name: 'wall',
  goal: 'median script time a frame ≤ 8 ms at 20,000 assets with 1,000 changes a second',
  engine: await nameEngine(run.urls.database),
  figures: {
    seconds,
    framesDrawn: after.framesRendered - before.framesRendered,
    drawCommands: after.drawCommands,
    scriptMsMedian: after.scriptMsMedian.toFixed(2),
  },
})
