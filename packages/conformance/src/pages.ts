import assert from 'node:assert/strict'
import type {
  Adapter,
  Context,
  Fault,
  Instant,
  Knowledge,
  KnowledgePage,
  Known,
  Metric,
  Metrics,
} from '@prm/core/adapter'
import { type Check, type Rig, Skip } from './checks.ts'
import { at, midnight, real } from './clock.ts'
import { within } from './rig.ts'

// What the library has written, and how it is used.

const written = ['fixtures.pages'] as const
const counted = ['fixtures.metrics'] as const
const dark = ['server-error', 'html'] as const

export const knowledge: readonly Check[] = [
  { id: 'knowledge/pages', needs: written, run: pages },
  { id: 'knowledge/page-boundary', needs: written, run: boundary },
  { id: 'knowledge/since', needs: written, run: since },
  { id: 'knowledge/version', needs: written, run: version },
  { id: 'knowledge/search', needs: [...written, 'knowledge.search'], run: search },
  ...dark.map((fault) => {
    const needs = ['simulator', ...written] as const
    return { id: `knowledge/${fault}`, needs, run: (rig: Rig) => noPages(rig, fault) }
  }),
]

export const metrics: readonly Check[] = [
  { id: 'metrics/rows', needs: counted, run: rows },
  { id: 'metrics/absent-is-not-zero', needs: counted, run: absent },
  { id: 'metrics/sampled', needs: counted, run: sampled },
  ...dark.map((fault) => {
    const needs = ['simulator', ...counted] as const
    return { id: `metrics/${fault}`, needs, run: (rig: Rig) => noFigures(rig, fault) }
  }),
]

async function all<T>(list: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = []
  for await (const one of list) found.push(one)
  return found
}

// ── what is written ──────────────────────────────────────────────────────────────────────────
function knowledgeOf({ knowledge }: Adapter): Knowledge {
  assert(knowledge)
  return knowledge
}
const pagesIn = ({ fixtures }: Rig): NonNullable<Rig['fixtures']['pages']> => {
  if (!fixtures.pages) throw new Skip('no fixtures.pages')
  return fixtures.pages
}

async function told(rig: Rig, since?: Instant, ctx: Context = rig.context()): Promise<readonly KnowledgePage[]> {
  return within(all(knowledgeOf(rig.make()).pages(since, ctx)))
}
const idsOf = (pages: readonly KnowledgePage[]): string[] => pages.map(({ ref }) => ref.id).sort()

