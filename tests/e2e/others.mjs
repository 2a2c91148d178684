/* The public check, the ways out of a contract, and how the pages look and behave on the whole. */
import { readFileSync } from 'node:fs'
import { DESK, PHONE, assert, person } from './lib.mjs'

// --- the public check

async function check(w, page, name, bytes, verdict) {
  await page.locator('[data-test=verify-file], [data-test=again]').first().waitFor({ state: 'attached' })
  if (await page.locator('[data-test=again]').count()) await page.locator('[data-test=again]').click()
  await page.locator('[data-test=verify-file]').setInputFiles({ name, mimeType: 'application/pdf', buffer: bytes })
  await page.locator('[data-test=report]').waitFor()
  const got = await page.locator('[data-test=report]').getAttribute('data-verdict')
  assert.ok(verdict.includes(got), `${name}: ${got}, expected ${verdict.join(' or ')}`)
}

async function intact(w) {
  const page = (w.kept.verify = await w.page(DESK))
  await page.goto(w.url('/console/verify'))
  await page.locator('.drop').waitFor()
  await page.goto(w.url('/console/verify?n=QYQ-1'))
  await page.locator('[data-test=number]', { hasText: 'QYQ-1' }).waitFor()
  await page.goto(w.url('/console/verify'))
  await page.locator('.drop').waitFor()
  await w.shot(page, 'verify-start')
  await w.axe(page, 'verify')
  await check(w, page, 'contract.pdf', w.kept.pdf, ['intact', 'extended'])
  const text = await page.locator('[data-test=report]').innerText()
  assert.ok(text.includes(w.kept.worker.name), 'the worker is named')
  assert.ok((await page.locator('[data-test=signature]').count()) >= 3)
  assert.match(text, /测试证书/)
  await w.shot(page, 'verify-intact')
  await w.axe(page, 'verification report')
  await page.locator('[data-test=technical]').click()
  await page.locator('.tech').first().waitFor()
}

async function flipped(w) {
  const bytes = Buffer.from(w.kept.pdf)
  const at = Math.floor(bytes.length / 20)
  bytes[at] ^= 0x01
  await check(w, w.kept.verify, 'flipped.pdf', bytes, ['changed', 'unreadable'])
  await w.shot(w.kept.verify, 'verify-changed')
}

function plainPdf() {
  const objects = ['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Kids[3 0 R]/Count 1>>', '<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>']
  let text = '%PDF-1.4\n'
  const at = objects.map((o, i) => {
    const here = text.length
    text += `${i + 1} 0 obj\n${o}\nendobj\n`
    return here
  })
  const xref = text.length
  text += `xref\n0 4\n0000000000 65535 f \n${at.map(n => String(n).padStart(10, '0') + ' 00000 n \n').join('')}trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n${xref}\n%%EOF\n`
  return Buffer.from(text)
}

async function unsigned(w) {
  const page = w.kept.verify
  const pdf = plainPdf()
  await check(w, page, 'plain.pdf', pdf, ['unsigned'])
  await page.locator('[data-test=again]').click()
  await page.locator('[data-test=verify-file]').setInputFiles({ name: 'letter.pdf', mimeType: 'application/pdf', buffer: Buffer.from('a letter') })
  await page.locator('[data-test=refused]').waitFor()
}

async function verifyPhone(w) {
  const page = await w.page(PHONE)
  await page.goto(w.url('/h5/verify'))
  await check(w, page, 'contract.pdf', w.kept.pdf, ['intact', 'extended'])
  await w.fits(page, 'verification on the phone')
  await w.shot(page, 'phone-verify', true)
  await w.axe(page, 'verification on the phone')
  await page.context().close()
}

// --- decline, withdraw, resend

