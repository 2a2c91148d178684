/* 公民身份号码, GB 11643: 6 digits area, 8 birth date, 3 sequence (odd: male), 1 check digit. */
import { isDay } from './date'

export type IdProblem = 'length' | 'characters' | 'birth' | 'check'
export type IdFacts = { birth: string; sex: 'male' | 'female'; age: number }
export type IdResult = { ok: true; facts: IdFacts } | { ok: false; problem: IdProblem; at?: number; facts?: IdFacts }

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

export function idCheckDigit(first17: string): string {
  const sum = WEIGHTS.reduce((n, w, i) => n + w * Number(first17[i]), 0)
  return '10X98765432'[sum % 11]
}
export function normalizeId(text: string): string {
  return text.replace(/[\s-]/g, '').toUpperCase().replace(/[０-９]/g, c => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
}
export function ageOn(birth: string, day: string): number {
  return Number(day.slice(0, 4)) - Number(birth.slice(0, 4)) - (day.slice(5) < birth.slice(5) ? 1 : 0)
}
/** today as YYYY-MM-DD. */
export function checkId(text: string, today: string): IdResult {
  const id = normalizeId(text)
  const bad = id.search(/[^0-9X]/)
  if (bad >= 0 || /X./.test(id)) return { ok: false, problem: 'characters', at: bad }
  let facts: IdFacts | undefined
  if (id.length >= 14) {
    const birth = `${id.slice(6, 10)}-${id.slice(10, 12)}-${id.slice(12, 14)}`
    if (!isDay(birth) || birth < '1900-01-01' || birth > today) return { ok: false, problem: 'birth' }
    if (id.length >= 17) facts = { birth, sex: Number(id[16]) % 2 ? 'male' : 'female', age: ageOn(birth, today) }
  }
  if (id.length !== 18 || !facts) return { ok: false, problem: 'length', facts }
  if (idCheckDigit(id) !== id[17]) return { ok: false, problem: 'check', facts }
  return { ok: true, facts }
}
/** Mainland mobile numbers: eleven digits that begin with 1. */
export function checkPhone(text: string): boolean {
  return /^1[3-9]\d{9}$/.test(text.replace(/[\s-]/g, ''))
}
