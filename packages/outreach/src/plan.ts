import { hash } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { type Preview, type PreviewRequest, PrmError } from '@prm/core'
import { textOf } from './address.ts'
import { meter, milliseconds } from './clock.ts'
import { type Columns, columnsOf } from './columns.ts'
import { type Sum, sum } from './cost.ts'
import { faults } from './faults.ts'
import {
  clearDrafts,
  draftOf,
  type Footer,
  type Header,
  noFile,
  planOf,
  planWriter,
  readPlan,
  refuseOther,
} from './file.ts'
import { sieve } from './filter.ts'
import { clockOf, type Host } from './host.ts'
import { linter } from './lint.ts'
import type { Sketch } from './repeats.ts'
import { gallery } from './samples.ts'
import { timetable } from './timetable.ts'
import type { BadLine, Excluded, Exclusion, Order, Plan, PlanLine, PlanOptions, Recipient, Row } from './types.ts'
import { type Writer, writer } from './words.ts'

/** The order in which reasons count. */
export const exclusions: readonly Exclusion[] = [
  'opted-out',
  'no-consent',
  'minor',
  'expired-card',
  'no-address',
  'bounced',
  'duplicate-address',
  'cap',
  'holdout',
]

/** Writes the plan's file. Nothing of the people is stored. Throws `conflict` where it would overrun a sender. */
export async function plan(
  host: Host,
  order: Order,
  options: PlanOptions,
  marks?: Sketch,
  mayWrite?: () => Promise<unknown>,
): Promise<Plan> {
  check(host, order)
  const { out, signal } = options
  await refuseOther(out, '{"is":"plan"')
  await clearDrafts(out)
  const at = clockOf(host)().toISOString()
  const words = writer(order.templates, { library: host.library.name, ...order.data }, host.library.locale)
  const columns = columnsOf(host, order, words)
  const judged = { columns, ...judge(host, order, words, at, signal, columns) }
  // What is killed before later rows had their say is no plan.
  const draft = draftOf(out)
  try {
    const first = await write(host, order, at, judged, { ...options, out: draft }, marks)
    await mayWrite?.() // also after all this time
    const revoked = judged.revoked()
    // Whom a later row refuses for: what was written of them is taken back.
    if (revoked.size > 0)
      return await write(host, order, at, { ...judged, lines: without(draft, revoked, signal) }, options, marks)
    await rename(draft, out).catch((error) => Promise.reject(noFile(error, out)))
    return { ...first, file: out }
  } finally {
    await rm(draft, { force: true })
  }
}

async function write(
  host: Host,
  order: Order,
  at: string,
  { lines, filtered, columns }: Pick<Judge, 'lines' | 'filtered'> & { readonly columns: Columns },
  { out, signal, onProgress }: PlanOptions,
  marks: Sketch | undefined,
): Promise<Plan> {
  marks?.anew()
  const header: Header = {
    is: 'plan',
    version: 1,
    library: host.library.id,
    by: order.by.trim(),
    at,
    purpose: order.purpose,
    via: order.via,
    audience: order.audience.from,
    templates: order.templates,
    ...(order.start !== undefined && { start: order.start }),
    ...(order.expireAt !== undefined && { expireAt: order.expireAt }),
  }
  const file = await planWriter(out)
  try {
    const [sums, times, lint, samples] = [tally(), timetable(host, order, at), linter(host, order.templates), gallery()]
    const progress = meter('plan', onProgress, clockOf(host))
    const bad = faults()
    const zones: Record<string, number> = {}
    await file.line(header)
    for await (const line of lines) {
      sums.count(line)
      marks?.look(line)
      if (line.is === 'bad') bad.look(line)
      if (line.is === 'recipient') {
        zones[line.zone] = (zones[line.zone] ?? 0) + 1
        times.take(line)
        lint.look(line)
        samples.look(line, host.prm.adapters[line.via]?.channel?.medium ?? '')
      }
      const full = file.line(line)
      if (full) await full
      progress.at(sums.rows())
    }
    signal?.throwIfAborted()
    const { senders, finish } = times.end()
    const footer: Footer = {
      is: 'end',
      summary: { ...sums.summary(), finish },
      filtered: filtered(),
      senders,
      zones,
      samples: samples.hung(),
      lint: lint.found(columns.unread(), sums.summary().included),
      ...(order.holdout && { holdout: { ...order.holdout, people: sums.excluded('holdout') } }),
    }
    const hash = await file.end(footer)
    progress.end(sums.rows(), sums.rows())
    return planOf(out, header, footer, hash, bad.found())
  } catch (error) {
    await file.drop()
    throw error
  }
}

