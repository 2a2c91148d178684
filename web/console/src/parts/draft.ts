/* The contract form as flat values, and the way from there to the contract's data and back. */
import type { ContractData } from '@shared/api/types'
import { addDays, isDay, lastDay, todayBeijing, wholeMonths } from '@shared/format/date'
import { editYuan, parseYuan } from '@shared/format/money'

export const SCHEMES = ['pension', 'medical', 'unemployment', 'work_injury', 'maternity'] as const
export const HAZARDS = ['dust', 'noise', 'high_temperature', 'toxic', 'radiation', 'height', 'night', 'other'] as const

export interface Draft {
  worker_id: string
  template: string
  start: string
  length: number // months; 0: the end was chosen by hand
  end: string
  first_day: string
  probation: number // months
  post: string
  content: string
  place: string
  area: string
  system: 'standard' | 'comprehensive' | 'irregular'
  approval_no: string
  approval_until: string
  cycle: string
  daily_hours: number
  days_week: number
  rest_days: string
  leave: string
  wage: string // as typed, yuan
  probation_wage: string
  pay_day: number
  pay_day_month: string
  method: string
  pay_other: string
  schemes: string[]
  start_month: string
  housing_fund: boolean
  housing_percent: number
  conditions: string
  hazards: string[]
  disclosed: boolean
  committee: string
  other: string
}

export function blankDraft(words: { weekend: string; leave: string; protection: string }): Draft {
  const start = addDays(todayBeijing(), 7)
  return {
    worker_id: '', template: '', start, length: 24, end: lastDay(start, 24), first_day: start, probation: 2,
    post: '', content: '', place: '', area: '', system: 'standard', approval_no: '', approval_until: '', cycle: 'month', daily_hours: 8, days_week: 5,
    rest_days: words.weekend, leave: words.leave, wage: '', probation_wage: '', pay_day: 10, pay_day_month: 'next', method: 'bank', pay_other: '',
    schemes: [...SCHEMES], start_month: start.slice(0, 7), housing_fund: true, housing_percent: 5, conditions: words.protection, hazards: [], disclosed: false, committee: '', other: '',
  }
}

/** Without what is empty: an absent field means "not agreed". */
function compact<T extends Record<string, unknown>>(group: T): T | undefined {
  const kept = Object.entries(group).filter(([, v]) => v !== undefined && v !== '' && v !== null && !(Array.isArray(v) && !v.length))
  return kept.length ? (Object.fromEntries(kept) as T) : undefined
}

export function toData(f: Draft): ContractData {
  const special = f.system !== 'standard'
  const probation = f.probation > 0 && isDay(f.start)
  const minutes = Math.round(f.daily_hours * 60)
  return compact({
    header: { contract_kind: 'fixed_term', language: 'zh-CN' },
    employer: compact({ performance_area: f.area }),
    term: compact({
      kind: 'fixed', start: f.start, end: f.end, first_work_day: f.first_day,
      probation_start: probation ? f.start : undefined, probation_end: probation ? lastDay(f.start, f.probation) : undefined,
    }),
    work: compact({ post: f.post.trim(), content: f.content.trim(), place: f.place.trim() }),
    hours: compact({
      system: f.system, daily_minutes: minutes, weekly_minutes: minutes * f.days_week, work_days_per_week: f.days_week, rest_days: f.rest_days.trim(), annual_leave: f.leave.trim(),
      cycle: f.system === 'comprehensive' ? f.cycle : undefined, approval_no: special ? f.approval_no.trim() : undefined, approval_until: special ? f.approval_until : undefined,
    }),
    pay: compact({
      mode: 'time', unit: 'month', amount_fen: parseYuan(f.wage) ?? undefined, probation_amount_fen: probation ? (parseYuan(f.probation_wage) ?? undefined) : undefined,
      pay_day: f.pay_day, pay_day_month: f.pay_day_month, cycle: 'month', method: f.method, other: f.pay_other.trim(),
    }),
    insurance: compact({ schemes: f.schemes, start_month: f.start_month, housing_fund: f.housing_fund, housing_fund_percent: f.housing_fund ? f.housing_percent : undefined }),
    protection: compact({ conditions: f.conditions.trim(), hazards: f.hazards, hazards_disclosed: f.hazards.length ? f.disclosed : undefined }),
    optional: compact({ other_terms: f.other.trim() }),
    disputes: compact({ arbitration_committee: f.committee.trim() }),
  }) as ContractData
}

