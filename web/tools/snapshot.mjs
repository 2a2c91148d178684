/* Takes the description of the interface from a running program, from which the client is generated:
 *   npm run snapshot -- http://127.0.0.1:8080 */
import { writeFileSync } from 'node:fs'

const base = process.argv[2]
if (!base) {
  console.error('usage: snapshot.mjs BASE_URL')
  process.exit(64)
}
const r = await fetch(new URL('/api/openapi.json', base))
if (!r.ok) throw new Error(`${r.url}: ${r.status}`)
writeFileSync(new URL('../openapi.json', import.meta.url), JSON.stringify(await r.json(), null, 1) + '\n')
