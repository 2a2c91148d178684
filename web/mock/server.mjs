/* A stand-in for the program while pages are built: docs/api.md with made-up data in memory, and the built pages.
 *   node mock/server.mjs [PORT] [SAMPLE.pdf] */
import { createServer } from 'node:http'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { extname, join, normalize } from 'node:path'

const port = Number(process.argv[2] ?? 8088)
const dist = new URL('../dist/', import.meta.url).pathname
const pdf = process.argv[3] ? readFileSync(process.argv[3]) : tinyPdf()
const sha = createHash('sha256').update(pdf).digest('hex')
const id = () => randomBytes(16).toString('hex').slice(0, 26)
const iso = (h = 0) => new Date(Date.now() + h * 3600e3).toISOString()
const today = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10)

function tinyPdf() {
  const page = n => `BT /F 28 Tf 72 740 Td (Sample contract, page ${n} of 3) Tj ET`
  const objs = ['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Count 3/Kids[4 0 R 6 0 R 8 0 R]>>', '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>']
  for (let n = 1; n <= 3; n++) {
    objs.push(`<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents ${objs.length + 2} 0 R>>`)
    objs.push(`<</Length ${page(n).length}>>stream\n${page(n)}\nendstream`)
  }
  let out = '%PDF-1.7\n'
  const at = objs.map((o, i) => {
    const p = out.length
    out += `${i + 1} 0 obj${o}endobj\n`
    return p
  })
  const x = out.length
  out += `xref\n0 ${objs.length + 1}\n0000000000 65535 f \n${at.map(p => String(p).padStart(10, '0') + ' 00000 n \n').join('')}trailer<</Size ${objs.length + 1}/Root 1 0 R>>\nstartxref\n${x}\n%%EOF\n`
  return Buffer.from(out)
}

const enterprise = {
  id: id(), name: '清远示例精密制造有限公司', uscc: '91441800MA0000001X', legal_representative: '示例·陈立', domicile: '广东省清远市高新区创兴大道示例 1 号', area_code: '441802', contact_name: '示例·黄敏', contact_phone: '0763-0000001', state: 'certified',
  certificate: { subject: 'CN=清远示例精密制造有限公司 TEST', issuer: 'CN=QYQ TEST Enterprise CA', serial: '5f3a90c1d2', not_before: iso(-2000), not_after: iso(8000), test: true },
  seal: { id: id(), name: '清远示例精密制造有限公司', code: '4418000000001', state: 'active' },
}
const seal = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200"><g fill="none" stroke="#c8202a"><circle cx="100" cy="100" r="94" stroke-width="5"/></g><path id="a" d="M30 118a72 72 0 1 1 140 0" fill="none"/><text fill="#c8202a" font-size="19" font-family="serif"><textPath href="#a" textLength="215">清远示例精密制造有限公司</textPath></text><path fill="#c8202a" d="m100 68 8 24h26l-21 15 8 25-21-15-21 15 8-25-21-15h26z"/><text x="100" y="172" text-anchor="middle" fill="#c8202a" font-size="13">4418000000001</text></svg>`
const areas = [
  { code: '441802', name: '清远市清城区（高新区）', minimum_monthly_fen: 175000, minimum_hourly_fen: 1740, valid_from: '2025-03-01', source: '粤府函〔2025〕23号' },
  { code: '440100', name: '广州市', minimum_monthly_fen: 250000, minimum_hourly_fen: 2370, valid_from: '2025-03-01', source: '粤府函〔2025〕23号' },
]
const NAMES = ['示例·李秀英', '示例·张伟', '示例·王芳', '示例·刘洋', '示例·陈静', '示例·杨帆', '示例·赵磊', '示例·黄丽', '示例·周杰', '示例·吴敏', '示例·徐强', '示例·孙娜']
const workers = NAMES.map((name, i) => ({ id: id(), name, id_number_masked: '000000********00' + (10 + i) + 'X'.slice(0, 0), phone_masked: `138****00${10 + i}`, sex: i % 2 ? 'male' : 'female', birth_date: `19${80 + i}-0${(i % 9) + 1}-15`, address: '广东省清远市清城区示例路 ' + (i + 1) + ' 号', created_at: iso(-24 * i), phone: `138000000${10 + i}` }))
const TEXT = { draft: '草稿', sent: '待劳动者签署', worker_stamping: '劳动者签名处理中', worker_signed: '待单位盖章', employer_stamping: '单位盖章处理中', effective: '已生效', declined: '劳动者已拒签', withdrawn: '单位已撤回', lapsed: '逾期未签' }
const POSTS = ['注塑操作工', '质检员', '仓库管理员', '数控车工', '前台文员', '设备维修工']
const contracts = []
const messages = []
let number = 1

