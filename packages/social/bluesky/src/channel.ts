import { type Channel, type Context, type Json, type Outbound, PrmError, type Receipt } from '@prm/core/adapter'
import { anything, fits, handle, postRecord, posts, type StrongRef, type View, view, written } from './api.ts'
import type { Options } from './config.ts'
import { addressed } from './interactions.ts'
import type { Pds } from './session.ts'
import { facetsOf, measure } from './text.ts'
import { collection, mustBePost, postUri, rkeyOf, uriOf } from './uri.ts'

export type BlueskyPost = StrongRef

export function channel(options: Options, api: Pds): Channel<BlueskyPost> {
  return {
    medium: 'social',
    schemes: ['post'],
    exposure: 'public',
    limits: { idempotent: true },
    measure,
    send: (message, ctx) => send(options, api, message, ctx),
    async lookup({ key, to, id, excludeProviderIds }, ctx) {
      const rkey = (id && postUri(id)?.rkey) ?? rkeyOf({ key, to: to.value })
      const found = await recordAt(api, rkey, ctx)
      return found && !excludeProviderIds.includes(found.uri) ? receipt(found) : 'absent'
    },
    async remove(id, ctx) {
      const { did, rkey } = mustBePost(id)
      const { did: repo } = await api.session(ctx)
      if (did !== repo) throw new PrmError('unsupported', 'A post of somebody else is not ours to delete.')
      const call = { method: 'POST', path: 'com.atproto.repo.deleteRecord', json: { repo, collection, rkey } } as const
      await api.call(call, anything, ctx)
    },
  }
}

/** It stands where it is read. */
const receipt = (raw: BlueskyPost): Receipt<BlueskyPost> => ({ id: raw.uri, state: 'delivered', raw })

async function send(options: Options, api: Pds, message: Outbound, ctx: Context): Promise<Receipt<BlueskyPost>> {
  const { content, to } = message
  const rkey = rkeyOf({ key: message.key, to: to.value })
  const { tooLong, warnings } = measure(content)
  if (tooLong) throw new PrmError('invalid', `The answer is too long: ${warnings.join(', ')}.`, { field: 'text' })
  if (content.media?.length) throw new PrmError('unsupported', 'Pictures are not sent to Bluesky.', { field: 'media' })
  const { did: repo } = await api.session(ctx)
  const parent = await postAt(api, to.value, ctx)
  if (!parent)
    throw new PrmError('not_found', 'The post is gone, or its author has blocked this account: it cannot be answered.')
  if (parent.author.viewer?.blockedBy) throw new PrmError('unsupported', 'Its author has blocked this account.')
  const post = fits(postRecord, parent.record)
  if (!post)
    throw new PrmError('unsupported', 'The post does not fit the lexicon: an answer to it could not be threaded.')
  if (parent.viewer?.replyDisabled)
    throw new PrmError('unsupported', 'Its author has closed the thread to answers of this account (threadgate).')
  if (options.answer === 'tagged' && !addressed(post, repo))
    throw new PrmError('unsupported', 'The post neither names nor answers this account, and `answer` is `tagged`.')
  const itself = { uri: parent.uri, cid: parent.cid }
  const facets = await facetsOf(content.text, (name) => didOf(api, name, ctx))
  const record = {
    $type: collection,
    text: content.text,
    createdAt: ctx.now().toISOString(),
    reply: { root: post.reply && postUri(post.reply.root.uri) ? post.reply.root : itself, parent: itself },
    ...(options.languages.length > 0 && { langs: options.languages }),
    ...(facets.length > 0 && { facets }),
  }
  const json = { repo, collection, rkey, record } as unknown as Json
  try {
    return receipt(await api.call({ method: 'POST', path: 'com.atproto.repo.createRecord', json }, written, ctx))
  } catch (error) {
    // Of a key that is there already servers say 500 (atproto issue 3718), or 400 with a name of its own (PR 4728).
    const status = PrmError.is(error) ? error.vendor?.status : undefined
    if (status !== 400 && status !== 409 && status !== 500) throw error
    const there = await recordAt(api, rkey, ctx).catch(() => undefined)
    if (!there) throw error
    return receipt(there)
  }
}

async function postAt(api: Pds, uri: string, ctx: Context): Promise<View | undefined> {
  const { rows } = await api.call({ method: 'GET', path: 'app.bsky.feed.getPosts', query: { uris: [uri] } }, posts, ctx)
  const row = fits(view, rows[0])
  if (rows.length > 0 && row?.uri !== uri)
    throw new PrmError('contract', 'getPosts was answered with something else than the post.')
  return row
}

async function recordAt(api: Pds, rkey: string, ctx: Context): Promise<StrongRef | undefined> {
  const { did: repo } = await api.session(ctx)
  try {
    const query = { repo, collection, rkey }
    const call = { method: 'GET', path: 'com.atproto.repo.getRecord', query } as const
    return { ...(await api.call(call, written, ctx)), uri: uriOf(repo, rkey) }
  } catch (error) {
    if (PrmError.is(error) && error.code === 'not_found') return undefined
    throw error
  }
}

/** Nothing where nobody has the name. */
async function didOf(api: Pds, name: string, ctx: Context): Promise<string | undefined> {
  const call = { method: 'GET', path: 'com.atproto.identity.resolveHandle', query: { handle: name } } as const
  try {
    return (await api.call(call, handle, ctx)).did
  } catch (error) {
    if (PrmError.is(error) && /^(invalid|not_found)$/.test(error.code)) return undefined
    throw error
  }
}
