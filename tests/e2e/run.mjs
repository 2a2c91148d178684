/* The main job in a real browser: node tests/e2e/run.mjs BASE_URL DEMO_JSON OUT_DIR
 * Prints TAP. Screenshots and the signed contract are left in OUT_DIR. Needs web/node_modules (npm ci) and Chromium.
 * A flow is a list of steps that build on each other: when one fails, the rest of its flow counts as failed too. */
import { readFileSync } from 'node:fs'
import { World } from './lib.mjs'
import * as console_ from './console.mjs'
import * as signing from './signing.mjs'
import * as others from './others.mjs'
import { formats } from '../../web/tools/formats.test.mjs'

const [base, demoFile, out, only] = process.argv.slice(2)
if (!out) {
  console.error('usage: run.mjs BASE_URL DEMO_JSON OUT_DIR [FLOW]')
  process.exit(64)
}
const world = new World(base, JSON.parse(readFileSync(demoFile, 'utf8')), out)
const flows = [
  ['formats', formats],
  ['contract', [...console_.first, ...signing.sign, ...console_.seal, ...signing.inbox, ...others.verify]],
  ['side exits', others.sideExits],
  ['looks', others.looks],
  ['record', others.record],
].filter(([name]) => !only || name === only || name === 'record')

const total = flows.reduce((n, [, steps]) => n + steps.length, 0)
console.log(`TAP version 13\n1..${total}`)
let n = 0
let failed = 0
await world.start()
try {
  for (const [flow, steps] of flows) {
    let broken = ''
    for (const [name, step] of steps) {
      n++
      const began = Date.now()
      if (broken) {
        failed++
        console.log(`not ok ${n} - ${flow}: ${name}\n  ---\n  message: not reached, "${broken}" failed\n  ...`)
        continue
      }
      try {
        await step(world)
        console.log(`ok ${n} - ${flow}: ${name} # ${Date.now() - began} ms`)
      } catch (e) {
        failed++
        if (flow !== 'looks') broken = name
        console.log(`not ok ${n} - ${flow}: ${name}\n  ---\n${String(e.stack ?? e).replace(/\u001b\[\d+m/g, '').split('\n').slice(0, 12).map(l => '  ' + l).join('\n')}\n  ...`)
        }
    }
  }
} finally {
  await world.stop()
}
process.exitCode = failed ? 1 : 0
