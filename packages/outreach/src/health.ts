import type { Preview, PreviewRequest } from '@prm/core'
import { lineType } from '@prm/kit/line-type'
import { csvLine } from './cells.ts'
import { milliseconds } from './clock.ts'
import { noFile, openClosed, refuseOther } from './file.ts'
import { clockOf, type Host } from './host.ts'
import { isDay } from './row.ts'
import type { Ailment, Audience, Health, HealthOptions, Row } from './types.ts'

interface Ill {
  readonly line: number
  readonly id: string
  readonly ailment: Ailment
  readonly field: string
  readonly detail: string
}

/** What is wrong with the ways to reach people, and a list of what to mend. It changes nothing and sends nothing. */
export async function health(host: Host, audience: Audience, options: HealthOptions): Promise<Health> {
  const { prm, library } = host
  const { out, signal } = options
  const ailments: Record<Ailment, number> = {
    stale: 0,
    bouncing: 0,
    landline: 0,
    shared: 0,
    'no-consent': 0,
    'no-address': 0,
    bad: 0,
  }
  const before = clockOf(host)().getTime() - milliseconds(options.stale ?? '365d')
  const firsts = new Map<string, { readonly row: Row; told: boolean }>()
  const waiting = new Map<string, Row>()
  const head = csvLine(['line', 'id', 'ailment', 'field', 'detail'])
  if (out !== undefined) await refuseOther(out, head)
  const unwritten = (error: unknown) => Promise.reject(noFile(error, out ?? '', 'list'))
  const file = out === undefined ? undefined : await openClosed(out).catch(unwritten)
  const ill = new Set<number>()
  let [rows, text] = [0, head]
  const flush = async (): Promise<void> => {
    await file?.writeFile(text).catch(unwritten)
    text = ''
  }
  const note = (all: readonly Ill[]): void => {
    for (const { line, id, ailment, field, detail } of all) {
      ill.add(line)
      ailments[ailment]++
      if (file) text += csvLine([line, id, ailment, field, detail])
    }
  }
  async function* asks(): AsyncGenerator<PreviewRequest> {
    for await (const { row, bad } of audience.read({ library, ...(signal && { signal }) })) {
      rows++
      if (bad) {
        note([{ line: bad.line, id: bad.id ?? '', ailment: 'bad', field: bad.field ?? '', detail: bad.why }])
        continue
      }
      waiting.set(String(row.line), row)
      yield {
        key: String(row.line),
        purpose: options.purpose,
        patron: row.person,
        adapters: options.via,
        ...(row.consent === 'yes' && { agreed: true }),
        content: () => ({ text: '-' }),
      }
    }
  }
  try {
    for await (const outlook of prm.preview(asks(), () => false)) {
      const row = waiting.get(outlook.key) as Row
      waiting.delete(outlook.key)
      note([...ailmentsOf(row, outlook, before), ...sharing(row, firsts)])
      if (text.length > 100_000) await flush()
    }
    await flush()
  } finally {
    await file?.close()
  }
  return { rows, healthy: rows - ill.size, ailments }
}

function ailmentsOf(row: Row, { blockers, outcome }: Preview, before: number): readonly Ill[] {
  const { line, id, fields, person, consent } = row
  const ill = (ailment: Ailment, field: string, detail: string): Ill => ({ line, id, ailment, field, detail })
  const found: Ill[] = []
  const verified = fields.verified ?? ''
  if (verified && !isDay(verified)) found.push(ill('bad', 'verified', 'It is no day: expected one such as 2011-02-28.'))
  else if (Date.parse(verified) < before) found.push(ill('stale', 'verified', `Last verified on ${verified}.`))
  for (const { via, detail, standing } of blockers)
    if (standing === 'bad') found.push(ill('bouncing', via ?? '', detail))
  for (const { scheme, value } of person.also)
    if (scheme === 'tel' && lineType(value) === 'landline')
      found.push(ill('landline', 'phone', 'A landline gets no texts.'))
  const silent = blockers.some(({ standing }) => standing === 'silent') && !outcome
  if (silent || consent === 'unknown') found.push(ill('no-consent', 'consent', 'Nobody knows that they agreed.'))
  if (person.also.length === 0) found.push(ill('no-address', 'phone', 'Neither a phone number nor an e-mail address.'))
  return found
}

/** The first of those that share an address is told too, once. */
function sharing(row: Row, firsts: Map<string, { readonly row: Row; told: boolean }>): readonly Ill[] {
  const ill = ({ line, id }: Row, other: Row, field: string): Ill => ({
    line,
    id,
    ailment: 'shared',
    field,
    detail: `The same is in line ${other.line}.`,
  })
  return row.person.also.flatMap(({ scheme, value }) => {
    const field = scheme === 'tel' ? 'phone' : 'email'
    const first = firsts.get(`${scheme}:${value}`)
    if (!first) firsts.set(`${scheme}:${value}`, { row, told: false })
    if (!first || first.row.id === row.id) return []
    const both = first.told ? [] : [ill(first.row, row, field)]
    first.told = true
    return [...both, ill(row, first.row, field)]
  })
}
