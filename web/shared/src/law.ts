/* What the form shows before the server has answered. The server's findings decide; these are only hints beside the fields. */
import { atLeastPercent } from './format/money'
import { wholeMonths } from './format/date'

/** 劳动合同法 19: the longest probation in months for a fixed term. */
export function longestProbation(start: string, end: string): number {
  const { months } = wholeMonths(start, end)
  if (months < 3) return 0
  if (months < 12) return 1
  if (months < 36) return 2
  return 6
}
/** 劳动合同法 20, 实施条例 15. */
export function leastProbationWage(wage: number, minimum: number): number {
  return Math.max(atLeastPercent(wage, 80), minimum)
}