async function* without(
  draft: string,
  revoked: ReadonlySet<number>,
  signal: AbortSignal | undefined,
): AsyncGenerator<PlanLine> {
  for await (const line of readPlan(draft, signal)) {
    const { line: number, id = '' } = line
    if (line.is === 'bad' || !revoked.has(number)) yield line
    else yield { is: 'excluded', line: number, id, why: 'opted-out', detail: revokedBy }
  }
}
const revokedBy = 'Another row of this list says no for them or their address.'

function check({ prm, library }: Host, order: Order): void {
  const wrong = (field: string, expected: string) =>
    new PrmError('invalid', `plan: ${field} must be ${expected}.`, { field })
  if (!order.by?.trim()) throw wrong('by', 'the name of who plans')
  if (order.via.length === 0) throw wrong('via', 'at least one adapter with a channel')
  for (const id of order.via) {
    const channels = Object.keys(prm.adapters).filter((one) => prm.adapters[one]?.channel)
    if (!channels.includes(id)) throw wrong('via', `adapters with a channel: ${channels.join(', ')}; "${id}" is none`)
  }
  const { share, seed } = order.holdout ?? { share: 0, seed: '-' }
  if (!(share >= 0 && share < 1)) throw wrong('holdout.share', 'a share of 0 to less than 1, such as 0.1')
  if (!seed) throw wrong('holdout.seed', 'a text: the same seed draws the same people')
  for (const name of ['start', 'expireAt'] as const)
    if (order[name] !== undefined && Number.isNaN(Date.parse(order[name])))
      throw wrong(name, 'an instant such as 2026-11-24T10:00:00.000Z')
  if (order.within !== undefined && Number.isNaN(milliseconds(order.within)))
    throw wrong('within', 'a duration such as 3d')
  if (!library.id) throw wrong('library', 'the library that createPrm was given')
}

interface Tally {
  count(line: PlanLine): void
  rows(): number
  excluded(why: Exclusion): number
  summary(): Omit<Plan['summary'], 'hash' | 'finish'>
}
function tally(): Tally {
  const excluded = Object.fromEntries(exclusions.map((why) => [why, 0])) as Record<Exclusion, number>
  const cost: Sum = sum()
  let [rows, included, bad, parts] = [0, 0, 0, 0]
  return {
    count(line) {
      rows++
      if (line.is === 'bad') bad++
      else if (line.is === 'excluded') excluded[line.why]++
      else {
        included++
        parts += line.units
        cost.add(line.cost)
      }
    },
    rows: () => rows,
    excluded: (why) => excluded[why],
    summary: () => ({ rows, included, excluded, bad, parts, cost: cost.costs() }),
  }
}

// ── one line for each row ────────────────────────────────────────────────────────────────────

interface Judge {
  readonly lines: AsyncIterable<PlanLine>
  filtered(): Plan['filtered']
  /** Lines whom a later row refuses for. */
  revoked(): ReadonlySet<number>
}

