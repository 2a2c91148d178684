/* Money is whole fen, everywhere. Nothing here computes with fractions. */

const MAX_FEN = 99_999_999_999 // 9.9 hundred million yuan: far above any wage, far below 2^53

/** "5200", "5,200.5", "￥5200.00" → fen; null when it is not an amount. */
export function parseYuan(text: string): number | null {
  const m = /^\s*[¥￥]?\s*(\d{1,3}(?:[,，]\d{3})+|\d+)(?:\.(\d{1,2}))?\s*元?\s*$/.exec(text)
  if (!m) return null
  const yuan = m[1].replace(/[,，]/g, '')
  if (yuan.length > 10) return null
  const fen = parseInt(yuan, 10) * 100 + parseInt((m[2] ?? '').padEnd(2, '0') || '0', 10)
  return fen <= MAX_FEN ? fen : null
}

/** 520050 → "5,200.50"; whole yuan without decimals unless asked. */
export function formatYuan(fen: number | null | undefined, decimals: 'auto' | 'always' = 'auto'): string {
  if (fen === null || fen === undefined || !Number.isSafeInteger(fen)) return '—'
  const sign = fen < 0 ? '-' : ''
  const digits = String(Math.abs(fen)).padStart(3, '0')
  const yuan = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',')
  const rest = digits.slice(-2)
  return sign + yuan + (decimals === 'always' || rest !== '00' ? '.' + rest : '')
}

/** For an input: 520000 → "5200", 520050 → "5200.50". */
export function editYuan(fen: number | null | undefined): string {
  return fen === null || fen === undefined ? '' : formatYuan(fen).replace(/,/g, '')
}

const DIGITS = '零壹贰叁肆伍陆柒捌玖'
const UNITS = ['', '拾', '佰', '仟']
const GROUPS = ['', '万', '亿']

function capitalGroup(group: string): string {
  let out = ''
  let zero = false
  for (let i = 0; i < group.length; i++) {
    const d = Number(group[i])
    if (d === 0) {
      zero = out !== ''
      continue
    }
    out += (zero ? '零' : '') + DIGITS[d] + UNITS[group.length - 1 - i]
    zero = false
  }
  return out
}

/** 520050 → "伍仟贰佰元伍角整": the capital numerals that stand beside an amount in a contract. */
export function capitalYuan(fen: number): string {
  if (!Number.isSafeInteger(fen) || fen < 0 || fen > MAX_FEN) return ''
  const digits = String(fen).padStart(3, '0')
  let yuan = digits.slice(0, -2).replace(/^0+/, '')
  const jiao = Number(digits[digits.length - 2])
  const cent = Number(digits[digits.length - 1])
  const groups: string[] = []
  while (yuan) {
    groups.unshift(yuan.slice(-4))
    yuan = yuan.slice(0, -4)
  }
  let text = ''
  groups.forEach((g, i) => {
    const words = capitalGroup(g)
    if (!words) return
    const gap = text && (g.startsWith('0') || Number(groups[i - 1]) % 10 === 0 || Number(groups[i - 1]) === 0)
    text += (gap && !text.endsWith('零') ? '零' : '') + words + GROUPS[groups.length - 1 - i]
  })
  if (text) text += '元'
  if (jiao === 0 && cent === 0) return (text || '零元') + '整'
  if (jiao) text += DIGITS[jiao] + '角'
  else if (text) text += '零'
  return cent ? text + DIGITS[cent] + '分' : text + '整'
}

/** The least whole fen that is at least so many percent of the amount (a floor set by law rounds up). */
export function atLeastPercent(fen: number, percent: number): number {
  const hundredfold = fen * percent
  const rest = hundredfold % 100
  return (hundredfold - rest) / 100 + (rest ? 1 : 0)
}
