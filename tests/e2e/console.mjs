/* HR on the desk: sign in, add a worker, fill the form with the law beside it, send; later seal. */
import { DESK, assert, person } from './lib.mjs'

const seed = () => String(Date.now() % 9000 + 500)

async function byKeyboard(w) {
  const hr = w.account('hr', 'owner')
  const page = (w.kept.desk = await w.page(DESK))
  await page.goto(w.url('/console/'))
  await page.locator('[data-test=login]').waitFor()
  await w.shot(page, 'console-login')
  await w.axe(page, 'console login')
  await page.locator('#user').focus()
  await page.keyboard.type(hr.user)
  await page.keyboard.press('Tab')
  await page.keyboard.type('not-the-password')
  await page.keyboard.press('Enter')
  await page.locator('[data-test=problem]').waitFor()
  assert.equal(await page.locator('#user').inputValue(), hr.user, 'what was typed stays')
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'password', 'the focus goes back to the password')
  await page.keyboard.type(hr.password)
  await page.keyboard.press('Enter')
  await page.locator('[data-test=tile-sent]').waitFor()
  // On with the keyboard alone: the first stop is the way past the navigation, Enter takes it.
  await page.goto(w.url('/console/'))
  await page.locator('[data-test=tile-sent]').waitFor()
  await page.keyboard.press('Tab')
  assert.match(await page.evaluate(() => document.activeElement?.getAttribute('href') ?? ''), /^#main$/)
  await page.keyboard.press('Enter')
  await page.locator('[data-test=tile-sent]').focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(/contracts\?state=sent/)
}

async function overview(w) {
  const page = w.kept.desk
  await page.goto(w.url('/console/'))
  await page.locator('[data-test=tile-sent]').waitFor()
  await w.shot(page, 'console-overview')
  await w.axe(page, 'overview')
  await page.goto(w.url('/console/contracts'))
  await page.locator('[data-test=row]').first().waitFor()
  await w.shot(page, 'console-contracts')
  await w.axe(page, 'contracts')
  await page.goto(w.url('/console/enterprise'))
  await page.locator('[data-test=seal]').waitFor()
  assert.ok(await page.locator('[data-test=seal]').evaluate(i => i.decode().then(() => i.naturalWidth > 0)), 'the seal is a picture')
  await w.shot(page, 'console-enterprise')
  await w.axe(page, 'enterprise')
}

async function addWorker(w) {
  const page = w.kept.desk
  const who = (w.kept.worker = person('示例·何平', seed()))
  await page.goto(w.url('/console/workers'))
  await page.locator('[data-test=worker]').first().waitFor()
  await page.locator('[data-test=add-worker]').click()
  await page.locator('#w-name').fill(who.name)
  await page.locator('#w-id').fill(who.wrongId)
  await page.locator('[data-test=id-live].bad').waitFor()
  await page.locator('#w-phone').fill(who.phone)
  await page.locator('#w-address').fill(who.address)
  await page.locator('[data-test=worker-save]').click()
  assert.ok(await page.locator('[data-test=worker-save]').isVisible(), 'a wrong check digit is not sent')
  await page.locator('#w-id').fill(who.id)
  await page.locator('[data-test=id-live].good').waitFor()
  const live = await page.locator('[data-test=id-live]').innerText()
  assert.ok(live.includes(who.birth) && live.includes(who.sex), live)
  await w.shot(page, 'console-worker', false)
  await w.axe(page, 'worker dialog')
  await page.locator('[data-test=worker-save]').click()
  await page.locator('[data-test=worker]', { hasText: who.name }).first().waitFor()
}

const settled = page => page.locator('[data-test=findings][data-busy=false]').waitFor()
const finding = (page, severity, text) => page.locator(`[data-test=findings] li[data-severity=${severity}]`, { hasText: text })

