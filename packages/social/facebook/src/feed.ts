import {
  type Context,
  type FeedPage,
  type Interaction,
  type Json,
  PrmError,
  type RejectedRecord,
} from '@prm/core/adapter'
import { resolve, sha256 } from '@prm/kit'
import {
  type Comment,
  type Graph,
  instantOf,
  type Message,
  nextOf,
  type Post,
  wireComments,
  wireConversations,
  wireNode,
  wirePosts,
} from './api.ts'
import { mayRead } from './check.ts'
import type { Options } from './config.ts'
import { gone, mention, received, type Said, shortId, versionOf } from './interactions.ts'

/**
 * What webhooks may have missed. It holds ids of posts and comments of the last days, which are public, and hashes of what they
 * said: nobody's words and nobody's name.
 */
interface Cursor {
  /** Until when conversations were looked through, and hashes of the ids of the last messages. */
  readonly heard?: string
  readonly last?: readonly string[]
  readonly posts?: { readonly [post: string]: Kept }
}
interface Kept {
  readonly at: string
  /** The version of a visitor's own post. */
  readonly said?: string
  /** By the second part of its id. */
  readonly comments: { readonly [comment: string]: string }
}

const mostPages = 20
/** Comments that are remembered, and that one look asks for because they are not listed any more. */
const remembered = 2000
const mostAsked = 50

export async function* pull(
  api: Graph,
  options: Options,
  last: Json | undefined,
  ctx: Context,
): AsyncGenerator<FeedPage> {
  let cursor = (last ?? {}) as unknown as Cursor
  let first: PrmError | undefined
  let failed = 0
  for (const [where, part] of [
    ['posts and comments', wall],
    ['conversations', letters],
  ] as const) {
    try {
      for await (const batch of part(api, options, cursor, ctx)) {
        if (ctx.signal.aborted) return
        cursor = batch.cursor
        yield { ...batch, cursor: cursor as unknown as Json }
      }
    } catch (error) {
      // A permission may be there for the one and not for the other, and Meta may fail at what is too much for it.
      if (!passes(error) || ctx.signal.aborted) throw error
      first ??= error
      failed++
      yield {
        interactions: [],
        rejected: [{ source: where, reason: error.message }],
        cursor: cursor as unknown as Json,
      }
    }
  }
  if (first && (failed === 2 || first.code === 'unavailable')) throw first
}

/** What is asked next need not fail, too. */
const passes = (error: unknown): error is PrmError =>
  PrmError.is(error) && !/^(auth|rate_limited|config)$/.test(error.code)

interface Batch {
  readonly interactions: readonly Interaction[]
  readonly rejected: readonly RejectedRecord[]
  readonly cursor: Cursor
}

const unit: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3600, d: 86_400 }
/** The oldest that is looked at, in ms. */
const start = ({ lookBack }: Options, ctx: Context): number =>
  ctx.now().getTime() - Number.parseInt(lookBack, 10) * (unit[lookBack.slice(-1)] ?? 1) * 1000

// ── posts and comments ───────────────────────────────────────────────────────────────────────
const commentFields = 'id,from,message,created_time,parent{id},attachment'
const postFields = `id,from,message,created_time,attachments{media_type},comments.filter(stream).limit(25){${commentFields}}`

async function* wall(api: Graph, options: Options, cursor: Cursor, ctx: Context): AsyncGenerator<Batch> {
  const key = await resolve(options.pseudonymKey)
  const since = start(options, ctx)
  const posts = new Map(Object.entries(cursor.posts ?? {}).filter(([, { at }]) => Date.parse(at) >= since))
  const before = new Map(posts)
  const state = (): Cursor => ({ ...cursor, posts: Object.fromEntries(bounded(posts)) })
  const seen = new Set<string>()
  const asks: Asks = { left: mostAsked }
  let after: string | undefined
  for (let pages = 0; ; pages++) {
    const query = { fields: postFields, limit: 10, since: Math.floor(since / 1000), after }
    const path = `${options.pageId}/feed`
    const listed = await api.call({ method: 'GET', path, query }, wirePosts, ctx)
    const [interactions, bad]: [Interaction[], RejectedRecord[]] = [[], []]
    for (const post of listed.data) {
      const id = post.id.split('_').at(-1) ?? ''
      seen.add(id)
      const looked = await lookAt(api, options, post, before.get(id), { key, asks }, ctx)
      posts.set(id, looked.kept)
      interactions.push(...looked.interactions)
      bad.push(...looked.bad)
    }
    after = nextOf(listed)
    if (after && pages + 1 === mostPages)
      bad.push({ source: 'posts', reason: 'there are too many to look through: the older ones were left out' })
    yield { interactions: inOrder(interactions), rejected: bad, cursor: state() }
    if (!after) break
    if (pages + 1 === mostPages) return
  }
  const missing: Interaction[] = []
  for (const [id, kept] of before) {
    if (seen.has(id)) continue
    const post = `${options.pageId}_${id}`
    if (!(await isGone(api, options, post, asks, ctx))) continue
    posts.delete(id)
    // What was written below it went along.
    const all = [...(kept.said === undefined ? [] : [post]), ...Object.keys(kept.comments).map((one) => `${id}_${one}`)]
    missing.push(...all.map((one) => gone({ id: one, post }, key, ctx)))
  }
  if (missing.length > 0) yield { interactions: missing, rejected: [], cursor: state() }
}

