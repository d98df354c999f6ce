import { type Context, type Instant, type Knowledge, type KnowledgePage, PrmError } from '@prm/core/adapter'
import { shownText, versionOf } from '@prm/kit-pages'
import { type Api, flagIn, idIn, instantIn, linkIn, listIn, type Row, textIn } from './api.ts'
import type { Kind } from './config.ts'

type Since = Instant | undefined
const kinds: { readonly [kind in Kind]: (api: Api, since: Since, ctx: Context) => AsyncIterable<KnowledgePage> } = {
  guides,
  databases: (api, since, ctx) => flat(api, since, ctx, 'database', '/az', { expand: 'az_types' }),
  assets: (api, since, ctx) => flat(api, since, ctx, 'asset', '/assets', {}),
  subjects: (api, since, ctx) => flat(api, since, ctx, 'subject', '/subjects', {}),
}

/** Guides page by page, databases, assets and subjects, as far as they are to be told. */
export function knowledge(api: Api): Knowledge & Required<Pick<Knowledge, 'search'>> {
  return {
    async *pages(since, ctx) {
      for (const kind of api.options.of) yield* kinds[kind](api, since, ctx)
    },
    // It finds guides: of each those pages that have the words, or its first.
    async search(text, ctx) {
      const query = { search_terms: text, status: '1', expand: 'pages,pages.boxes' }
      const words = text.toLowerCase().split(/\s+/).filter(Boolean)
      return (await api.list('/guides', query, ctx)).filter(isShown).flatMap((guide) => {
        const pages = pagesOf(api, guide, ctx)
        const fit = pages.filter((page) =>
          words.every((word) => `${page.title} ${page.text}`.toLowerCase().includes(word)),
        )
        return fit.length > 0 ? fit : pages.slice(0, 1)
      })
    },
  }
}

// ── guides ───────────────────────────────────────────────────────────────────────────────────
/** So many at a time: with all that is in their boxes they are long. */
const perCall = 10

async function* guides(api: Api, since: Since, ctx: Context): AsyncGenerator<KnowledgePage> {
  const listed = await api.list('/guides', { status: '1', expand: 'pages' }, ctx)
  const told = listed.filter((guide) => isShown(guide) && (since === undefined || changedIn(api, guide) >= since))
  for (let at = 0; at < told.length; at += perCall) {
    if (ctx.signal.aborted) throw new PrmError('unavailable', 'The guides were called off before their end.')
    const some = told.slice(at, at + perCall)
    const ids = some.flatMap((guide) => idIn(guide) ?? [])
    const whole = new Map(
      (await api.list(`/guides/${ids.join(',')}`, { expand: 'pages,pages.boxes' }, ctx)).map((one) => [idIn(one), one]),
    )
    for (const guide of some) {
      // Unpublished this very moment.
      const one = whole.get(idIn(guide))
      if (!one) continue
      for (const page of pagesOf(api, one, ctx)) if (since === undefined || (page.updated ?? since) >= since) yield page
    }
  }
}

/** One page of a guide, or the guide's first where its address names none. */
export async function pageAt(api: Api, url: string, ctx: Context): Promise<KnowledgePage | undefined> {
  const query = URL.canParse(url) ? new URL(url).searchParams : undefined
  const [guide, page] = [query?.get('g') ?? '', query?.get('p')]
  if (!/^\d+$/.test(guide)) return undefined
  const [found] = (await api.list(`/guides/${guide}`, { expand: 'pages,pages.boxes' }, ctx)).filter(isShown)
  const pages = found ? pagesOf(api, found, ctx) : []
  return page === null || page === undefined ? pages[0] : pages.find(({ ref }) => ref.id === `guide ${guide}/${page}`)
}

/** A guide that leads elsewhere is not read here. */
const isShown = (guide: Row): boolean =>
  idIn(guide) !== undefined &&
  (guide.status === undefined || String(guide.status) === '1') &&
  !textIn(guide, 'redirect_url')

