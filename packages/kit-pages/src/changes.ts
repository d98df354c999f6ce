import {
  type Context,
  type FeedPage,
  type Interaction,
  type Json,
  type KnowledgePage,
  type PageChanged,
  PrmError,
  pageChanged,
} from '@prm/core/adapter'

/** By page, its version and how often it changed: nothing of anybody. */
type Known = { readonly [id: string]: readonly [version: string, times: number] }
const perBatch = 200

/**
 * What changed since the last look, from all pages as they are now. The cursor is what was told. A page that is not there any
 * more is `gone`; that none is there any more is not believed, and throws `contract`.
 */
export async function* pageChanges(
  pages: AsyncIterable<KnowledgePage>,
  cursor: Json | undefined,
  ctx: Context,
): AsyncGenerator<FeedPage> {
  const known = new Map(Object.entries((cursor ?? {}) as unknown as Known))
  const seen = new Set<string>()
  let waiting: Interaction[] = []
  const batch = (): FeedPage => {
    const told = { interactions: waiting, cursor: Object.fromEntries(known) as unknown as Json }
    waiting = []
    return told
  }
  const tell = (page: KnowledgePage['ref'], version: string, data: PageChanged, at?: string): void => {
    const times = (known.get(page.id)?.[1] ?? 0) + 1
    known.set(page.id, [version, times])
    // The count keeps two changes to and fro apart; it is of the cursor, so that a look that is made again gives the same.
    const key = `page ${page.id} ${times} ${version || 'gone'}`
    waiting.push({ key, type: pageChanged.name, source: ctx.id, data, page, ...(at && { at }) })
  }
  for await (const { ref, title, updated } of pages) {
    if (ctx.signal.aborted) return
    const { version = '' } = ref
    seen.add(ref.id)
    const before = known.get(ref.id)?.[0]
    if (before === version) continue
    tell(ref, version, { title, ...(before && { before }) }, updated)
    if (waiting.length >= perBatch) yield batch()
  }
  const there = [...known].filter(([, [version]]) => version !== '')
  const gone = there.filter(([id]) => !seen.has(id))
  if (seen.size === 0 && there.length > 0)
    throw new PrmError('contract', `No page is told any more, and there were ${there.length}: that is not believed.`)
  // What has no title any more is told by its id: no more than the version is kept.
  for (const [id, [before]] of gone) tell({ system: ctx.id, id }, '', { title: id, before, gone: true })
  if (waiting.length > 0 && !ctx.signal.aborted) yield batch()
}
