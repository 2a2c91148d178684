/* What the browser tests share: one Chromium, a record of what pages ask and complain about, small hands for forms and canvases. */
import { createRequire } from 'node:module'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import assert from 'node:assert/strict'

const require = createRequire(new URL('../../web/package.json', import.meta.url))
const { chromium } = require('playwright-core')
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

export const DESK = { width: 1440, height: 900 }
export const PHONE = { width: 360, height: 740 }
const WAIT = Number(process.env.QYQ_E2E_WAIT ?? 20_000)

export class World {
  constructor(base, demo, out) {
    Object.assign(this, { base: base.replace(/\/$/, ''), demo, out, complaints: [], barriers: [], foreign: new Set(), kept: {} })
    mkdirSync(out, { recursive: true })
  }

  async start() {
    this.browser = await chromium.launch({
      executablePath: process.env.QYQ_CHROMIUM ?? '/usr/bin/chromium',
      headless: true,
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    })
  }
  async stop() {
    await this.browser?.close()
  }

  /** A page in a browser profile of its own. */
  async page(size, { touch = size.width < 600, ...more } = {}) {
    const context = await this.browser.newContext({ viewport: size, deviceScaleFactor: touch ? 2 : 1, isMobile: touch, hasTouch: touch, locale: 'zh-CN', timezoneId: 'America/New_York', acceptDownloads: true, ...more })
    context.setDefaultTimeout(WAIT)
    const page = await context.newPage()
    const host = new URL(this.base).host
    page.on('request', r => {
      const u = new URL(r.url())
      if (/^https?:$/.test(u.protocol) && u.host !== host) this.foreign.add(u.href)
    })
    page.on('pageerror', e => this.complaints.push(`${page.url()}: ${e.message}`))
    page.on('console', m => {
      // Answers that refuse something (401, 422 …) are part of the tests; what the browser itself forbids is not.
      if (m.type() === 'error' && !/Failed to load resource/.test(m.text())) this.complaints.push(`${page.url()}: ${m.text()}`)
    })
    return page
  }
  url(path) {
    return this.base + path
  }
  account(...roles) {
    const found = roles.map(r => this.demo.accounts.find(a => a.role === r)).find(Boolean)
    assert.ok(found, `demo.json has no account with role ${roles.join(' or ')}`)
    return found
  }

  async shot(page, name, fullPage = page.viewportSize().width > 600) {
    await page.evaluate(() => document.fonts.ready)
    await page.screenshot({ path: join(this.out, `${name}.png`), fullPage, animations: 'disabled' })
  }
  keep(name, bytes) {
    writeFileSync(join(this.out, name), bytes)
  }

  async signIn(page, account) {
    await page.goto(this.url('/console/login'))
    await page.locator('#user').fill(account.user)
    await page.locator('#password').fill(account.password)
    await page.locator('[data-test=login]').click()
    await page.locator('[data-test=logout]').waitFor()
  }

  /** Asks the API in the page's own session. */
  async api(page, method, path, body) {
    return page.evaluate(async ({ method, path, body }) => {
      const app = location.pathname.startsWith('/h5') ? 'h5' : 'console'
      const session = await (await fetch('/api/v1/session', { headers: { 'X-QYQ-App': app } })).json()
      const r = await fetch('/api/v1' + path, {
        method, headers: { 'X-QYQ-App': app, 'X-QYQ-CSRF': session.csrf ?? '', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
        body: body === undefined ? undefined : JSON.stringify(body),
      })
      const text = await r.text()
      return { status: r.status, body: /json/.test(r.headers.get('content-type') ?? '') ? JSON.parse(text) : text }
    }, { method, path, body })
  }

  /** The newest text message to a phone that fits; waits for it. */
  async message(phone, fits, after = 0) {
    const end = Date.now() + WAIT
    for (;;) {
      const r = await fetch(this.url(`/api/v1/demo/messages?phone=${phone}`))
      const { items = [] } = r.ok ? await r.json() : {}
      const hit = items.filter(m => fits(m) && Date.parse(m.sent_at) > after).sort((a, b) => Date.parse(b.sent_at) - Date.parse(a.sent_at))[0]
      if (hit) return hit
      assert.ok(Date.now() < end, `no fitting message to ${phone} (${items.length} others)`)
      await new Promise(done => setTimeout(done, 150)) // between two looks, not instead of one
    }
  }
  /** The path of a signing link, whatever host it names. */
  path(link) {
    const u = new URL(link, this.base)
    return u.pathname + u.search
  }

  /** Looks for barriers (WCAG 2.1 AA); they are reported together at the end, so that a flow goes on. */
  async axe(page, what) {
    await page.evaluate(AXE)
    const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'] }))
    const bad = found.violations.filter(v => ['serious', 'critical'].includes(v.impact))
    for (const v of bad) this.barriers.push(`${what}: ${v.id} (${v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join('; ')})`)
  }

  /** Nothing sticks out at the side. */
  async fits(page, what) {
    const [inner, wide] = await page.evaluate(() => [document.documentElement.clientWidth, document.documentElement.scrollWidth])
    assert.ok(wide <= inner, `${what}: ${wide} px of content in ${inner} px`)
  }
}

/** Strokes on the signing canvas, in parts of its width and height. */
export async function draw(page, strokes) {
  const box = await page.locator('[data-test=pad] canvas').boundingBox()
  const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height]
  for (const stroke of strokes) {
    await page.mouse.move(...at(stroke[0]))
    await page.mouse.down()
    for (const p of stroke.slice(1)) await page.mouse.move(...at(p), { steps: 8 })
    await page.mouse.up()
  }
}
export const NAME = [
  [[0.14, 0.28], [0.36, 0.26]], [[0.25, 0.14], [0.25, 0.5], [0.14, 0.62]], [[0.26, 0.42], [0.38, 0.62]], [[0.15, 0.78], [0.36, 0.76]],
  [[0.5, 0.2], [0.74, 0.18], [0.7, 0.34]], [[0.62, 0.1], [0.6, 0.82], [0.54, 0.74]], [[0.48, 0.48], [0.8, 0.46]], [[0.7, 0.58], [0.84, 0.8]],
]

/** A made-up person: area 000000 does not exist. */
export function person(name, seed) {
  const n = Number(seed)
  const first = `000000${1985 + (n % 12)}${String(1 + (n % 12)).padStart(2, '0')}${String(1 + (n % 28)).padStart(2, '0')}${String(100 + (n % 890)).padStart(3, '0')}`
  const w = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  const sum = w.reduce((s, x, i) => s + x * Number(first[i]), 0)
  const digit = '10X98765432'[sum % 11]
  return { name, id: first + digit, wrongId: first + (digit === '0' ? '1' : '0'), phone: `1390000${String(n % 10000).padStart(4, '0')}`, address: '广东省清远市清城区示例路 8 号', birth: `${first.slice(6, 10)}年${Number(first.slice(10, 12))}月${Number(first.slice(12, 14))}日`, sex: Number(first[16]) % 2 ? '男' : '女' }
}
export { assert }