function data(i) {
  return {
    term: { kind: 'fixed', start: '2026-12-01', end: '2028-11-30', first_work_day: '2026-12-01', probation_start: '2026-12-01', probation_end: '2027-01-31' },
    work: { post: POSTS[i % POSTS.length], content: '按岗位说明书完成生产任务，遵守操作规程', place: '清远市高新区创兴大道示例 1 号厂区' }, employer: { performance_area: '441802' },
    hours: { system: 'standard', daily_minutes: 480, weekly_minutes: 2400, work_days_per_week: 5, rest_days: '周六、周日' },
    pay: { mode: 'time', unit: 'month', amount_fen: 520000 + i * 10000, probation_amount_fen: 450000, pay_day: 10, pay_day_month: 'next', method: 'bank' },
    insurance: { schemes: ['pension', 'medical', 'unemployment', 'work_injury', 'maternity'], start_month: '2026-12' },
  }
}
function add(state, i, d = data(i), worker = workers[i % workers.length]) {
  const c = { id: id(), number: `QY2026-${String(number++).padStart(5, '0')}`, state, template: 'fixed-term-full-time@1', worker, data: d, updated_at: iso(-i * 5), sign_by: state === 'draft' ? null : iso(i % 2 ? 30 : 24 * 6), effective_at: null, timeline: [], token: id(), step: 'terms', waitUntil: 0, created: Date.now() }
  note(c, 'created', '起草合同', '示例·黄敏', -50)
  if (state !== 'draft') note(c, 'sent', '发送给劳动者，平台锁定内容', '示例·黄敏', -48)
  if (['worker_signed', 'effective', 'employer_stamping'].includes(state)) {
    note(c, 'opened', '打开链接，阅读要点', worker.name, -30); note(c, 'consent', '同意用电子方式订立', worker.name, -29.9); note(c, 'identity', '核验身份（姓名、身份号码、短信验证码）', worker.name, -29.8); note(c, 'worker_signed', '签名，可信时间戳已取得', worker.name, -29.7)
    c.signed_at = iso(-29.7)
  }
  if (state === 'effective') { note(c, 'sealed', '加盖电子公章', '示例·王经理', -10); note(c, 'effective', '合同生效', '平台', -10); c.effective_at = iso(-10) }
  if (state === 'declined') note(c, 'declined', '不签：内容与谈好的不一致', worker.name, -5)
  contracts.push(c)
  return c
}
const note = (c, kind, text, actor, h = 0) => c.timeline.push({ at: iso(h), kind, text, actor })
;['worker_signed', 'sent', 'effective', 'draft', 'sent', 'effective', 'declined', 'withdrawn', 'lapsed', 'worker_signed', 'effective', 'effective', 'effective', 'sent', 'effective', 'effective', 'effective', 'effective', 'effective', 'effective', 'effective', 'effective', 'effective', 'effective'].forEach((s, i) => add(s, i))
function message(c, title, text, link = null) {
  messages.unshift({ id: id(), phone_masked: c.worker.phone_masked, title, text, link, sent_at: iso() , phone: c.worker.phone})
}
contracts.filter(c => c.state === 'sent').forEach(c => message(c, '请签署劳动合同', `【清易签】${c.worker.name}您好，${enterprise.name}请您签署劳动合同，点击查看：`, `/h5/s/${c.token}`))