/** Decides what becomes of each row, in their order. */
export function judge(
  host: Host,
  order: Order,
  words: Writer,
  at: string,
  signal?: AbortSignal,
  columns?: Columns,
): Judge {
  const { prm, library } = host
  const kept = sieve(order.filters ?? [], at)
  const ids = new Map<string, number>()
  const taken = new Map<string, number>()
  /** Ids by what is the same of them where somebody says no: `A7` is `a 7`. Nothing before anybody does. */
  let alike: Map<string, string[]> | undefined
  /** At these somebody said no, in whichever row. */
  const refused = new Set<string>()
  /** Lines that were left out for another reason, by id and address: a refusal that comes later is theirs too. */
  const spared = new Map<string, number[]>()
  const revoked = new Set<number>()
  /** In their order, with what became of them; `left` of them are written. No map: V8 keeps what such a one let go. */
  const queue: { readonly row?: Row; line?: PlanLine }[] = []
  let left = 0
  const today = new Map<string, string>()
  const todayIn = (zone: string): string => {
    const day = today.get(zone) ?? dayIn(zone, at)
    today.set(zone, day)
    return day
  }
  const excluded = ({ line, id }: Row, why: Exclusion, detail: string): Excluded => ({
    is: 'excluded',
    line,
    id,
    why,
    detail,
  })

  function know(id: string, line: number): void {
    if (ids.has(id)) return
    ids.set(id, line)
    if (alike) add(alike, folded(id), id)
  }

  function refuse(row: Row): void {
    if (!alike) {
      alike = new Map()
      for (const id of ids.keys()) add(alike, folded(id), id)
    }
    const id = folded(row.id)
    for (const name of [row.id, id, ...(alike.get(id) ?? []), ...row.person.also.map(textOf)]) {
      for (const line of [ids.get(name), taken.get(name), ...(spared.get(name) ?? [])])
        if (line !== undefined) revoked.add(line)
      refused.add(name)
    }
  }

  async function* asks(): AsyncGenerator<PreviewRequest> {
    for await (const { row, bad } of order.audience.read({ library, ...(signal && { signal }) })) {
      signal?.throwIfAborted()
      // A refusal counts for all rows of theirs, also where a filter leaves this one, or it has no id.
      if (row?.consent === 'no') refuse(row)
      if (bad) {
        queue.push({ line: { is: 'bad', ...bad } })
        continue
      }
      columns?.row(row)
      if (!kept.keeps(row)) continue
      if (row.consent === 'no') {
        know(row.id, row.line)
        queue.push({ line: excluded(row, 'opted-out', 'The list says no.') })
        continue
      }
      queue.push({ row })
      yield askOf(order, words, row, String(left + queue.length - 1))
    }
    columns?.end()
  }

  function verdict(row: Row, outlook: Preview): PlanLine {
    const line = verdictOf(row, outlook)
    if (line.is !== 'excluded' || line.why === 'opted-out') return line
    const { to } = outlook.outcome ?? {}
    for (const name of new Set([row.id, ...[...row.person.also, ...(to ? [to] : [])].map(textOf)]))
      add(spared, name, row.line)
    return line
  }

  /** Called in the order of the rows. Who is written to takes their turn, and their address. */
  function verdictOf(row: Row, outlook: Preview): PlanLine {
    const line = lineOf(row, outlook)
    const first = ids.get(row.id)
    know(row.id, row.line)
    if (line.is === 'bad') return line
    const early = line.is === 'excluded' ? line : undefined
    if (early && exclusions.indexOf(early.why) < exclusions.indexOf('duplicate-address')) return early
    if (first !== undefined) return excluded(row, 'duplicate-address', `The same id is in line ${first}.`)
    const to = outlook.outcome ? textOf(outlook.outcome.to) : undefined
    const other = to === undefined ? undefined : taken.get(to)
    if (other !== undefined) return excluded(row, 'duplicate-address', `The same address is in line ${other}.`)
    if (to !== undefined) taken.set(to, row.line)
    if (early) return early
    if (order.holdout && lot(order.holdout.seed, row.id) < order.holdout.share)
      return excluded(row, 'holdout', 'Left out by lot, to compare with.')
    return line
  }

  function lineOf(row: Row, outlook: Preview): PlanLine {
    const { outcome, blockers, measure, content } = outlook
    const why = (rule: string, standing?: string) =>
      blockers.find((one) => one.rule === rule && one.standing === standing)
    const refusal = blockers.find(({ standing }) => standing === 'refused')
    const all = outcome ? [...row.person.also, outcome.to] : row.person.also
    if (
      refused.size > 0 &&
      (refused.has(row.id) || refused.has(folded(row.id)) || all.some((one) => refused.has(textOf(one))))
    )
      return excluded(row, 'opted-out', revokedBy)
    if (!outcome && refusal) return excluded(row, 'opted-out', refusal.detail)
    const silent = !outcome && blockers.find(({ standing }) => standing === 'silent')
    if (silent) return excluded(row, 'no-consent', silent.detail)
    if (row.consent === 'unknown' && outcome && !outlook.agreed)
      return excluded(row, 'no-consent', 'The list does not say that they agreed.')
    const minor = why('minor')
    if (minor) return excluded(row, 'minor', minor.detail)
    const barred = why('block') ?? why('category')
    if (barred) return excluded(row, 'expired-card', barred.detail)
    const { expires } = row.person
    if (expires && expires < todayIn(outlook.timeZone))
      return excluded(row, 'expired-card', `The card ended on ${expires}.`)
    const turn = outcome?.notBefore
    // A day of a zone is never later than the next of UTC: of most nobody need ask.
    if (turn && expires && expires <= turn.slice(0, 10) && expires < dayIn(outlook.timeZone, turn))
      return excluded(row, 'expired-card', `The card ends on ${expires}, before its turn.`)
    if (outcome && content && measure) {
      if (outlook.waits.includes('cap')) return excluded(row, 'cap', 'Enough is sent to them in this time.')
      return recipient(row, outlook, outcome, content, measure)
    }
    const template = why('template')
    const reached = blockers.some(({ rule }) => rule !== 'address' && rule !== 'channel' && rule !== 'only')
    if (!reached) return excluded(row, 'no-address', (why('only') ?? why('channel') ?? blockers[0])?.detail ?? '')
    const bounced = blockers.find(({ standing }) => standing === 'bad')
    if (bounced && !template) return excluded(row, 'bounced', bounced.detail)
    const cap = why('cap')
    if (cap) return excluded(row, 'cap', cap.detail)
    const late = why('deadline') ?? why('rate') ?? why('quiet') ?? why('hours')
    if (late)
      throw new PrmError(
        'conflict',
        `Line ${row.line} cannot be written to in time: ${late.detail} Begin earlier, give it longer, or take a faster sender.`,
        { field: 'expireAt' },
      )
    const first = template ?? blockers.find(({ rule }) => rule !== 'address')
    return {
      is: 'bad',
      line: row.line,
      id: row.id,
      ...fieldOf(first?.detail),
      why: first?.detail ?? 'It cannot be sent.',
    }
  }

  async function* lines(): AsyncGenerator<PlanLine> {
    const next = (): PlanLine | undefined => {
      const line = queue[0]?.line
      if (line && queue.shift()) left++
      return line
    }
    const settle = (outlook: Preview): PlanLine => {
      const one = queue[Number(outlook.key) - left] as (typeof queue)[number]
      one.line ??= verdict(one.row as Row, outlook)
      return one.line
    }
    for await (const outlook of prm.preview(asks(), (one) => settle(one).is === 'recipient')) {
      settle(outlook)
      for (let line = next(); line; line = next()) yield line
    }
    for (let line = next(); line; line = next()) yield line
  }
  return { lines: lines(), filtered: kept.counts, revoked: () => revoked }
}

