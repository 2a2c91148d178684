/* The worker on a phone 360 px wide: from the message to the signed contract, and back to it later. */
import { NAME, PHONE, assert, draw } from './lib.mjs'

const step = (page, name) => page.locator(`[data-test=sign][data-step=${name}]`).waitFor()

async function open(w) {
  const page = (w.kept.phone = await w.page(PHONE))
  const m = await w.message(w.kept.worker.phone, m => /\/h5\/s\//.test(m.link ?? ''), w.kept.sentAfter)
  w.kept.link = w.path(m.link)
  await page.goto(w.url(w.kept.link))
  await step(page, 'terms')
  const terms = await page.locator('[data-test=terms]').innerText()
  assert.match(terms, /5,?200\.50?/)
  assert.match(terms, /注塑车间操作工/)
  await w.fits(page, 'terms')
  await w.shot(page, 'phone-terms')
  await w.axe(page, 'terms')
}

async function consent(w) {
  const page = w.kept.phone
  await page.locator('[data-test=start]').click()
  await step(page, 'consent')
  await w.shot(page, 'phone-consent')
  await w.axe(page, 'consent')
  await page.locator('[data-test=disagree]').click()
  await page.locator('[data-test=paper]').waitFor() // the way on paper is offered, and can be left again
  await w.shot(page, 'phone-paper')
  await page.getByRole('button', { name: '返回' }).last().click()
  // The session ends while the worker is reading: the page opens the link again by itself and goes on.
  await page.context().clearCookies()
  await page.locator('[data-test=agree]').click()
  await step(page, 'read')
}

async function read(w) {
  const page = w.kept.phone
  await page.locator('[data-page="1"][data-drawn=true]').waitFor()
  await w.shot(page, 'phone-read')
  await w.axe(page, 'reading')
  assert.ok(await page.locator('[data-test=read-done]').isDisabled(), 'one goes on after the last page')
  await page.getByRole('button', { name: '放大' }).click()
  const pages = Number(await page.locator('[data-test=pdf]').getAttribute('data-pages'))
  assert.ok(pages >= 1)
  for (let n = 2; n <= pages; n++) {
    await page.locator(`[data-page="${n}"]`).scrollIntoViewIfNeeded()
    await page.locator(`[data-page="${n}"][data-drawn=true]`).waitFor()
  }
  const text = (await page.locator('.pdf-page .sr-only').allTextContents()).join('')
  assert.match(text.replace(/\s/g, ''), /注塑车间操作工/, 'the text stands beside the picture for screen readers')
  await page.locator('[data-test=pdf]').evaluate(e => (e.scrollTop = e.scrollHeight))
  await page.locator('[data-test=read-done]:not([disabled])').click()
  await step(page, 'identity')
}

async function identity(w) {
  const page = w.kept.phone
  await page.locator('[data-test=prove]').click()
  assert.equal(await page.locator('[aria-invalid=true]').count(), 2)
  await page.locator('[data-test=name]').fill('示例·别人')
  await page.locator('[data-test=id]').fill(w.kept.worker.id)
  await page.locator('[data-test=prove]').click()
  await page.locator('[data-test=problem]').waitFor()
  await w.shot(page, 'phone-identity')
  await w.axe(page, 'identity')
  await page.locator('[data-test=name]').fill(w.kept.worker.name)
  w.kept.codeAfter = Date.now() - 2000
  await page.locator('[data-test=prove]').click()
  await step(page, 'sign')
}

async function sign(w) {
  const page = w.kept.phone
  // Coming back to the link leads to where one was.
  await page.goto(w.url(w.kept.link))
  await step(page, 'sign')
  const code = /(?<!\d)\d{6}(?!\d)/.exec((await w.message(w.kept.worker.phone, m => /(?<!\d)\d{6}(?!\d)/.test(m.text), w.kept.codeAfter)).text)[0]
  await page.locator('[data-test=code]').fill(code)
  await page.locator('[data-test=submit]').click()
  await page.getByText('请先写您的名字').waitFor()
  await page.locator('[data-test=pad]').scrollIntoViewIfNeeded()
  await draw(page, NAME)
  await page.locator('[data-test=undo]').click()
  await draw(page, NAME.slice(-1))
  await page.locator('[data-test=code]').fill(code === '000000' ? '111111' : '000000')
  await page.locator('[data-test=submit]').click()
  await page.locator('[data-test=problem]').waitFor()
  assert.ok(await page.locator('[data-test=clear]').isEnabled(), 'the drawing is kept when the code was wrong')
  await page.locator('[data-test=code]').fill(code)
  await w.shot(page, 'phone-sign', true)
  await w.axe(page, 'signing')
  await page.locator('[data-test=submit]').click()
  await page.locator('[data-test=sign][data-step=stamping], [data-test=sign][data-step=done]').waitFor()
  await w.shot(page, 'phone-stamping')
  await step(page, 'done')
  await w.shot(page, 'phone-done')
  await w.axe(page, 'done')
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('[data-test=download]').click()])
  assert.match(file.suggestedFilename(), /\.pdf$/)
}

async function used(w) {
  const page = await w.page(PHONE)
  await page.goto(w.url(w.kept.link))
  await page.locator('[data-test=sign][data-step=done], [data-test=problem]').first().waitFor()
  assert.equal(await page.locator('[data-test=submit]').count(), 0, 'there is no second signature')
  await page.context().close()
}

async function inbox(w) {
  const page = await w.page(PHONE)
  const asked = Date.now() - 2000
  await page.goto(w.url('/h5/inbox'))
  await page.locator('[data-test=phone]').fill(w.kept.worker.phone)
  await w.shot(page, 'phone-login')
  await page.locator('[data-test=enter]').click()
  await page.locator('[data-test=code]').waitFor()
  const m = await w.message(w.kept.worker.phone, m => /(?<!\d)\d{6}(?!\d)/.test(m.text) && !m.link, asked)
  await page.locator('[data-test=code]').fill(/(?<!\d)\d{6}(?!\d)/.exec(m.text)[0])
  await page.locator('[data-test=enter]').click()
  await page.locator('[data-test=inbox-row]').first().waitFor()
  await w.shot(page, 'phone-inbox')
  await w.axe(page, 'inbox')
  await page.locator('[data-test=inbox-row]').first().click()
  await page.locator('[data-test=timeline]').waitFor()
  await page.locator('[data-state=effective]').waitFor()
  await w.fits(page, 'contract on the phone')
  await w.shot(page, 'phone-contract', true)
  await w.axe(page, 'contract on the phone')
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('[data-test=download]').click()])
  const chunks = []
  for await (const c of await file.createReadStream()) chunks.push(c)
  assert.ok(Buffer.concat(chunks).equals(w.kept.pdf), 'worker and employer download the same bytes')
  await w.message(w.kept.worker.phone, m => /生效/.test(m.text), w.kept.codeAfter)
  await page.context().close()
}

const steps = [
  ['opens the link and reads the terms in plain words', open],
  ['is told of the electronic form and agrees', consent],
  ['reads the whole text', read],
  ['proves identity; another name is refused', identity],
  ['gives the code, draws the name, and it is signed', sign],
  ['the link signs only once', used],
]
export { steps as sign }
export const inboxSteps = [['signs in by phone, finds the contract, downloads the same file', inbox]]
export { inboxSteps as inbox }
