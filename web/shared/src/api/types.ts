/* Names for what the operations hand over, so that pages need not know how the description names its schemas. */
import type { In, Out } from './client'

export type Session = Out<'getSession'>
export type Enterprise = Out<'getEnterprise'>
export type Reference = Out<'getReference'>
export type Area = Reference['areas'][number]
export type Template = Out<'listTemplates'>['items'][number]
export type Worker = Out<'getWorker'>
export type Contract = Out<'getContract'>
export type ContractRow = Out<'listContracts'>['items'][number]
export type Findings = Out<'checkContract'>
export type Finding = Findings['findings'][number]
export type Signing = Out<'getSigning'>
export type Drawing = In<'signContract'>['body']['drawing']
export type Report = Out<'verifyPdf'>
export type ReportSignature = Report['signatures'][number]
export type DemoMessage = Out<'listDemoMessages'>['items'][number]

/** What HR agrees on: the part of schemas/contract.schema.json that the form fills. */
export interface ContractData {
  header?: { contract_kind?: string; language?: string; sign_date?: string; fixed_term_sequence?: number }
  employer?: { performance_area?: string }
  term?: { kind?: string; start?: string; end?: string; first_work_day?: string; probation_start?: string; probation_end?: string }
  work?: { post?: string; content?: string; place?: string; reassignment_scope?: string }
  hours?: {
    system?: string
    daily_minutes?: number
    weekly_minutes?: number
    work_days_per_week?: number
    schedule?: string
    rest_days?: string
    annual_leave?: string
    cycle?: string
    approval_no?: string
    approval_until?: string
  }
  pay?: {
    mode?: string
    unit?: string
    amount_fen?: number
    overtime_base_fen?: number
    probation_amount_fen?: number
    pay_day?: number
    pay_day_month?: string
    cycle?: string
    method?: string
    other?: string
  }
  insurance?: { schemes?: string[]; start_month?: string; housing_fund?: boolean; housing_fund_percent?: number }
  protection?: { conditions?: string; hazards?: string[]; hazards_disclosed?: boolean; equipment?: string; health_checks?: string }
  optional?: { confidentiality?: string; welfare?: string; other_terms?: string }
  disputes?: { mediation_body?: string; arbitration_committee?: string }
}