function add<V>(to: Map<string, V[]>, name: string, one: V): void {
  const there = to.get(name)
  if (there) there.push(one)
  else to.set(name, [one])
}

/** Whoever refuses by another writing of an id is believed; nobody is left out as a duplicate by one. */
function folded(id: string): string {
  return id.normalize('NFKC').toLowerCase().replace(/\s+/g, '')
}

export function askOf(
  order: Pick<Order, 'purpose' | 'via' | 'start' | 'expireAt'>,
  words: Writer,
  row: Row,
  key: string,
): PreviewRequest {
  return {
    key,
    purpose: order.purpose,
    patron: row.person,
    adapters: order.via,
    ...(row.consent === 'yes' && { agreed: true }),
    content: (via) => words.write(row.fields, via),
    ...(order.start !== undefined && { notBefore: order.start }),
    ...(order.expireAt !== undefined && { expireAt: order.expireAt }),
  }
}

function recipient(
  row: Row,
  { timeZone }: Preview,
  { via, to, from, notBefore }: NonNullable<Preview['outcome']>,
  content: NonNullable<Preview['content']>,
  { units, encoding, cost }: NonNullable<Preview['measure']>,
): Recipient {
  return {
    is: 'recipient',
    line: row.line,
    id: row.id,
    person: row.person,
    ...(row.consent === 'yes' && { agreed: true }),
    via,
    to: textOf(to),
    ...(from && { from: textOf(from) }),
    content,
    text: textHash(content),
    units,
    ...(encoding && { encoding }),
    ...(cost && { cost }),
    at: notBefore,
    zone: timeZone,
  }
}

function textHash(content: Recipient['content']): string {
  return hash('sha256', JSON.stringify(content), 'base64url').slice(0, 22)
}

/** The same people for the same seed, on every machine: a number from 0 to 1. */
function lot(seed: string, id: string): number {
  return Number.parseInt(hash('sha256', JSON.stringify([seed, id]), 'hex').slice(0, 12), 16) / 2 ** 48
}

function dayIn(zone: string, at: string): string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return format.format(Date.parse(at))
}

function fieldOf(detail = ''): Pick<BadLine, 'field'> {
  const [, field] = /^The variable "([^"]+)"/.exec(detail) ?? []
  return field ? { field } : {}
}
