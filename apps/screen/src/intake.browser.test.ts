import { openBrowser, startSystem, type TestSystem } from '@gridkeeper/testkit'
import { connectAsync } from 'mqtt'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** The operator's page as an engineer meets it: a device that nobody knows, on the real system, from its first message to the one that counts. */
let system: TestSystem
let browser: Browser
let page: Page
const problems: string[] = []
const requested: string[] = []

const key = 'NEW-METER-7'
const secret = 'what-it-came-with'
const patienceMs = 60_000

beforeAll(async () => {
  system = await startSystem({ args: ['--no-simulator'] })
  await post('/import', {
    format: 'assets',
    text: 'code,name,kind,lon,lat\nSITE-7,七号表箱,meter,113.4,30.2\nSITE-8,八号表箱,meter,113.4,30.2\n',
  })
  browser = await openBrowser()
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } })
  context.setDefaultTimeout(patienceMs)
  page = await context.newPage()
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('request', (request) => requested.push(request.url()))
  await page.goto(`${system.run.urls.wall}/#/intake/quarantine`)
  await page.locator('input[name=name]').fill(system.run.login.name)
  await page.locator('input[name=password]').fill(system.run.login.password)
  await page.locator('button[type=submit]').click()
}, 240_000)

afterAll(async () => {
  await browser?.close()
  await system?.stop()
}, 60_000)

async function post(path: string, body: unknown): Promise<void> {
  const { login, urls } = system.run
  const authorization = `Basic ${Buffer.from(`${login.name}:${login.password}`).toString('base64')}`
  const response = await fetch(`${urls.api}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify(body),
  })
  expect(response.status).toBeLessThan(300)
}

/** Connects as the device does, each time anew, and resolves when what it said is acknowledged. */
async function say(loadKw: number): Promise<void> {
  const device = await connectAsync(system.run.urls.mqtt, {
    username: key,
    password: secret,
    reconnectPeriod: 0,
  })
  const payload = JSON.stringify({ t: Date.now(), v: { ua: 221.5, p: loadKw } })
  await device.publishAsync(`gk/v1/${key}/readings`, payload, { qos: 1 })
  await device.endAsync()
}

async function valueOf(code: string, metric: string): Promise<unknown> {
  const answer = await page.evaluate(async (wanted) => {
    const assets = (await (await fetch('/api/assets')).json()) as { id: number; code: string }[]
    const id = assets.find((asset) => asset.code === wanted)?.id
    return (await (await fetch(`/api/assets/${id}`)).json()) as { values: Record<string, unknown> }
  }, code)
  return answer.values[metric]
}

/** A tab's name may have a count behind it. */
const section = (name: string) =>
  page.getByRole('navigation').getByRole('link', { name: new RegExp(`^\\s*${name}`) })

describe('the operator’s page', () => {
  it('comes without the scene', async () => {
    await page.getByText('没有未知设备').waitFor()
    expect(requested.filter((url) => /Globe|cesium/i.test(url))).toEqual([])
  })

  it('shows how the gateway is, and its last minute', async () => {
    await section('网关').click()
    const gateway = page.getByRole('article').first()
    await gateway.getByText('正在接收').waitFor()
    await gateway.getByText('条/秒').waitFor()
  })

  it('shows an unknown device as soon as it speaks, and binds it to an asset', async () => {
    await say(1.25)
    await section('未知设备').click()
    await page.getByText('1 台未知设备').waitFor()
    await page.getByRole('link', { name: key }).click()
    const detail = page.getByRole('complementary', { name: key })
    await detail.getByText('"p": 1.25').waitFor()
    await detail.getByLabel('按编号或名称查找部件').fill('七号')
    await detail.getByRole('button', { name: '七号表箱' }).click()
    await detail.getByRole('button', { name: '收编', exact: true }).click()
    await detail.getByText(`已收编 ${key}`).waitFor()
    await page.getByText('没有未知设备').waitFor()
    expect(await valueOf('SITE-7', 'p')).toBeUndefined()
  })

  it('runs what it said before again', async () => {
    await page.getByRole('link', { name: '查看它之前的消息' }).click()
    await page.getByRole('link', { name: '设备未登记' }).first().click()
    await page.getByRole('button', { name: '重新处理这一条' }).click()
    await page.getByText('已入库，不必再次处理').waitFor()
    await expect.poll(() => valueOf('SITE-7', 'p'), { timeout: patienceMs }).toBe(1.25)
  })

  it('counts its next message, said with the secret that it came with', async () => {
    await say(2.5)
    await expect.poll(() => valueOf('SITE-7', 'p'), { timeout: patienceMs }).toBe(2.5)
  })

  it('tells a new secret once, and shows who did what', async () => {
    await page.goto(`${system.run.urls.wall}/#/intake/devices/${key}`)
    const detail = page.getByRole('complementary', { name: key })
    await detail.getByRole('button', { name: '更换密钥' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '更换密钥' }).click()
    await detail.getByText('只显示这一次').waitFor()
    expect(await detail.locator('code.secret').innerText()).toMatch(/^\S{12,}$/)
    await detail.getByText('设置凭证').waitFor()
    await page.reload()
    await detail.getByText('设置凭证').waitFor()
    expect(await page.getByText('只显示这一次').count()).toBe(0)
  })

  it('fits a phone, where what is open lies over the list and the back key closes it', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(`${system.run.urls.wall}/#/intake/devices`)
    await page.getByRole('link', { name: key }).click()
    await page.getByRole('complementary', { name: key }).waitFor()
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(await overflow()).toBe(0)
    await page.goBack()
    await page.getByRole('complementary').waitFor({ state: 'detached' })
    for (const name of ['网关', '未知设备', '死信', '设备']) {
      await section(name).click()
      expect([name, await overflow()]).toEqual([name, 0])
    }
    expect(problems).toEqual([])
  })
})
