/* Tests of what the pages compute by themselves: money, days, identity numbers, the hints beside the form. */
import assert from 'node:assert/strict'
import { build } from 'esbuild'

const shared = new URL('../shared/src/', import.meta.url).pathname

/** Bundles TypeScript modules into one and loads it. */
async function load() {
  const out = await build({
    stdin: { contents: ['format/money', 'format/date', 'format/idnumber', 'law'].map(m => `export * from './${m}'`).join('\n'), resolveDir: shared, loader: 'ts' },
    bundle: true, format: 'esm', write: false,
  })
  return import('data:text/javascript;base64,' + Buffer.from(out.outputFiles[0].text).toString('base64'))
}

async function money() {
  const { parseYuan, formatYuan, editYuan, capitalYuan, atLeastPercent } = await load()
  for (const [text, fen] of [['5200', 520000], ['5,200.5', 520050], ['￥ 5200.05 元', 520005], ['0.07', 7], ['1,234,567', 123456700]]) assert.equal(parseYuan(text), fen, text)
  for (const text of ['', '5200.555', '52,00', '-5', '5e3', '五千', '99999999999']) assert.equal(parseYuan(text), null, text)
  assert.equal(formatYuan(520050), '5,200.50')
  assert.equal(formatYuan(7), '0.07')
  assert.equal(formatYuan(100000000), '1,000,000')
  assert.equal(editYuan(520050), '5200.50')
  for (const [fen, words] of [
    [0, '零元整'], [7, '柒分'], [50, '伍角整'], [100, '壹元整'], [1005, '壹拾元零伍分'], [520050, '伍仟贰佰元伍角整'], [100000, '壹仟元整'], [100500, '壹仟零伍元整'],
    [1000500, '壹万零伍元整'], [10000000, '壹拾万元整'], [10500000, '壹拾万零伍仟元整'], [10000000000, '壹亿元整'], [10000000100, '壹亿零壹元整'], [123456789, '壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分'],
  ]) assert.equal(capitalYuan(fen), words)
  assert.equal(atLeastPercent(520050, 80), 416040)
  assert.equal(atLeastPercent(520001, 80), 416001) // 416000.8 rounds up: a floor is not undercut
  for (let fen = 0; fen < 3_000_000; fen += 7919) assert.equal(parseYuan(editYuan(fen)), fen)
}

async function days() {
  const { lastDay, addMonths, wholeMonths, isDay, formatTime, todayBeijing } = await load()
  assert.equal(lastDay('2026-03-01', 12), '2027-02-28')
  assert.equal(lastDay('2026-12-01', 24), '2028-11-30')
  assert.equal(lastDay('2027-02-28', 1), '2027-03-27')
  assert.equal(addMonths('2026-01-31', 1), '2026-02-28')
  assert.deepEqual(wholeMonths('2026-03-01', '2026-04-30'), { months: 2, days: false })
  assert.deepEqual(wholeMonths('2026-03-01', '2026-05-01'), { months: 2, days: true })
  assert.deepEqual(wholeMonths('2026-03-01', '2026-02-01'), { months: 0, days: false })
  for (const bad of ['2026-02-29', '2026-13-01', '20260101', '', null]) assert.ok(!isDay(bad))
  assert.equal(formatTime('2026-11-23T16:30:05Z', true), '2026-11-24 00:30:05') // Beijing, wherever the device is
  assert.equal(todayBeijing(Date.parse('2026-12-31T16:00:00Z')), '2027-01-01')
}

async function identity() {
  const { checkId, idCheckDigit, normalizeId, checkPhone } = await load()
  const today = '2026-11-23'
  for (const good of ['11010519491231002X', '440524188001010014'.replace('1880', '1880')]) assert.equal(idCheckDigit(good.slice(0, 17)), good[17])
  const r = checkId(' 110105 19491231 002x ', today)
  assert.ok(r.ok && r.facts.birth === '1949-12-31' && r.facts.sex === 'female' && r.facts.age === 76)
  for (const [text, problem] of [['110105194912310021', 'check'], ['11010519491331002X', 'birth'], ['1101051949123100', 'length'], ['1101051949123100AX', 'characters'], ['11010520491231002X', 'birth']])
    assert.deepEqual([checkId(text, today).ok, checkId(text, today).problem], [false, problem], text)
  assert.equal(normalizeId('１１０１０５'), '110105')
  assert.ok(checkPhone('138 0000 0001') && !checkPhone('12800000001') && !checkPhone('1380000000'))
}

async function hints() {
  const { longestProbation, leastProbationWage } = await load()
  for (const [end, most] of [['2026-05-30', 0], ['2026-05-31', 1], ['2027-02-27', 1], ['2027-02-28', 2], ['2029-02-27', 2], ['2029-02-28', 6]]) assert.equal(longestProbation('2026-03-01', end), most, end)
  assert.equal(leastProbationWage(520000, 175000), 416000)
  assert.equal(leastProbationWage(200000, 175000), 175000)
}

async function words() {
  const out = await build({ stdin: { contents: "export { default as zh } from './messages/zh-CN'; export { default as en } from './messages/en'", resolveDir: shared, loader: 'ts' }, bundle: true, format: 'esm', write: false })
  const { zh, en } = await import('data:text/javascript;base64,' + Buffer.from(out.outputFiles[0].text).toString('base64'))
  const places = s => [...s.matchAll(/\{(\w+)\}/g)].map(m => m[1]).sort().join()
  const compare = (a, b, path) => {
    for (const k of Object.keys(a)) {
      if (typeof a[k] === 'object') compare(a[k], b[k], `${path}.${k}`)
      else assert.ok(typeof b[k] === 'string' && b[k] && places(a[k]) === places(b[k]), `${path}.${k}`)
    }
  }
  compare(zh, en, '')
}

export const formats = [
  ['money is whole fen; capital numerals', money],
  ['days, months and Beijing time', days],
  ['identity numbers', identity],
  ['hints of the law beside the form', hints],
  ['every text stands in both languages with the same places', words],
]

if (process.argv[1] === new URL(import.meta.url).pathname) {
  console.log(`TAP version 13\n1..${formats.length}`)
  for (const [i, [name, test]] of formats.entries()) {
    try {
      await test()
      console.log(`ok ${i + 1} - ${name}`)
    } catch (e) {
      process.exitCode = 1
      console.log(`not ok ${i + 1} - ${name}\n${String(e.stack).split('\n').map(l => '# ' + l).join('\n')}`)
    }
  }
}
