import {
  type Adapter,
  type Context,
  type Feed,
  type Finding,
  type Knowledge,
  type KnowledgePage,
  type LocalDate,
  type Metrics,
  type PageRef,
  pageChanged,
} from '@prm/core/adapter'
import { asked, parseConfig } from '@prm/kit'
import { dayOf, filesSince, pageChanges, shownText } from '@prm/kit-pages'
import { type Api, api, idIn, linkIn, textIn } from './api.ts'
import { type LibGuidesConfig, libGuidesConfig } from './config.ts'
import { knowledge, pageAt } from './knowledge.ts'
import { metrics } from './usage.ts'

export type { Kind, LibGuidesConfig, Role, Usage, UsageReport } from './config.ts'

/** How often a guide was opened this year. */
export interface Hits {
  readonly page: PageRef
  readonly title: string
  /** The first of January: there it begins at 0 again. */
  readonly since: LocalDate
  readonly hits: number
}
export interface LibGuidesOps {
  /** The only count of the API: of a guide, since the first of January. Take one at midnight and another the next to have a day. */
  hits(ctx: Context): Promise<readonly Hits[]>
  /** The page of an address with `g` and `p`, as it reads now, in one call; nothing where it is none of this site's. */
  page(url: string, ctx: Context): Promise<KnowledgePage | undefined>
}

/** Exact, so that a host writes `prm.adapters.guides.knowledge.search` without asking whether there is one. */
export interface LibGuides extends Adapter<unknown, LibGuidesOps> {
  readonly knowledge: Knowledge & Required<Pick<Knowledge, 'search'>>
  /** What changed, from all pages as they are. */
  readonly feed: Feed
  /** Only with `usage`. */
  readonly metrics?: Metrics
  readonly ops: LibGuidesOps
  check(ctx: Context): Promise<readonly Finding[]>
}

/** A LibGuides CMS site, by its API 1.2 or 1.1. Throws `config` naming the field when the config is wrong, before any call. */
export function libguides(config: LibGuidesConfig): LibGuides {
  const options = parseConfig(libGuidesConfig, config, 'libguides')
  const { usage } = options
  const http = api(options)
  const pages = knowledge(http)
  return {
    spec: 1,
    kind: 'libguides',
    version: '0.0.0',
    emits: [pageChanged],
    knowledge: pages,
    feed: { every: '6h', pull: (cursor, ctx) => pageChanges(pages.pages(undefined, ctx), cursor, ctx) },
    ...(usage && { metrics: metrics(options, usage) }),
    ops: { hits: (ctx) => hits(http, ctx), page: (url, ctx) => pageAt(http, url, ctx) },
    check: (ctx) => check(http, ctx),
  }
}

async function hits(api: Api, ctx: Context): Promise<readonly Hits[]> {
  const since = `${dayOf(api.clock.wall(ctx.now())).slice(0, 4)}-01-01`
  return (await api.list('/guides', { status: '1' }, ctx)).flatMap((guide) => {
    const [id, count] = [idIn(guide), guide.count_hit]
    // Absent is not 0.
    if (id === undefined || count === null || count === undefined || count === '' || !(Number(count) >= 0)) return []
    const url = linkIn(guide, 'friendly_url', 'url')
    const page: PageRef = { system: ctx.id, id: `guide ${id}`, ...(url !== undefined && { url }) }
    return [{ page, title: shownText(textIn(guide, 'name') ?? ''), since, hits: Number(count) }]
  })
}

/** Reads, and writes nothing. */
async function check(api: Api, ctx: Context): Promise<readonly Finding[]> {
  const { usage, clientId } = api.options
  const first = await asked('knowledge.pages', async () => {
    let [pages, words] = [0, 0]
    for await (const { text } of knowledge(api).pages(undefined, ctx)) {
      pages++
      if (text) words++
      if (pages === 20) break
    }
    return `Pages are told; of the first ${pages} ${words} have words in them.${words === 0 && pages > 0 ? ' Boxes are not told, or otherwise than we know: versions follow titles only.' : ''}`
  })
  const hint =
    clientId === undefined
      ? 'Compare siteId and key with Tools, API.'
      : 'Compare clientId and clientSecret with Tools, API.'
  if (first.ok === false) return [{ ...first, hint: `${hint} The API needs LibGuides CMS.` }]
  return [
    first,
    await asked(
      'knowledge.search',
      async () => `${(await knowledge(api).search('library', ctx)).length} guides are found by "library".`,
    ),
    await asked(
      'ops.hits',
      async () => `${(await hits(api, ctx)).length} guides are counted, since the first of January.`,
    ),
    ...(usage
      ? [
          await asked(
            'metrics.pull',
            async () => `${(await filesSince(usage.path, undefined)).length} exports are there.`,
          ),
        ]
      : []),
    { what: 'metrics.api', ok: 'unknown', detail: 'UNVERIFIED: no public client reads use by day from the API.' },
  ]
}