function settle(c) {
  if (c.waitUntil && Date.now() > c.waitUntil) {
    c.waitUntil = 0
    if (c.state === 'worker_stamping') { c.state = 'worker_signed'; c.signed_at = iso(); note(c, 'worker_signed', '签名，可信时间戳已取得', c.worker.name); message(c, '您已完成签署', '【清易签】您已完成签署，单位盖章后合同生效，届时再通知您。') }
    if (c.state === 'employer_stamping') { c.state = 'effective'; c.effective_at = iso(); note(c, 'sealed', '加盖电子公章', '示例·王经理'); note(c, 'effective', '合同生效', '平台'); message(c, '合同已生效', '【清易签】双方已签署，合同已生效，可登录下载。', '/h5/inbox') }
  }
}
function row(c) {
  settle(c)
  return { id: c.id, number: c.number, state: c.state, state_text: TEXT[c.state], waiting: c.waitUntil ? '等待时间戳服务答复' : null, worker_name: c.worker.name, employer_name: enterprise.name, post: c.data.work?.post ?? '', term_start: c.data.term?.start ?? null, term_end: c.data.term?.end ?? null, updated_at: c.updated_at, sign_by: c.sign_by, effective_at: c.effective_at }
}
const ALLOWED = { draft: ['updateContract', 'sendContract', 'discardContract', 'previewContract'], sent: ['resendLink', 'withdrawContract', 'downloadContract'], worker_signed: ['sealContract', 'withdrawContract', 'downloadContract'], effective: ['downloadContract'] }
function full(c) {
  const r = row(c)
  const rev = [], sig = []
  if (c.state !== 'draft') { rev.push({ name: 'sent', sha256: sha, size: pdf.length, at: iso(-48) }); sig.push({ role: 'platform', name: '清易签平台 TEST', at: iso(-48), certificate_serial: '01ab' }) }
  if (c.signed_at) { rev.push({ name: 'worker', sha256: sha, size: pdf.length + 9000, at: c.signed_at }); sig.push({ role: 'worker', name: c.worker.name, at: c.signed_at, certificate_serial: '7c1f20' }) }
  if (c.effective_at) { rev.push({ name: 'final', sha256: sha, size: pdf.length + 19000, at: c.effective_at }); sig.push({ role: 'employer', name: enterprise.name, at: c.effective_at, certificate_serial: '5f3a90c1d2' }) }
  return { ...r, template: c.template, worker_id: c.worker.id, data: c.data, findings: check(c.data), timeline: c.timeline, revisions: rev, signatures: sig, allowed: ALLOWED[c.state] ?? [] }
}
function check(d) {
  const f = []
  const p = d.pay ?? {}
  const add = (rule, severity, article, message, fields) => f.push({ rule, severity, article, message, fields })
  if (!p.amount_fen) add('C12.6', 'block', '劳动合同法第十七条', '没有写劳动报酬。', ['/pay/amount_fen'])
  else if (p.amount_fen < 175000) add('W01', 'block', '最低工资规定第三条', '约定工资低于履行地最低月工资 1,750 元。', ['/pay/amount_fen'])
  if (p.probation_amount_fen && p.amount_fen && p.probation_amount_fen * 100 < p.amount_fen * 80) add('C16', 'block', '劳动合同法第二十条', '试用期工资低于约定工资的 80%。', ['/pay/probation_amount_fen'])
  const months = (a, b) => (a && b ? (Date.parse(b) - Date.parse(a) + 864e5) / (30.4 * 864e5) : 0), term = months(d.term?.start, d.term?.end)
  if (months(d.term?.probation_start, d.term?.probation_end) > (term < 2.9 ? 0 : term < 11.9 ? 1.1 : term < 35.9 ? 2.1 : 6.1)) add('C14', 'block', '劳动合同法第十九条', '试用期超过这个期限允许的最长时间。', ['/term/probation_end'])
  if (!d.work?.post) add('C12.4', 'block', '劳动合同法第十七条', '没有写工作岗位。', ['/work/post'])
  if (d.term?.start < today) add('C02', 'warn', '劳动合同法第十条', '开始日早于今天：自用工之日起一个月内应当订立书面合同。', ['/term/start'])
  if (!d.protection?.conditions) add('C12.8', 'warn', '劳动合同法第十七条', '没有写劳动保护和劳动条件。', ['/protection/conditions'])
  add('C01', 'info', '劳动合同法第七条', '劳动关系自用工之日起建立，应当建立职工名册备查。', ['/term/first_work_day'])
  return { law_date: today, blocking: f.some(x => x.severity === 'block'), findings: f }
}
const NOTICE = { version: '2026-1', title: '关于用电子方式订立劳动合同的告知', sha256: 'ab'.repeat(32), html: '<h2>电子劳动合同是什么</h2><p>电子劳动合同与纸质劳动合同<strong>同样有效</strong>。</p><h2>怎么签</h2><ol><li>看合同要点和全文</li><li>核验身份</li><li>手写签名</li></ol>' }
function signing(c) {
  settle(c)
  const step = c.state === 'worker_stamping' ? 'stamping' : ['worker_signed', 'employer_stamping', 'effective'].includes(c.state) ? 'done' : c.state !== 'sent' ? 'closed' : c.step
  const d = c.data
  return {
    step, state: c.state, state_text: TEXT[c.state], waiting: c.waitUntil && Date.now() - c.t0 > 2000 ? '等待时间戳服务答复' : null, contract_id: c.id, number: c.number, employer_name: enterprise.name, worker_name_masked: c.worker.name.replace(/.$/, '*'), phone_masked: c.worker.phone_masked, sign_by: c.sign_by, document_sha256: sha, pages: 3, notice: NOTICE,
    terms: [{ label: '工资', value: `每月 ${d.pay.amount_fen / 100} 元（税前）`, note: '次月 10 日发，银行转账' }, { label: '岗位', value: d.work.post, note: d.work.content }, { label: '地点', value: d.work.place, note: null }, { label: '期限', value: '2 年，2026年12月1日到2028年11月30日', note: null }, { label: '试用期', value: '2 个月，工资每月 4500 元', note: null }, { label: '工时', value: '每天 8 小时，每周 5 天', note: '周六、周日休息' }, { label: '社保', value: '单位依法缴纳五项社会保险', note: null }],
    code: c.code ? { expires_at: iso(0.08), resend_after: new Date(c.code + 30e3).toISOString() } : null, signed_at: c.signed_at ?? null, effective_at: c.effective_at,
  }
}