/** The newest posts first; what is forgotten is told under the same key again, which is no news. */
function bounded(posts: ReadonlyMap<string, Kept>): readonly (readonly [string, Kept])[] {
  const kept: (readonly [string, Kept])[] = []
  let left = remembered
  for (const [id, one] of [...posts].sort(([, a], [, b]) => b.at.localeCompare(a.at))) {
    if (left <= 0) break
    const comments = Object.entries(one.comments).slice(-left)
    left -= 1 + comments.length
    kept.push([id, { ...one, comments: Object.fromEntries(comments) }])
  }
  return kept
}

interface Looking {
  readonly key: string
  readonly asks: Asks
}
interface Asks {
  left: number
  mayRead?: boolean
}

async function lookAt(
  api: Graph,
  options: Options,
  post: Post,
  before: Kept | undefined,
  { key, asks }: Looking,
  ctx: Context,
): Promise<{
  readonly kept: Kept
  readonly interactions: readonly Interaction[]
  readonly bad: readonly RejectedRecord[]
}> {
  const [interactions, bad]: [Interaction[], RejectedRecord[]] = [[], []]
  const id = shortId(post.id)
  const version = (said: Said, known: string | undefined, bare: boolean): string | undefined => {
    if (said.text === '' && !bare) {
      // Not told: a webhook may have brought the words.
      const why = 'it came without its words: pages_read_user_content may be missing'
      bad.push({ source: `post ${said.id}`, reason: why })
      return known
    }
    const now = versionOf(said.text)
    if (now !== known) interactions.push(mention(said, { key, edited: known !== undefined }, ctx))
    return now
  }
  const text = post.message?.trim() ?? ''
  const own = { id, post: id, from: post.from?.id, text, at: instantOf(post.created_time) }
  const said = own.from === options.pageId ? undefined : version(own, before?.said, post.attachments != null)

  const { list, complete } = await commentsOf(api, post, ctx)
  if (!complete)
    bad.push({
      source: `post ${id}`,
      reason: 'not all of its comments could be looked through: there are too many, or Meta failed',
    })
  const comments = new Map<string, string>()
  const listed = new Set<string>()
  for (const one of list) {
    const name = shortId(one.id)
    const short = name.split('_').at(-1) ?? ''
    if (one.from?.id === options.pageId) continue
    const parent = one.parent ? shortId(one.parent.id) : undefined
    const said = {
      id: name,
      post: id,
      from: one.from?.id,
      parent,
      text: one.message?.trim() ?? '',
      at: instantOf(one.created_time),
    }
    listed.add(short)
    const now = version(said, before?.comments[short], one.attachment != null)
    if (now !== undefined) comments.set(short, now)
  }
  for (const [short, known] of Object.entries(before?.comments ?? {})) {
    if (listed.has(short)) continue
    const name = `${id.split('_').at(-1)}_${short}`
    if (complete && (await isGone(api, options, name, asks, ctx)))
      interactions.push(gone({ id: name, post: id }, key, ctx))
    else comments.set(short, known)
  }
  const at = instantOf(post.created_time) ?? ctx.now().toISOString()
  return {
    kept: { at, ...(said !== undefined && { said }), comments: Object.fromEntries(comments) },
    interactions,
    bad,
  }
}

async function commentsOf(
  api: Graph,
  post: Post,
  ctx: Context,
): Promise<{ readonly list: readonly Comment[]; readonly complete: boolean }> {
  const list = [...(post.comments?.data ?? [])]
  try {
    let after = nextOf(post.comments ?? {})
    for (let pages = 1; after && pages < mostPages; pages++) {
      const query = { fields: commentFields, filter: 'stream', limit: 100, after }
      const listed = await api.call({ method: 'GET', path: `${post.id}/comments`, query }, wireComments, ctx)
      list.push(...listed.data)
      after = nextOf(listed)
    }
    return { list, complete: !after }
  } catch (error) {
    // One post must not keep the others back.
    if (!passes(error)) throw error
    return { list, complete: false }
  }
}