function checkPage({ ref, title, text = '', updated }: KnowledgePage): void {
  assert(ref.system && ref.id && title, 'a page has a system, an id and a title')
  assert(!/<\/?[a-z][^<>]*>|&(?:[a-z]+|#\d+);/i.test(`${title} ${text}`), `${ref.id}: mark-up, which no reader sees`)
  if (updated !== undefined)
    assert.match(updated, /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/, `${ref.id}: updated is an instant in UTC`)
}

async function pages(rig: Rig): Promise<void> {
  const found = await told(rig)
  found.forEach(checkPage)
  assert(idsOf(found).includes(pagesIn(rig).known), 'the page of fixtures.pages is told')
}

/** Whatever its vendor gives at a time. */
async function boundary(rig: Rig): Promise<void> {
  const ids = idsOf(await told(rig))
  assert.deepEqual(ids, [...new Set(ids)], 'a page is told twice')
  assert.equal(ids.length, pagesIn(rig).count, 'as many pages as there are')
}

async function since(rig: Rig): Promise<void> {
  const { since, changed } = pagesIn(rig)
  assert.deepEqual(idsOf(await told(rig, since)), [...changed].sort(), 'those that changed since, and no others')
}

/** On both sides of midnight: what reads the same has the same version. */
async function version(rig: Rig): Promise<void> {
  const [before, after] = midnight()
  const read = (ms: number) => at(ms, () => told(rig, undefined, rig.context({ now: () => real(ms) })))
  assert.deepEqual(await read(after), await read(before), 'a page that did not change is told as another')
}

async function search(rig: Rig): Promise<void> {
  const { known, words } = pagesIn(rig)
  const { search } = knowledgeOf(rig.make())
  assert(search)
  const found = await within(search(words, rig.context()))
  found.forEach(checkPage)
  assert(idsOf(found).includes(known), 'the page of fixtures.pages is found by its words')
  assert.deepEqual(await within(search('qzxwvjk', rig.context())), [], 'no page is an empty list')
}

/** Who cannot ask does not say that nothing is written. */
async function noPages(rig: Rig, fault: Fault): Promise<void> {
  rig.fault(fault, 20)
  const { pages, search } = knowledgeOf(rig.make())
  await rig.refused(all(pages(undefined, rig.context())), 'unavailable', 'contract')
  if (search) await rig.refused(search(pagesIn(rig).words, rig.context()), 'unavailable', 'contract')
}

// ── how it is used ───────────────────────────────────────────────────────────────────────────
function metricsOf({ metrics }: Adapter): Metrics {
  assert(metrics)
  return metrics
}
const figures = ({ fixtures }: Rig): NonNullable<Rig['fixtures']['metrics']> => {
  if (!fixtures.metrics) throw new Skip('no fixtures.metrics')
  return fixtures.metrics
}

async function pulled(rig: Rig, span: { readonly from: string; readonly to: string }): Promise<readonly Metric[]> {
  const { by } = figures(rig)
  const query = { from: span.from, to: span.to, by }
  return within(all(metricsOf(rig.make()).pull(query, rig.context())))
}
const of = ({ page, search, source }: Metric): string => page?.id ?? search?.text ?? source ?? ''
const fields = ['views', 'visits', 'exits'] as const

function checkFigure(name: string, figure: Known<number>): void {
  assert(['value', 'empty', 'unavailable'].includes(figure.is), `${name} is known, empty or unavailable`)
  if (figure.is === 'value')
    assert(Number.isFinite(figure.value) && figure.value >= 0, `${name} is a number, 0 or more`)
  if (figure.is === 'unavailable') assert(figure.reason, `${name} is unavailable and does not say why`)
}

async function rows(rig: Rig): Promise<void> {
  const { from, to, by, counted } = figures(rig)
  const found = await pulled(rig, { from, to })
  for (const row of found) {
    assert(
      row.day >= from && row.day <= to && /^\d{4}-\d{2}-\d{2}$/.test(row.day),
      'a day from `from` to `to`, both counted',
    )
    assert(of(row) && row[by] !== undefined, `a row by ${by} says which`)
    for (const field of fields) checkFigure(field, row[field])
  }
  const keys = found.map((row) => `${row.day} ${of(row)}`)
  assert.deepEqual(keys, [...new Set(keys)], 'a day is told twice')
  const one = found.find((row) => row.day === counted.day && of(row) === counted.of)
  assert.deepEqual(one?.views, { is: 'value', value: counted.views }, 'the row of fixtures.metrics has its views')
}

async function absent(rig: Rig): Promise<void> {
  const { from, to, silent, untold = [] } = figures(rig)
  const found = await pulled(rig, { from, to })
  const figure = found.find((row) => row.day === silent.day && of(row) === silent.of)?.views
  assert(figure?.is !== 'value', 'a day of which nothing is said has no figure')
  for (const field of untold)
    assert(
      found.every((row) => row[field].is === 'unavailable'),
      `${field} is not counted, so it is unavailable`,
    )
}

async function sampled(rig: Rig): Promise<void> {
  const { from, to, sampled } = figures(rig)
  for (const row of await pulled(rig, { from, to })) assert.equal(row.sampled, false, 'this was counted, not estimated')
  if (!sampled) return
  const estimated = await pulled(rig, sampled)
  assert(estimated.length > 0 && estimated.every((row) => row.sampled), 'what was estimated from a part says so')
}

/** Who cannot ask does not say that nobody came. */
async function noFigures(rig: Rig, fault: Fault): Promise<void> {
  rig.fault(fault, 20)
  const { from, to } = figures(rig)
  await rig.refused(pulled(rig, { from, to }), 'unavailable', 'contract')
}