const sessions = new Map()
class Refuse extends Error { constructor(status, reason, message, field = '') { super(message); Object.assign(this, { status, reason, field }) } }
const find = i => contracts.find(c => c.id === i) ?? (() => { throw new Refuse(404, 'not_found', '没有这份合同，或者您无权查看。') })()
function open(res, app, s) {
  const token = id()
  const session = { name: '', role: s.kind, enterprise: null, contract_id: null, csrf: id(), expires_at: iso(8), demo: true, ...s }
  sessions.set(token, session)
  res.setHeader('set-cookie', `mock_${app}=${token}; Path=/; HttpOnly; SameSite=Lax`)
  return view(session)
}
const view = ({ worker, contract, ...s }) => s
const page = (list, q) => { const at = Number(q.get('cursor') || 0), n = Number(q.get('limit') || 20); return { items: list.slice(at, at + n), next: at + n < list.length ? String(at + n) : null } }
const act = (c, kind, text, actor) => { c.updated_at = iso(); note(c, kind, text, actor) }

const routes = [
  ['POST', '/session', null, ({ body, res }) => { if (body.password !== 'demo') throw new Refuse(401, 'login_failed', '账号或密码不对。连续输错会暂时锁定。'); return open(res, 'console', { kind: 'member', name: body.user === 'seal' ? '示例·王经理' : '示例·黄敏', role: body.user === 'seal' ? 'seal' : 'owner', enterprise: { id: enterprise.id, name: enterprise.name } }) }],
  ['GET', '/session', 'any', ({ s }) => view(s)],
  ['DELETE', '/session', 'any', ({ cookie }) => { sessions.delete(cookie) }],
  ['POST', '/worker/code', null, ({ body }) => { const w = workers.find(w => w.phone === body.phone); if (w) message({ worker: w }, '登录验证码', '【清易签】登录验证码 246810，5 分钟内有效。不要告诉任何人。'); return { expires_at: iso(0.08), resend_after: iso(0.016) } }],
  ['POST', '/worker/session', null, ({ body, res }) => { const w = workers.find(w => w.phone === body.phone); if (!w || body.code !== '246810') throw new Refuse(401, 'code_wrong', '验证码不对或已过期，请重新获取。', '/code'); return open(res, 'h5', { kind: 'worker', name: w.name, worker: w }) }],
  ['GET', '/enterprise', 'member', () => enterprise],
  ['GET', '/enterprise/seal.svg', 'member', () => ({ $: seal, type: 'image/svg+xml' })],
  ['GET', '/reference', 'member', () => ({ areas, today })],
  ['GET', '/templates', 'member', () => ({ items: [{ id: 'fixed-term-full-time', version: 1, title: '劳动合同（固定期限、全日制）', kind: 'fixed_term', summary: '适用于约定了起止日期的全日制用工，含劳动合同法第十七条的全部必备条款。' }] })],
  ['GET', '/workers', 'member', ({ q }) => page(workers.filter(w => w.name.includes(q.get('q') ?? '')), q)],
  ['POST', '/workers', 'member', ({ body }) => { const w = { id: id(), name: body.name, id_number_masked: body.id_number.slice(0, 6) + '********' + body.id_number.slice(14), phone_masked: body.phone.slice(0, 3) + '****' + body.phone.slice(7), sex: Number(body.id_number[16]) % 2 ? 'male' : 'female', birth_date: body.id_number.replace(/^.{6}(....)(..)(..).*/, '$1-$2-$3'), address: body.address ?? null, created_at: iso(), phone: body.phone }; workers.unshift(w); return w }],
  ['GET', '/workers/:id', 'member', ({ p }) => workers.find(w => w.id === p.id)],
  ['POST', '/contracts/check', 'member', ({ body }) => check(body.data)],
  ['GET', '/contracts/counts', 'member', () => { const n = {}; contracts.forEach(c => { row(c); n[c.state] = (n[c.state] ?? 0) + 1 }); return { counts: Object.entries(n).map(([state, count]) => ({ state, count })) } }],
  ['GET', '/contracts', 'any', ({ q, s }) => page(contracts.filter(c => (!s.worker || (c.worker.id === s.worker.id && c.state !== 'draft')) && (!q.get('state') || q.get('state') === c.state) && (!q.get('q') || (c.worker.name + c.number + c.data.work?.post).includes(q.get('q')))).map(row).sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1)), q)],
  ['POST', '/contracts', 'member', ({ body }) => full(add('draft', 0, body.data, workers.find(w => w.id === body.worker_id)))],
  ['GET', '/contracts/:id', 'any', ({ p, s }) => { const f = full(find(p.id)); return s.kind === 'member' ? f : { ...f, allowed: ['downloadContract'] } }],
  ['PUT', '/contracts/:id', 'member', ({ p, body }) => { const c = find(p.id); c.data = body.data; c.worker = workers.find(w => w.id === body.worker_id); c.updated_at = iso(); return full(c) }],
  ['DELETE', '/contracts/:id', 'member', ({ p }) => { contracts.splice(contracts.indexOf(find(p.id)), 1) }],
  ['GET', '/contracts/:id/preview', 'member', () => ({ $: pdf, type: 'application/pdf' })],
  ['GET', '/contracts/:id/document', 'any', () => ({ $: pdf, type: 'application/pdf' })],
  ['POST', '/contracts/:id/send', 'member', ({ p, body }) => { const c = find(p.id); c.state = 'sent'; c.sign_by = iso(24 * body.sign_within_days); act(c, 'sent', '发送给劳动者，平台锁定内容', '示例·黄敏'); message(c, '请签署劳动合同', `【清易签】${c.worker.name}您好，${enterprise.name}请您签署劳动合同，点击查看：`, `/h5/s/${c.token}`); return full(c) }],
  ['POST', '/contracts/:id/resend', 'member', ({ p }) => { const c = find(p.id); c.token = id(); act(c, 'resent', '重新发送链接', '示例·黄敏'); message(c, '请签署劳动合同', '【清易签】请您签署劳动合同，点击查看：', `/h5/s/${c.token}`); return full(c) }],
  ['POST', '/contracts/:id/withdraw', 'member', ({ p, body }) => { const c = find(p.id); c.state = 'withdrawn'; act(c, 'withdrawn', '撤回：' + body.reason, '示例·黄敏'); return full(c) }],
  ['POST', '/contracts/:id/seal', 'member', ({ p, body }) => { if (body.password !== 'demo') throw new Refuse(403, 'password_wrong', '密码不对，没有盖章。请再试一次。', '/password'); const c = find(p.id); c.state = 'employer_stamping'; c.waitUntil = Date.now() + 4000; act(c, 'sealing', '确认盖章', '示例·王经理'); return full(c) }],
  ['POST', '/signing/open', null, ({ body, res }) => { const c = contracts.find(c => c.token === body.token); if (!c) throw new Refuse(410, 'link_expired', '这个链接已失效。请打开最新一条短信里的链接。'); return open(res, 'h5', { kind: 'signer', name: c.worker.name, contract_id: c.id, contract: c }) }],
  ['GET', '/signing', 'any', ({ s }) => signing(s.contract)],
  ['POST', '/signing/consent', 'signer', ({ s }) => { s.contract.step = 'read'; act(s.contract, 'consent', '同意用电子方式订立', s.contract.worker.name); return signing(s.contract) }],
  ['GET', '/signing/document', 'signer', () => ({ $: pdf, type: 'application/pdf' })],
  ['POST', '/signing/read', 'signer', ({ s }) => { s.contract.step = 'identity'; act(s.contract, 'read', '阅读全文', s.contract.worker.name); return signing(s.contract) }],
  ['POST', '/signing/identity', 'signer', ({ s, body }) => { if (body.name !== s.contract.worker.name) throw new Refuse(422, 'identity_mismatch', '姓名与身份号码不一致，请对照身份证检查。', '/name'); s.contract.step = 'sign'; s.contract.code = Date.now(); act(s.contract, 'identity', '核验身份', s.contract.worker.name); message(s.contract, '签署验证码', '【清易签】签署验证码 135790，5 分钟内有效。不要告诉任何人。'); return signing(s.contract) }],
  ['POST', '/signing/code', 'signer', ({ s }) => { s.contract.code = Date.now(); message(s.contract, '签署验证码', '【清易签】签署验证码 135790，5 分钟内有效。'); return signing(s.contract) }],
  ['POST', '/signing/sign', 'signer', ({ s, body }) => { if (body.code !== '135790') throw new Refuse(422, 'code_wrong', '验证码不对，请看最新一条短信。您写的签名还在。', '/code'); if (!body.drawing.strokes.length) throw new Refuse(422, 'drawing_empty', '还没有写名字。', '/drawing'); const c = s.contract; c.state = 'worker_stamping'; c.t0 = Date.now(); c.waitUntil = Date.now() + 4500; act(c, 'intent', '确认签署', c.worker.name); Object.assign(s, { kind: 'worker', worker: c.worker }); return signing(c) }],
  ['POST', '/signing/decline', 'signer', ({ s, body }) => { s.contract.state = 'declined'; act(s.contract, 'declined', '不签：' + body.reason, s.contract.worker.name); return signing(s.contract) }],
  ['POST', '/verify', null, ({ raw }) => {
    if (raw.subarray(0, 5).toString() !== '%PDF-') return { file: '-', integrity: 'UNSUPPORTED', trust: 'INDETERMINATE', strength: 'ok', verdict: 'unreadable', reasons: [{ code: 'not_pdf', object: '', text: '不是 PDF。' }], signatures: [], summary: '', known: null }
    const bad = raw.includes('TAMPER'), sigs = [['Lock', 'certification', '清易签平台 TEST'], ['Worker', 'approval', '示例·李秀英'], ['Employer', 'approval', enterprise.name]]
    return { file: '-', integrity: bad ? 'TAMPERED' : 'INTACT', trust: 'PASSED', strength: 'ok', verdict: bad ? 'invalid' : 'valid', reasons: bad ? [{ code: 'digest', object: 'Worker', text: '签名时的内容与现在不一致。' }] : [], summary: '', known: { number: 'QY2026-00003', state: 'effective', state_text: '已生效', effective_at: iso(-10), parties_masked: ['清远示例精密制造有限公司', '示例·李*英'] }, signatures: sigs.map(([field, kind, signer], i) => ({ field, kind, subfilter: 'ETSI.CAdES.detached', signer, issuer: 'QYQ TEST CA', digest: 'sha256', algorithm: 'ecdsa-p256', signing_time: iso(-48 + i * 19), timestamp: { time: iso(-48 + i * 19), tsa: 'QYQ TEST TSA', imprint_alg: 'sha256', valid: true }, level: 'B-T', coverage: i === 2 ? 'whole' : 'revision', integrity: bad && i === 1 ? 'TAMPERED' : i === 2 ? 'INTACT' : 'INTACT_EXTENDED', trust: 'PASSED', reasons: bad && i === 1 ? [{ code: 'digest', object: 'Worker', text: '签名时的内容与现在不一致。' }] : [] })) }
  }],
  ['GET', '/demo/messages', null, ({ q }) => ({ items: messages.filter(m => !q.get('phone') || m.phone === q.get('phone')).slice(0, 30).map(({ phone, ...m }) => m) })],
].map(([m, p, who, f]) => [m, new RegExp('^/api/v1' + p.replace(/:(\w+)/g, '(?<$1>[^/]+)') + '$'), who, f])