/** A sent contract with a worker of its own, made through the interface. */
async function another(w, name, seed) {
  const page = w.kept.hr
  const who = person(name, seed)
  const after = Date.now() - 2000
  const ok = (r, what) => {
    assert.ok(r.status < 300, `${what}: ${r.status} ${JSON.stringify(r.body)}`)
    return r.body
  }
  const made = ok(await w.api(page, 'POST', '/workers', { name: who.name, id_type: 'resident_id', id_number: who.id, phone: who.phone, address: who.address }), 'createWorker')
  const template = ok(await w.api(page, 'GET', '/templates'), 'listTemplates').items[0]
  const { areas, today } = ok(await w.api(page, 'GET', '/reference'), 'getReference')
  const year = Number(today.slice(0, 4)) + 1
  const data = {
    header: { contract_kind: 'fixed_term', language: 'zh-CN' }, employer: { performance_area: areas[0].code },
    term: { kind: 'fixed', start: `${year}-03-01`, end: `${year + 1}-02-28`, first_work_day: `${year}-03-01` },
    work: { post: '质检员', content: '检验来料和成品', place: '清远市高新区示例路 1 号' },
    hours: { system: 'standard', daily_minutes: 480, weekly_minutes: 2400, work_days_per_week: 5, rest_days: '周六、周日', annual_leave: '依法享受' },
    pay: { mode: 'time', unit: 'month', amount_fen: 480000, pay_day: 10, pay_day_month: 'next', cycle: 'month', method: 'bank' },
    insurance: { schemes: ['pension', 'medical', 'unemployment', 'work_injury', 'maternity'], start_month: `${year}-03` }, protection: { conditions: '提供符合国家规定的劳动条件和防护用品' },
  }
  const c = ok(await w.api(page, 'POST', '/contracts', { template: `${template.id}@${template.version}`, worker_id: made.id, data }), 'createContract')
  ok(await w.api(page, 'POST', `/contracts/${c.id}/send`, { accept_warnings: true, sign_within_days: 5 }), 'sendContract')
  const m = await w.message(who.phone, m => /\/h5\/s\//.test(m.link ?? ''), after)
  return { id: c.id, who, link: w.path(m.link) }
}

async function decline(w) {
  w.kept.hr = await w.page(DESK)
  await w.signIn(w.kept.hr, w.account('hr', 'owner'))
  const c = await another(w, '示例·罗静', Date.now() % 400)
  const phone = await w.page(PHONE)
  await phone.goto(w.url(c.link))
  await phone.locator('[data-test=decline]').click()
  await phone.locator('[data-test=decline-confirm]').click()
  await phone.getByRole('alert').first().waitFor()
  await phone.getByText('内容与谈好的不一致').click()
  await w.shot(phone, 'phone-decline')
  await w.axe(phone, 'decline')
  await phone.locator('[data-test=decline-confirm]').click()
  await phone.locator('[data-test=closed]').waitFor()
  await w.shot(phone, 'phone-closed')
  await w.kept.hr.goto(w.url(`/console/contracts/${c.id}`))
  await w.kept.hr.locator('[data-test=banner][data-state=declined]').waitFor()
  await w.kept.hr.locator('[data-test=timeline]', { hasText: '内容与谈好的不一致' }).waitFor()
  await phone.context().close()
}

async function resendAndWithdraw(w) {
  const page = w.kept.hr
  const c = await another(w, '示例·高翔', (Date.now() % 400) + 7000)
  await page.goto(w.url(`/console/contracts/${c.id}`))
  const phone = await w.page(PHONE)
  await page.locator('[data-test=resend]').click()
  const after = Date.now() - 2000
  await page.getByRole('dialog').getByRole('button', { name: '重新发送链接' }).click()
  const fresh = await w.message(c.who.phone, m => /\/h5\/s\//.test(m.link ?? '') && w.path(m.link) !== c.link, after)
  await phone.goto(w.url(c.link))
  await phone.locator('[data-test=problem]').waitFor()
  await w.shot(phone, 'phone-old-link')
  await phone.goto(w.url(w.path(fresh.link)))
  await phone.locator('[data-test=sign][data-step=terms]').waitFor()
  await page.locator('[data-test=withdraw]').click()
  const box = page.getByRole('dialog')
  await box.getByRole('button', { name: '撤回' }).click()
  await box.getByText('请写明原因', { exact: true }).waitFor()
  await box.getByRole('textbox').fill('岗位取消')
  await box.getByRole('button', { name: '撤回' }).click()
  await page.locator('[data-test=banner][data-state=withdrawn]').waitFor()
  await w.shot(page, 'console-withdrawn')
  await phone.locator('[data-test=start]').click()
  await phone.locator('[data-test=agree]').click()
  await phone.locator('[data-test=closed], [data-test=problem]').first().waitFor()
  await phone.context().close()
}

async function draftGoes(w) {
  const page = w.kept.hr
  await page.goto(w.url('/console/contracts/new'))
  await page.locator('#f-worker_id').fill('示例')
  await page.locator('.el-select-dropdown__item:visible').first().click()
  await page.locator('[data-test=save-draft]').click()
  await page.waitForURL(/\/edit$/)
  // What is not saved is not lost without a question.
  await page.locator('[data-test=step-3]').click()
  await page.locator('[data-test=next], #f-work-post').first().waitFor()
  if (await page.locator('#f-work-post').count()) await page.locator('#f-work-post').fill('临时')
  await page.getByRole('link', { name: '概览' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '留在这里' }).click()
  await page.getByRole('link', { name: '概览' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '不保存，离开' }).click()
  await page.locator('[data-test=tile-draft]').click()
  await page.locator('[data-test=row]').first().click()
  await page.locator('[data-test=discard]').click()
  await page.getByRole('dialog').getByRole('button', { name: '删除草稿' }).click()
  await page.waitForURL(/\/contracts$/)
}

// --- looks

async function narrow(w) {
  for (const size of [PHONE, { width: 1024, height: 768 }]) {
    const page = await w.page(size)
    await w.signIn(page, w.account('hr', 'owner'))
    for (const [path, ready] of [['/', '[data-test=tile-sent]'], ['/contracts', '[data-test=row]'], ['/workers', '[data-test=worker]'], ['/enterprise', '[data-test=seal]'], ['/contracts/new', '[data-test=next]']]) {
      await page.goto(w.url('/console' + path))
      await page.locator(ready).first().waitFor()
      await w.fits(page, `console ${path} at ${size.width}`)
    }
    if (size === PHONE) {
      await page.getByRole('button', { name: '菜单' }).click()
      await page.getByRole('link', { name: '劳动者' }).click()
      await page.waitForURL(/workers/)
    }
    await page.context().close()
  }
}

async function english(w) {
  const page = await w.page(DESK)
  await page.goto(w.url('/console/login'))
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en')
  await page.context().close()
}

async function missing(w) {
  const page = await w.page(DESK)
  await page.goto(w.url('/console/no/such/page'))
  await page.getByText('没有这一页').waitFor()
  await w.axe(page, '404')
  await page.goto(w.url('/console/contracts'))
  await page.locator('[data-test=login]').waitFor() // without a session: the way in, and back afterwards
  const hr = w.account('hr', 'owner')
  await page.locator('#user').fill(hr.user)
  await page.locator('#password').fill(hr.password)
  await page.locator('[data-test=login]').click()
  await page.waitForURL(/\/console\/contracts$/)
  await page.goto(w.url('/console/contracts/01ARZ3NDEKTSV4RRFFQ69G5FAV'))
  await page.locator('[data-test=problem]').waitFor()
  await page.context().close()
}

async function demoPhone(w) {
  const page = await w.page(DESK)
  await page.goto(w.url('/h5/demo/phone'))
  await page.locator('[data-test=message]').first().waitFor()
  await w.shot(page, 'demo-phone')
  await w.axe(page, 'demo phone')
  await page.context().close()
}

// --- what was recorded on the way

async function alone(w) {
  assert.deepEqual([...w.foreign], [], 'pages ask no other host')
  assert.deepEqual(w.complaints, [], 'no script errors, nothing forbidden by the content policy')
}

export const verify = [
  ['anyone checks the file: who, when, unchanged', intact],
  ['a flipped byte is seen', flipped],
  ['unsigned and foreign files get a plain answer', unsigned],
  ['the check on a phone', verifyPhone],
]
export const sideExits = [
  ['the worker declines with a reason', decline],
  ['a new link ends the old one; withdrawing ends both', resendAndWithdraw],
  ['drafts are saved, guarded and deleted', draftGoes],
]
export const looks = [
  ['the console from 360 px on', narrow],
  ['English stays after a reload', english],
  ['missing pages, missing sessions, missing contracts', missing],
  ['the demo phone', demoPhone],
]
async function barriers(w) {
  assert.deepEqual(w.barriers, [], 'axe-core finds nothing serious on the pages above')
}

/** The client is generated from what the program says of itself. */
async function description(w) {
  const r = await fetch(w.url('/api/openapi.json'))
  const kept = JSON.parse(readFileSync(new URL('../../web/openapi.json', import.meta.url), 'utf8'))
  assert.deepEqual(await r.json(), kept, 'web/openapi.json is not what the program says: cd web && npm run snapshot -- URL')
}

export const record = [['the client is made from the description of this program', description], ['no barriers (axe-core, WCAG 2.1 AA)', barriers], ['no other hosts, no errors', alone]]
