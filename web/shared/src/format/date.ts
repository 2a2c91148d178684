/* Days and instants. A day is "YYYY-MM-DD" and has no zone; an instant is shown in Beijing time, whatever the device says. */

const MINUTE = 60_000
const BEIJING = 8 * 60 * MINUTE
const two = (n: number) => String(n).padStart(2, '0')

export function isDay(s: string | null | undefined): s is string {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(s ?? '')
  return !!m && +m[2] >= 1 && +m[2] <= 12 && +m[3] >= 1 && +m[3] <= daysInMonth(+m[1], +m[2])
}
export function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}
const parts = (day: string) => day.split('-').map(Number) as [number, number, number]
const join = (y: number, m: number, d: number) => `${y}-${two(m)}-${two(d)}`

export function addDays(day: string, n: number): string {
  const [y, m, d] = parts(day)
  const at = new Date(Date.UTC(y, m - 1, d + n))
  return join(at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate())
}
/** The corresponding day, or the last of the month where there is none (民法典 202). */
export function addMonths(day: string, n: number): string {
  const [y, m, d] = parts(day)
  const index = y * 12 + (m - 1) + n
  const year = Math.floor(index / 12)
  const month = (index % 12) + 1
  return join(year, month, Math.min(d, daysInMonth(year, month)))
}
/** The last day of a term of so many months: 2026-03-01 + 12 → 2027-02-28. */
export function lastDay(start: string, months: number): string {
  return addDays(addMonths(start, months), -1)
}
/** Whole months from the first to the last day, both included, and whether days are left over. */
export function wholeMonths(start: string, end: string): { months: number; days: boolean } {
  if (end < start) return { months: 0, days: false }
  let months = 0
  while (lastDay(start, months + 1) <= end) months++
  return { months, days: months === 0 || lastDay(start, months) < end }
}
export function todayBeijing(now = Date.now()): string {
  return new Date(now + BEIJING).toISOString().slice(0, 10)
}

/** "2026-03-01" → "2026年3月1日" / "1 Mar 2026". */
export function formatDay(day: string | null | undefined, english = false): string {
  if (!isDay(day)) return '—'
  const [y, m, d] = parts(day)
  return english ? `${d} ${MONTHS[m - 1]} ${y}` : `${y}年${m}月${d}日`
}
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** RFC 3339 → "2026-11-23 15:04" (with seconds when asked), Beijing time. */
export function formatTime(instant: string | null | undefined, seconds = false): string {
  const at = Date.parse(instant ?? '')
  if (Number.isNaN(at)) return '—'
  const s = new Date(at + BEIJING).toISOString()
  return `${s.slice(0, 10)} ${s.slice(11, seconds ? 19 : 16)}`
}

export type Span = { unit: 'day' | 'hour' | 'minute'; n: number; past: boolean }
/** How far away an instant is, in the largest unit that says something. */
export function distance(instant: string, now = Date.now()): Span {
  const ms = Date.parse(instant) - now
  const minutes = Math.abs(ms) / MINUTE
  const past = ms < 0
  if (minutes >= 48 * 60) return { unit: 'day', n: Math.floor(minutes / 1440), past }
  if (minutes >= 60) return { unit: 'hour', n: Math.floor(minutes / 60), past }
  return { unit: 'minute', n: Math.max(1, Math.round(minutes)), past }
}