/** The latest that it says of itself and of its pages; what says nothing may have changed. */
function changedIn(api: Api, guide: Row): string {
  const dates = [guide, ...listIn(guide, 'pages')].map((row) => instantIn(row, api.clock, 'updated'))
  return dates.includes(undefined) ? '9' : (dates.map(String).sort().at(-1) ?? '9')
}

function pagesOf(api: Api, guide: Row, ctx: Context): readonly KnowledgePage[] {
  const pages = listIn(guide, 'pages').filter(
    (page) => idIn(page) !== undefined && !flagIn(page, 'hidden', 'enable_hidden'),
  )
  const own = guideOf(api, guide, ctx)
  if (pages.length === 0) return own ? [own] : []
  return pages.map((page) => {
    const title = `${shownText(textIn(guide, 'name') ?? '')}: ${shownText(textIn(page, 'name') ?? 'page')}`
    const text = [textIn(page, 'description'), ...listIn(page, 'boxes').map(boxText)]
      .flatMap((html) => (html === undefined ? [] : shownText(html) || []))
      .join('\n\n')
    const id = `guide ${idIn(guide)}/${idIn(page)}`
    const url = linkIn(page, 'friendly_url', 'url') ?? linkIn(guide, 'friendly_url', 'url')
    const updated = instantIn(page, api.clock, 'updated') ?? instantIn(guide, api.clock, 'updated')
    return pageOf(ctx, id, title, text, url, updated)
  })
}

/** Its title, and what is in it, by whichever name. */
function boxText(box: Row): string {
  if (flagIn(box, 'hidden', 'enable_hidden')) return ''
  const inside = [...listIn(box, 'assets'), ...listIn(box, 'content')]
  const words = (row: Row) => [textIn(row, 'name', 'title'), textIn(row, 'content', 'html', 'text', 'description')]
  return [...words(box), ...inside.flatMap(words)]
    .flatMap((html) => (html === undefined ? [] : `<div>${html}</div>`))
    .join('')
}

function guideOf(api: Api, guide: Row, ctx: Context): KnowledgePage | undefined {
  const [id, name] = [idIn(guide), textIn(guide, 'name')]
  if (id === undefined || name === undefined || !isShown(guide)) return undefined
  const text = shownText(textIn(guide, 'description') ?? '')
  return pageOf(
    ctx,
    `guide ${id}`,
    shownText(name),
    text,
    linkIn(guide, 'friendly_url', 'url'),
    instantIn(guide, api.clock, 'updated'),
  )
}

// ── what has no pages ────────────────────────────────────────────────────────────────────────
async function* flat(
  api: Api,
  since: Since,
  ctx: Context,
  kind: string,
  path: string,
  query: { readonly [name: string]: string },
): AsyncGenerator<KnowledgePage> {
  const seen = new Set<string>()
  for (const row of await api.list(path, query, ctx)) {
    const [id, name] = [idIn(row), textIn(row, 'name', 'title')]
    if (id === undefined || name === undefined || seen.has(id) || flagIn(row, 'enable_hidden', 'hidden')) continue
    seen.add(id)
    const text = shownText(
      [textIn(row, 'description', 'content', 'html'), textIn(row, 'alt_names')].filter(Boolean).join('<br>'),
    )
    const updated = instantIn(row, api.clock, 'updated')
    if (since === undefined || (updated ?? since) >= since)
      yield pageOf(ctx, `${kind} ${id}`, shownText(name), text, linkIn(row, 'friendly_url', 'url'), updated)
  }
}

function pageOf(ctx: Context, id: string, title: string, text: string, url?: string, updated?: string): KnowledgePage {
  return {
    ref: { system: ctx.id, id, version: versionOf(title, text), ...(url !== undefined && { url }) },
    title: title || id,
    text,
    ...(updated && { updated }),
  }
}
