import { eventually, openBrowser, startSystem, type TestSystem } from '@gridkeeper/testkit'
import { connectAsync } from 'mqtt'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** The wall as a person meets it: the real system on embedded engines, real messages, a real browser with no network beyond this machine. */
let system: TestSystem
let browser: Browser
let wall: OpenWall

/** The scene is drawn in software here, a few pictures a second, beside everything else on two cores. */
const patienceMs = 90_000

beforeAll(async () => {
  system = await startSystem({ args: ['--assets', '600', '--keepers', '8', '--rate', '20'] })
  browser = await openBrowser()
  wall = await openWall(system)
}, 240_000)

afterAll(async () => {
  await browser?.close()
  await system?.stop()
}, 60_000)

interface OpenWall {
  readonly page: Page
  /** Uncaught errors of the page. */
  readonly problems: string[]
  /** Requests that went anywhere but to the system itself. */
  readonly strangers: string[]
}

async function openWall({ run }: TestSystem): Promise<OpenWall> {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } })
  context.setDefaultTimeout(patienceMs)
  const page = await context.newPage()
  const problems: string[] = []
  const strangers: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol.startsWith('http') && url.origin !== run.urls.wall) strangers.push(request.url())
  })
  await page.goto(run.urls.wall)
  await page.locator('input[name=name]').fill(run.login.name)
  await page.locator('input[name=password]').fill(run.login.password)
  await page.locator('button[type=submit]').click()
  await page.waitForSelector('.wall canvas')
  await page.waitForFunction(() => (window.__gridkeeper?.framesRendered ?? 0) > 0)
  return { page, problems, strangers }
}

const secret = 'said-by-the-cover'

async function register(code: string, name: string): Promise<void> {
  const { login, urls } = system.run
  const response = await fetch(`${urls.api}/import`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`${login.name}:${login.password}`).toString('base64')}`,
    },
    body: JSON.stringify({
      format: 'assets',
      text: `code,name,kind,lon,lat,device_secret\n${code},${name},cover,113.4,30.2,${secret}\n`,
    }),
  })
  expect(response.status).toBeLessThan(300)
}

describe('the wall', () => {
  it('lets nobody in without the right password', async () => {
    const page = await browser.newPage()
    await page.goto(system.run.urls.wall)
    await page.locator('input[name=name]').fill('admin')
    await page.locator('input[name=password]').fill('wrong')
    await page.locator('button[type=submit]').click()
    await page.locator('[role=alert]', { hasText: /.+/ }).waitFor()
    expect(await page.locator('.wall').count()).toBe(0)
    await page.close()
  })

  it('shows the district and its figures, from this machine alone, with the shipped Chinese font', async () => {
    await wall.page.getByText('共 600 个部件').waitFor()
    const loaded = await wall.page.evaluate(() =>
      [...document.fonts].filter((font) => font.status === 'loaded').map((font) => font.family),
    )
    expect(loaded.some((family) => family.includes('Noto Sans SC'))).toBe(true)
    expect(wall.strangers).toEqual([])
    expect(wall.problems).toEqual([])
  })

  it.each([
    [3840, 1080],
    [1366, 768],
    [1920, 1080],
  ])('has no overlapping panels and no stretched scene at %d × %d', async (width, height) => {
    await wall.page.setViewportSize({ width, height })
    await wall.page.waitForTimeout(1_000)
    const boxes = await wall.page.locator('.wall section').evaluateAll((panels) =>
      panels.map((panel) => {
        const { left, top, right, bottom } = panel.getBoundingClientRect()
        return { left, top, right, bottom }
      }),
    )
    expect(boxes.length).toBeGreaterThanOrEqual(6)
    for (const [index, a] of boxes.entries()) {
      expect(a.right).toBeLessThanOrEqual(width)
      expect(a.bottom).toBeLessThanOrEqual(height)
      for (const b of boxes.slice(index + 1)) {
        const isApart =
          a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1
        expect(isApart).toBe(true)
      }
    }
    const stretch = await wall.page
      .locator('.wall canvas')
      .first()
      .evaluate((canvas) => {
        const { width: drawn, height: high } = canvas as HTMLCanvasElement
        return Math.abs(drawn / high - canvas.clientWidth / canvas.clientHeight)
      })
    expect(stretch).toBeLessThan(0.02)
  })

  it('speaks English when asked', async () => {
    await wall.page.getByRole('button', { name: 'English' }).click()
    await wall.page.getByText(/600 assets/i).waitFor()
    await wall.page.getByRole('button', { name: '中文' }).click()
  })

  it('shows what a device says within seconds, and its card tells the values', async () => {
    await register('BROWSER-COVER', '试验井盖')
    const device = await connectAsync(system.run.urls.mqtt, { username: 'BROWSER-COVER', password: secret })
    const say = (v: object) =>
      device.publishAsync('gk/v1/BROWSER-COVER/readings', JSON.stringify({ t: Date.now(), v }), { qos: 1 })
    await say({ tilt: 61.5, open: true, level: 120, battery: 77 })
    const row = wall.page.locator('.row', { hasText: '试验井盖' }).first()
    await row.waitFor()
    await row.click()
    const card = wall.page.getByRole('article', { name: '试验井盖' })
    await card.getByText('61.5').first().waitFor()
    await card.getByText(/^77/).first().waitFor()
    await card.locator('canvas').first().waitFor()
    await say({ tilt: 2.5, open: false, level: 130, battery: 77 })
    await card.getByText('2.5', { exact: false }).first().waitFor()
    await row.waitFor({ state: 'detached' })
    await device.endAsync()
  })

  it('says so when the stream breaks, and recovers by itself', async () => {
    const api = system.run.processes['api'] ?? 0
    process.kill(api, 'SIGSTOP')
    try {
      await wall.page.locator('.notice.lost').waitFor()
    } finally {
      process.kill(api, 'SIGCONT')
    }
    await wall.page.locator('.notice.lost').waitFor({ state: 'detached' })
  })
})

describe('an idle wall', () => {
  it('draws nothing while nothing changes', async () => {
    await wall.page.context().close()
    const idle = await startSystem({ args: ['--no-simulator'] })
    try {
      const { page } = await openWall(idle)
      const count = () => page.evaluate(() => window.__gridkeeper?.framesRendered ?? -1)
      const drawnWithin = async (ms: number) => {
        const before = await count()
        await page.waitForTimeout(ms)
        return (await count()) - before
      }
      // Fonts and the first labels still come in; a wall that draws on and on never gets quiet.
      await eventually(async () => expect(await drawnWithin(5_000)).toBe(0), { timeoutMs: 60_000 })
      expect(await drawnWithin(10_000)).toBe(0)
    } finally {
      await idle.stop()
    }
  })
})