const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.html': 'text/html; charset=utf-8', '.ttf': 'font/ttf', '.woff2': 'font/woff2' }
const CSP = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data: blob:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'; form-action 'self'"

createServer(async (req, res) => {
  const url = new URL(req.url, 'http://x')
  const chunks = []
  for await (const c of req) chunks.push(c)
  const raw = Buffer.concat(chunks)
  const send = (status, body, type = 'application/json') => { res.writeHead(status, { 'content-type': type, 'content-security-policy': CSP, 'cache-control': 'no-store' }); res.end(body) }
  if (!url.pathname.startsWith('/api/')) {
    if (url.pathname === '/') { res.writeHead(302, { location: '/console/' }); return res.end() }
    const file = join(dist, normalize(url.pathname))
    const at = extname(file) && existsSync(file) ? file : /^\/(console|h5)(\/|$)/.test(url.pathname) ? join(dist, url.pathname.split('/')[1], 'index.html') : null
    return at && existsSync(at) ? send(200, readFileSync(at), TYPES[extname(at)] ?? 'application/octet-stream') : send(404, 'not found', 'text/plain')
  }
  try {
    const hit = routes.map(([m, re, who, f]) => ({ m, who, f, match: re.exec(url.pathname) })).find(h => h.match && h.m === req.method)
    if (!hit) throw new Refuse(404, 'not_found', '没有这个接口。')
    const app = req.headers['x-qyq-app'] === 'h5' ? 'h5' : 'console'
    const cookie = new RegExp(`mock_${app}=(\\w+)`).exec(req.headers.cookie ?? '')?.[1]
    const s = sessions.get(cookie)
    if (hit.who && !s) throw new Refuse(401, 'session_missing', '请先登录。')
    if (hit.who && req.method !== 'GET' && req.headers['x-qyq-csrf'] !== s.csrf) throw new Refuse(403, 'csrf', '页面已过期，请刷新。')
    if (hit.who && !['any', s.kind].includes(hit.who)) throw new Refuse(403, 'forbidden', '没有权限。')
    const body = /json/.test(req.headers['content-type'] ?? '') ? JSON.parse(raw) : null
    const out = hit.f({ body, raw, res, s, cookie, p: hit.match.groups ?? {}, q: url.searchParams })
    await new Promise(r => setTimeout(r, 120))
    out === undefined ? send(204) : out.$ ? send(200, out.$, out.type) : send(200, JSON.stringify(out))
  } catch (e) {
    if (!(e instanceof Refuse)) console.error(e)
    send(e.status ?? 500, JSON.stringify({ error: { code: 'X', reason: e.reason ?? 'internal', message: e instanceof Refuse ? e.message : '服务器出错。', field: e.field ?? '', request_id: id().slice(0, 8) } }))
  }
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/console/  http://127.0.0.1:${port}/h5/demo/phone  (hr/demo, seal/demo)`))
