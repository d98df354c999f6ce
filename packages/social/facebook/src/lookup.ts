import { type Context, type LookupQuery, PrmError, type Receipt } from '@prm/core/adapter'
import {
  type Comment,
  type FacebookReceipt,
  type Graph,
  instantOf,
  type Message,
  nextOf,
  wireComments,
  wireConversations,
  wireNode,
} from './api.ts'
import type { Options } from './config.ts'
import { keyOf, shortId } from './interactions.ts'

type Found = Receipt<FacebookReceipt> | 'absent' | 'unsure'

const mostPages = 5

/** Nothing of ours is kept with a comment, and a message gives its metadata back in its echo alone: the text decides. */
export async function find(api: Graph, options: Options, sought: LookupQuery, ctx: Context): Promise<Found> {
  try {
    if (sought.id !== undefined) return await byId(api, sought, ctx)
    return sought.to.scheme === 'post'
      ? await amongComments(api, options, sought, ctx)
      : await amongMessages(api, options, sought, ctx)
  } catch (error) {
    // Deleted since, or what it stood under was: it was there, or cannot be looked for.
    if (PrmError.is(error) && error.code === 'not_found') return 'unsure'
    throw error
  }
}

async function byId(api: Graph, { id = '', to }: LookupQuery, ctx: Context): Promise<Found> {
  await api.call({ method: 'GET', path: id, query: { fields: 'id' } }, wireNode, ctx)
  return { id, state: to.scheme === 'post' ? 'delivered' : 'sent', raw: { id } }
}

/**
 * All comments of the post, newest first, whatever they answer: where Facebook puts an answer to an answer is its own affair.
 * The same words below another comment may be of this message or of another one.
 */
async function amongComments(api: Graph, options: Options, sought: LookupQuery, ctx: Context): Promise<Found> {
  const { to, from } = sought
  const [first = '', second] = to.value.split('_')
  const isTop = second === undefined || first === options.pageId
  const post = isTop ? to.value : `${options.pageId}_${first}`
  const query = { fields: 'id,from,message,created_time,parent{id}', filter: 'stream', order: 'reverse_chronological' }
  const near: Comment[] = []
  let sure = false
  let after: string | undefined
  for (let pages = 0; pages < mostPages; pages++) {
    const path = `${post}/comments`
    const listed = await api.call({ method: 'GET', path, query: { ...query, limit: 100, after } }, wireComments, ctx)
    near.push(...listed.data.filter((one) => mayBe(one, options, sought)))
    after = nextOf(listed)
    sure = !after || isPast(listed.data, from)
    if (sure) break
  }
  const here = (one: Comment) => (one.parent ? shortId(one.parent.id) === to.value : isTop)
  const ours = near.filter((one) => one.message != null && one.from && here(one)).at(-1)
  if (ours) return { id: shortId(ours.id), state: 'delivered', raw: { id: ours.id } }
  return sure && near.length === 0 ? 'absent' : 'unsure'
}

/** Only the last 20 messages of a conversation can be read ("Conversations API"). */
async function amongMessages(api: Graph, options: Options, sought: LookupQuery, ctx: Context): Promise<Found> {
  const query = {
    platform: 'messenger',
    user_id: sought.to.value,
    fields: 'updated_time,messages.limit(20){id,from,message,created_time}',
  }
  const path = `${options.pageId}/conversations`
  const { data, paging } = await api.call({ method: 'GET', path, query }, wireConversations, ctx)
  const all = data.flatMap(({ messages }) => messages?.data ?? [])
  const near = all.filter((one) => mayBe(one, options, sought))
  const ours = near.filter((one) => one.message != null && one.from).at(-1)
  if (ours) return { id: ours.id, state: 'sent', raw: { id: ours.id } }
  // Somebody wrote to us, or we would not answer: no conversation at all means that it cannot be seen.
  const more = paging?.next || data.some(({ messages }) => messages?.paging?.next)
  const sure = all.length > 0 && (!more || isPast(all, sought.from))
  return sure && near.length === 0 ? 'absent' : 'unsure'
}

/** What follows is older than that. Meta may rank comments whatever order was asked for: only one that shows is believed. */
function isPast(list: readonly (Comment | Message)[], from: string): boolean {
  const times = list.map((one) => Date.parse(instantOf(one.created_time) ?? ''))
  const [newest = 0, oldest = 0] = [times[0], times.at(-1)]
  const falls = newest > oldest && times.every((time, index) => index === 0 || time <= (times[index - 1] ?? 0))
  return falls && oldest < Date.parse(from)
}

/** Of these minutes and not another's, by the page, with this text; what is not said may be so. */
function mayBe(
  one: Comment | Message,
  { pageId }: Options,
  { from, until, excludeProviderIds, content }: LookupQuery,
): boolean {
  const at = Date.parse(instantOf(one.created_time) ?? '')
  const inTime = Number.isNaN(at) || (at >= Date.parse(from) && at <= Date.parse(until))
  const byUs = !one.from || one.from.id === pageId
  return (
    inTime &&
    byUs &&
    (one.message == null || plain(one.message) === plain(content.text)) &&
    !isTaken(one.id, excludeProviderIds)
  )
}
const isTaken = (id: string, taken: readonly string[]): boolean =>
  taken.includes(shortId(id)) || taken.some((one) => keyOf(one) === keyOf(id))
/** Without what Meta may write otherwise: blanks, invisible characters, forms of a letter. */
const plain = (text: string): string => text.normalize('NFKC').replace(/[\s\p{C}]/gu, '')
