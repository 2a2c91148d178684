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
export type Severity = 'block' | 'warn' | 'info'
export type Finding = Omit<Findings['findings'][number], 'severity'> & { severity: Severity }
export type Signing = Out<'getSigning'>
/** What HR agrees on; described by schemas/contract.schema.json. */
export type ContractData = In<'createContract'>['body']['data']
export type DemoMessage = Out<'listDemoMessages'>['items'][number]


/** Handwriting: points in the units of the pad, time since the first in ms, pressure 0 … 1. */
export interface Drawing {
  width: number
  height: number
  strokes: { x: number; y: number; t: number; p: number }[][]
}

/* The answer of the verifier, as "qyq verify --json" prints it, and what the platform adds. */
export interface Reason {
  code: string
  object: number | string | null
  text: string
}
export interface ReportSignature {
  field: string
  kind: 'certification' | 'approval' | 'doctimestamp'
  subfilter: string
  signer: string
  issuer: string
  digest: string
  algorithm: string
  signing_time: string | null
  timestamp: { time: string; tsa: string; imprint_alg: string; valid: boolean } | null
  level: string
  coverage: 'whole' | 'revision' | 'partial'
  integrity: string
  trust: 'PASSED' | 'INDETERMINATE' | 'FAILED'
  reasons: Reason[]
}
export interface Report {
  file: string
  integrity: string
  trust: string
  strength: 'ok' | 'weak'
  verdict: 'valid' | 'invalid' | 'indeterminate' | 'unsigned' | 'unreadable'
  reasons: Reason[]
  signatures: ReportSignature[]
  summary: string
  known: { number: string; state: string; state_text: string; effective_at: string | null; parties_masked: string[] | string } | null
}