export function fromData(f: Draft, d: ContractData) {
  const { term = {}, work = {}, hours = {}, pay = {}, insurance = {}, protection = {}, optional = {}, disputes = {}, employer = {} } = d
  const whole = isDay(term.start) && isDay(term.end) ? wholeMonths(term.start, term.end) : null
  const trial = isDay(term.probation_start) && isDay(term.probation_end) ? wholeMonths(term.probation_start, term.probation_end) : null
  Object.assign(f, {
    start: term.start ?? '', end: term.end ?? '', first_day: term.first_work_day ?? '',
    length: whole && !whole.days && [12, 24, 36].includes(whole.months) ? whole.months : 0,
    probation: trial ? trial.months + (trial.days ? 1 : 0) : 0,
    post: work.post ?? '', content: work.content ?? '', place: work.place ?? '', area: employer.performance_area ?? '',
    system: (hours.system ?? 'standard') as Draft['system'], approval_no: hours.approval_no ?? '', approval_until: hours.approval_until ?? '', cycle: hours.cycle ?? 'month',
    daily_hours: (hours.daily_minutes ?? 480) / 60, days_week: hours.work_days_per_week ?? 5, rest_days: hours.rest_days ?? '', leave: hours.annual_leave ?? '',
    wage: editYuan(pay.amount_fen), probation_wage: editYuan(pay.probation_amount_fen), pay_day: pay.pay_day ?? 10, pay_day_month: pay.pay_day_month ?? 'next', method: pay.method ?? 'bank', pay_other: pay.other ?? '',
    schemes: insurance.schemes ?? [], start_month: insurance.start_month ?? '', housing_fund: insurance.housing_fund ?? false, housing_percent: insurance.housing_fund_percent ?? 5,
    conditions: protection.conditions ?? '', hazards: protection.hazards ?? [], disclosed: protection.hazards_disclosed ?? false,
    committee: disputes.arbitration_committee ?? '', other: optional.other_terms ?? '',
  } satisfies Partial<Draft>)
}

// Fields that the form shows under another one, or as a whole.
const SHOWN_AS: Record<string, string> = {
  '/term/kind': '/template', '/header/contract_kind': '/template', '/header/sign_date': '/term/start', '/term/probation_start': '/term/probation_end',
  '/hours/work_days_per_week': '/hours/weekly_minutes', '/hours/schedule': '/hours/daily_minutes', '/employer/registered_area': '/employer/performance_area',
  '/pay/unit': '/pay/amount_fen', '/pay/mode': '/pay/amount_fen', '/pay/cycle': '/pay/pay_day', '/pay/pay_day_month': '/pay/pay_day',
  '/insurance/housing_fund_percent': '/insurance/housing_fund', '/protection/hazards_disclosed': '/protection/hazards',
}
const ROWS = [
  ['/worker_id', '/template'],
  ['/term/start', '/term/end', '/term/first_work_day', '/term/probation_end'],
  ['/work/post', '/work/content', '/work/place', '/employer/performance_area', '/hours/system', '/hours/approval_no', '/hours/approval_until', '/hours/cycle', '/hours/daily_minutes', '/hours/weekly_minutes', '/hours/rest_days', '/hours/annual_leave'],
  ['/pay/amount_fen', '/pay/probation_amount_fen', '/pay/pay_day', '/pay/method', '/pay/other'],
  ['/insurance/schemes', '/insurance/start_month', '/insurance/housing_fund', '/protection/conditions', '/protection/hazards', '/disputes/arbitration_committee', '/optional/other_terms'],
]

/** The row of the form that shows a field of the contract; '' when the form has none (the employer's own data, for one). */
export function rowOf(pointer: string): string {
  const row = SHOWN_AS[pointer] ?? (pointer.startsWith('/worker/') ? '/worker_id' : pointer)
  return ROWS.some(rows => rows.includes(row)) ? row : ''
}
/** Which step of the form a row stands on. */
export function stepOf(row: string): number {
  return ROWS.findIndex(rows => rows.includes(row)) + 1 || 1
}
