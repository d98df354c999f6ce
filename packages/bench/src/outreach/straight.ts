import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { measureSms, phone } from '@prm/kit'
import { parse } from 'csv-parse'
import { Liquid } from 'liquidjs'
import { library } from '../ours.ts'
import type { Contend } from '../place.ts'
import { templates } from './input.ts'
import type { Planned, Task } from './ours.ts'

/**
 * What a programmer writes who needs none of our rules: one loop that parses, dials, asks for an opt-out, renders, measures and
 * writes the same lines.
 */
export const contend: Contend<Task, Planned> = async ({ input, store, out }) => {
  const database = new DatabaseSync(store)
  database.exec('create table consent (address text primary key, state text) without rowid')
  const said = database.prepare('select state from consent where address = ?')
  const liquid = new Liquid({ strictVariables: true })
  const [en, es] = templates.map(({ text }) => liquid.parse(text))
  const price = { micros: 7_900, currency: 'USD' }
  const began = performance.now()
  const seen = new Set<string>()
  const hash = createHash('sha256')
  const file = await open(out, 'w')
  let [rows, text] = [0, '']
  const flush = async () => {
    hash.update(text)
    await file.writeFile(text)
    text = ''
  }
  for await (const row of createReadStream(input).pipe(parse({ columns: true }))) {
    const { e164 } = phone(row.phone, 'US')
    if (e164 === undefined || row.consent !== 'yes' || seen.has(e164) || said.get(`tel:${e164}`)) continue
    seen.add(e164)
    const content = {
      text: liquid.renderSync((row.language === 'es' ? es : en) ?? [], { ...row, library: library.name }),
    }
    const { units, encoding, cost } = measureSms(content, { price, maxCharacters: 1_600 })
    const line = { is: 'recipient', ...row, to: e164, content, units, encoding, cost, at: new Date().toISOString() }
    text += `${JSON.stringify(line)}\n`
    rows++
    if (text.length > 256_000) await flush()
  }
  await flush()
  await file.writeFile(`${hash.digest('hex')}\n`)
  await file.sync()
  await file.close()
  const seconds = (performance.now() - began) / 1_000
  database.close()
  return { seconds, rows }
}
