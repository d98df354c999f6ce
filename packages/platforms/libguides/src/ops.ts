import type { Context, KnowledgePage, LocalDate, PageRef } from '@prm/core/adapter'
import { dayOf, shownText } from '@prm/kit-pages'
import { type Api, idIn, linkIn, textIn } from './api.ts'

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

export async function hits(api: Api, ctx: Context): Promise<readonly Hits[]> {
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
