import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { measureSms } from '@prm/kit'
import { account, host, library, words } from '../ours.ts'
import type { Contend } from '../place.ts'
import { read } from './input.ts'
import type { Prepared, Task } from './ours.ts'

const page = 500

/**
 * What a programmer writes who needs none of our rules: one loop that parses, checks, renders and stores the same rows in the
 * same tables by prepared statements, as many to a transaction.
 */
export const contend: Contend<Task, Prepared> = async ({ input, store: file }) => {
  // The tables and indexes are ours, made beforehand and off the clock.
  const { prm } = host(file)
  await prm.send({
    to: { scheme: 'tel', value: '+12125550142' },
    purpose: 'pickup',
    content: { text: '.' },
    key: '.',
    dryRun: true,
  })
  await prm.close()
  const database = new DatabaseSync(file)
  database.exec(
    'pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -32768; pragma wal_autocheckpoint = 8000',
  )
  const [decision, message, job] = [
    `insert into decision (library, id, version, stored_at, patron, value) values (?, ?, 1, ?, null, ?)
      on conflict do nothing`,
    `insert into message (library, id, version, stored_at, state, address, value) values (?, ?, 1, ?, 'planned', ?, ?)
      on conflict do nothing`,
    `insert into job (library, key, name, grp, run_at, head, payload) values (?, ?, 'deliver', ?, ?, 1, ?)
      on conflict do nothing`,
  ].map((sql) => database.prepare(sql))
  const began = performance.now()
  let rows = 0
  for await (const { recipient, e164 } of read(input)) {
    if (rows % page === 0) database.exec('begin immediate')
    const at = new Date().toISOString()
    const key = `hold ${recipient.card}`
    const to = { scheme: 'tel', value: e164 }
    const content = { text: words(recipient) }
    const measure = measureSms(content, { maxCharacters: 1_600 })
    const way = { via: 'sms', to, from, units: measure.units, notBefore: at }
    const outcome = { send: true, ...way }
    const own = {
      key,
      now: at,
      purpose: 'pickup',
      addresses: [to],
      consents: [],
      drafts: [{ via: 'sms', to, measure }],
    }
    const inputs = { shared: '0123456789abcdefghijkl', own }
    const decided = { key, keys: [key], at, about: [], purpose: 'pickup', outcome, reasons: said, inputs }
    const planned = { key, decision: key, purpose: 'pickup', ...way, content, state: 'planned', attempts: [] }
    const now = Date.parse(at)
    decision?.run(library.id, key, now, JSON.stringify(decided))
    message?.run(library.id, key, now, `tel:${e164}`, JSON.stringify(planned))
    job?.run(library.id, `deliver:${key}`, `to tel  ${e164}`, now, JSON.stringify({ key }))
    rows++
    if (rows % page === 0) database.exec('commit')
  }
  if (rows % page !== 0) database.exec('commit')
  const seconds = (performance.now() - began) / 1_000
  database.close()
  return { seconds, rows, storeBytes: statSync(file).size }
}

const from = { scheme: 'tel', value: account.from }
const said = [
  { rule: 'purpose', verdict: 'pass', detail: 'pickup: a service message.' },
  { rule: 'preference', verdict: 'pass', detail: 'No preferred medium; using the configured order.' },
  { rule: 'consent', verdict: 'pass', detail: 'Service message; the patron has not opted out.', via: 'sms' },
  { rule: 'length', verdict: 'pass', detail: '1 part, gsm7.', via: 'sms' },
]