/** A list may leave out what is still there, so that what is missing is asked for: listeners erase what is gone. */
async function isGone(api: Graph, options: Options, id: string, asks: Asks, ctx: Context): Promise<boolean> {
  if (asks.left-- <= 0 || asks.mayRead === false) return false
  try {
    await api.call({ method: 'GET', path: id, query: { fields: 'id' } }, wireNode, ctx)
    return false
  } catch (error) {
    if (!passes(error)) throw error
    if (error.code !== 'not_found') return false
  }
  // Meta says the same of what may not be read any more.
  asks.mayRead ??= await mayRead(api, options, ctx)
  return asks.mayRead
}

const inOrder = (facts: readonly Interaction[]): readonly Interaction[] =>
  facts.toSorted((a, b) => (a.at ?? '').localeCompare(b.at ?? ''))

// ── conversations ────────────────────────────────────────────────────────────────────────────
/** Times are whole seconds, and a message may be listed a little late. */
const overlapMs = 60_000

async function* letters(api: Graph, options: Options, cursor: Cursor, ctx: Context): AsyncGenerator<Batch> {
  const since = cursor.heard === undefined ? start(options, ctx) : Date.parse(cursor.heard) - overlapMs
  const known = new Set(cursor.last)
  const seen = new Map<string, number>()
  let heard = cursor.heard ?? ''
  let after: string | undefined
  for (let pages = 1; ; pages++) {
    const query = { platform: 'messenger', fields: letterFields, limit: 50, after }
    const path = `${options.pageId}/conversations`
    const listed = await api.call({ method: 'GET', path, query }, wireConversations, ctx)
    const [interactions, bad]: [Interaction[], RejectedRecord[]] = [[], []]
    let old = false
    for (const { updated_time, messages } of listed.data) {
      const updated = instantOf(updated_time) ?? ''
      old = Date.parse(updated) < since
      if (old) break
      // The newest come first; a word of meanwhile, on a later page, must not hide one that moved up.
      if (pages === 1 && updated > heard) heard = updated
      const all = (messages?.data ?? []).map((one) => ({ ...one, at: instantOf(one.created_time) }))
      const fresh = all.filter(({ at = '' }) => !(Date.parse(at) < since))
      if (messages?.paging?.next && fresh.length === all.length)
        bad.push({
          source: 'a conversation',
          reason: 'it has more new messages than Meta shows: look there for the rest',
        })
      for (const one of fresh) {
        const name = sha256(one.id).hex.slice(0, 12)
        seen.set(name, Date.parse(one.at ?? ''))
        if (known.has(name)) continue
        if (!one.from)
          bad.push({ source: 'a message', reason: 'it came without who wrote it: look for it in the page’s inbox' })
        interactions.push(...letter(one, options, ctx))
      }
    }
    after = old ? undefined : nextOf(listed)
    const last = [...seen].flatMap(([name, at]) => (at < Date.parse(heard) - overlapMs ? [] : [name]))
    // Newest first: before the last page it is not known that nothing older is missing.
    const complete = !after && heard !== ''
    if (after && pages === mostPages)
      bad.push({ source: 'conversations', reason: 'there are too many to look through' })
    yield { interactions: inOrder(interactions), rejected: bad, cursor: complete ? { ...cursor, heard, last } : cursor }
    if (!after || pages === mostPages) return
  }
}
const letterFields = 'updated_time,messages.limit(20){id,from,message,created_time,attachments}'

function letter(
  { id, from, message, created_time, attachments }: Message,
  options: Options,
  ctx: Context,
): readonly Interaction[] {
  if (!from || from.id === options.pageId) return []
  const media = (attachments?.data ?? []).flatMap((one) => {
    const { mime_type: type, file_url: file, image_data: image, video_data: video } = one as { [name: string]: unknown }
    const ref = file ?? (image as { url?: unknown } | undefined)?.url ?? (video as { url?: unknown } | undefined)?.url
    return typeof ref === 'string' ? [{ ref, type: typeof type === 'string' ? type : 'application/octet-stream' }] : []
  })
  return [received({ mid: id, from: from.id, text: message ?? '', media, at: instantOf(created_time) }, options, ctx)]
}