async function form(w) {
  const page = w.kept.desk
  const who = w.kept.worker
  await page.goto(w.url('/console/contracts/new'))
  await page.locator('[data-test=next]').waitFor()
  await page.locator('[data-test=next]').click()
  await page.getByText('请选择劳动者').waitFor()
  await page.locator('#f-worker_id').fill(who.name)
  await page.locator('.el-select-dropdown__item:visible', { hasText: who.name }).first().click()
  await page.locator('.person').waitFor()
  await page.locator('[data-test=next]').click()
  await page.locator('[data-test=probation]').waitFor()
  await w.shot(page, 'console-form-term')
  await w.axe(page, 'form, term')
  // Three months too many: the law says no, and says where.
  const slider = page.getByRole('slider')
  await slider.focus()
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight')
  await finding(page, 'block', '第十九条').first().waitFor()
  await page.locator('[data-test=step-1]').click()
  await finding(page, 'block', '第十九条').first().getByRole('button').click()
  await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'slider')
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowLeft')
  await finding(page, 'block', '第十九条').first().waitFor({ state: 'detached' })
  await page.locator('[data-test=next]').click()
  await page.locator('#f-work-post').fill('注塑车间操作工')
  await page.locator('#f-work-content').fill('按工艺文件操作注塑机，检查产品外观和尺寸，记录生产数据')
  await page.locator('#f-work-place').fill('广东省清远市高新区创兴大道示例 1 号厂区')
  if (!(await page.locator('[data-field="/employer/performance_area"] .hint').count())) {
    await page.locator('#f-employer-performance_area').click()
    await page.locator('.el-select-dropdown__item:visible').first().click()
  }
  await settled(page)
  await w.shot(page, 'console-form-work')
  await page.locator('[data-test=next]').click()
  await page.locator('#f-pay-amount_fen').fill('1000')
  await page.locator('#f-pay-probation_amount_fen').fill('1000')
  await page.locator('.low').waitFor()
  await settled(page)
  await finding(page, 'block', '最低工资').first().waitFor()
  assert.equal(await page.locator('[data-test=findings]').getAttribute('data-blocking'), 'true')
  await w.shot(page, 'console-form-blocked')
  await page.locator('#f-pay-amount_fen').fill('5,200.50')
  await page.locator('#f-pay-probation_amount_fen').fill('4500')
  assert.match(await page.locator('[data-test=capital]').first().innerText(), /伍仟贰佰元伍角整/)
  await page.locator('[data-test=findings][data-blocking=false]').waitFor()
  await w.shot(page, 'console-form')
  await w.axe(page, 'form, pay')
  await page.locator('[data-test=next]').click()
  await page.locator('#f-protection-conditions').waitFor()
  await page.locator('[data-test=next]').click()
  await page.locator('[data-page="1"][data-drawn=true]').waitFor()
  await w.shot(page, 'console-form-preview')
}

async function send(w) {
  const page = w.kept.desk
  w.kept.sentAfter = Date.now() - 2000
  await page.locator('[data-test=send]').click()
  await page.locator('[data-test=send-confirm]').waitFor()
  await page.getByRole('dialog').getByText('到 ').first().waitFor()
  await w.shot(page, 'console-send', false)
  const warnings = page.locator('[data-test=accept-warnings]')
  if (await warnings.count()) {
    assert.ok(await page.locator('[data-test=send-confirm]').isDisabled(), 'warnings must be accepted first')
    await warnings.click()
  }
  await page.locator('[data-test=send-confirm]').click()
  await page.locator('[data-test=banner][data-state=sent]').waitFor()
  w.kept.contract = /contracts\/([^/?]+)/.exec(page.url())[1]
  await w.shot(page, 'console-sent')
}

async function seal(w) {
  const page = w.kept.desk
  // The page followed by itself while the worker signed.
  await page.locator('[data-test=banner][data-state=worker_signed]').waitFor()
  const keeper = w.account('seal', 'owner')
  if (!(await page.locator('[data-test=seal]').count())) {
    await page.locator('[data-test=logout]').click()
    await w.signIn(page, keeper)
    await page.goto(w.url(`/console/contracts/${w.kept.contract}`))
  }
  await page.locator('[data-test=seal]').click()
  await page.locator('#seal-password').fill('wrong-password')
  await page.locator('[data-test=seal-confirm]').click()
  await page.locator('[data-test=seal-dialog] [data-test=problem]').waitFor()
  await page.locator('#seal-password').fill(keeper.password)
  await w.shot(page, 'console-seal', false)
  await w.axe(page, 'seal dialog')
  await page.locator('[data-test=seal-confirm]').click()
  await page.locator('[data-test=banner][data-state=effective]').waitFor()
}

async function effective(w) {
  const page = w.kept.desk
  assert.equal(await page.locator('[data-test=signature-row]').count(), 3, 'platform, worker, employer')
  assert.ok((await page.locator('[data-test=timeline] li').count()) >= 5, 'the timeline tells the steps')
  await page.locator('.el-message').first().waitFor({ state: 'detached' })
  await w.shot(page, 'console-contract')
  await w.axe(page, 'contract')
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('[data-test=download]').click()])
  const chunks = []
  for await (const c of await file.createReadStream()) chunks.push(c)
  w.kept.pdf = Buffer.concat(chunks)
  assert.equal(w.kept.pdf.subarray(0, 5).toString(), '%PDF-')
  w.keep('contract-final.pdf', w.kept.pdf)
}

export const first = [
  ['signs in with the keyboard alone', byKeyboard],
  ['overview, lists and seal', overview],
  ['adds a worker; a wrong check digit is seen at once', addWorker],
  ['fills the form; the law blocks and names its article', form],
  ['sends the contract', send],
]
export const seal_ = [
  ['seals, after the password was asked again', seal],
  ['the contract is in force and downloads', effective],
]
export { seal_ as seal }
