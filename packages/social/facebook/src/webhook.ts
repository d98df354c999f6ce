import {
  type Context,
  type Interaction,
  messageDelivery,
  PrmError,
  reactionSeen,
  type Webhook,
} from '@prm/core/adapter'
import { bytesOf, hmacSha256, resolve, sameText, type Wire } from '@prm/kit'
import {
  type Change,
  type Event,
  instantOf,
  type Notification,
  wireChange,
  wireEvent,
  wireNotification,
} from './api.ts'
import type { Options } from './config.ts'
import { gone, keyOf, mention, realm, received, type Said, shortId, voiceOf } from './interactions.ts'

/** Up to a thousand changes come in one request ("Getting Started", Webhooks). */
const mostBytes = 4 * 1024 * 1024

export function inlet(options: Options): Webhook {
  return {
    maxBytes: mostBytes,
    requires: [{ header: 'x-hub-signature-256' }, { query: 'hub.verify_token' }],
    async receive(request, ctx) {
      if (request.method === 'GET') return { interactions: [], reply: await shaken(request, options) }
      const { object, entry } = await verified(request, options)
      const key = await resolve(options.pseudonymKey)
      const ours = object === 'page' ? entry.filter(({ id }) => id === options.pageId) : []
      if (ours.length < entry.length) ctx.log('info', 'A webhook told of what is not this page.', { object })
      const interactions: Interaction[] = []
      for (const { changes, messaging, standby } of ours) {
        if (standby?.length) ctx.log('warn', 'Another app has this conversation: its words are not told by webhook.')
        for (const { field, value } of changes ?? []) {
          const change = read(value, wireChange, ctx)
          if (change) interactions.push(...factsOf(field ?? '', change, key, options, ctx))
        }
        for (const one of messaging ?? []) {
          const event = read(one, wireEvent, ctx)
          if (event) interactions.push(...wordsOf(event, options, ctx))
        }
      }
      return { interactions }
    },
  }
}

// ── whether it is Meta ───────────────────────────────────────────────────────────────────────
/** Asked once, when the webhook is set up in the app. */
async function shaken(request: Request, options: Options): Promise<Response> {
  const { searchParams: asked } = new URL(request.url)
  const challenge = asked.get('hub.challenge') ?? ''
  const known = sameText(await resolve(options.verifyToken), asked.get('hub.verify_token') ?? '')
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
  if (known && asked.get('hub.mode') === 'subscribe' && /^[\w.-]{1,200}$/.test(challenge))
    return new Response(challenge, { headers })
  return new Response('This is not the verify token of this page.', { status: 403, headers })
}

/** Over the bytes as they came: Meta escapes what is not ASCII before it signs. */
async function verified(request: Request, options: Options): Promise<Notification> {
  const [, mac = ''] = /^sha256=([0-9a-f]{64})$/i.exec(request.headers.get('x-hub-signature-256') ?? '') ?? []
  if (!mac) throw new PrmError('signature', 'The X-Hub-Signature-256 header is missing or not of its form.')
  const body = await bytesOf(request, mostBytes)
  if (!body) throw new PrmError('invalid', 'The request is larger than 4 MiB.')
  if (!sameText(hmacSha256(await resolve(options.appSecret), body).hex, mac.toLowerCase()))
    throw new PrmError('signature', 'The signature is not of this app’s secret.')
  const result = wireNotification['~standard'].validate(parsed(body))
  if (result instanceof Promise || result.issues)
    throw new PrmError('invalid', 'The request is no notification: expected JSON of `object` and `entry`.')
  return result.value
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined // JSON has no undefined, and the error's own message quotes the body.
  }
}

/** One that cannot be read must not take those beside it along. */
function read<T>(value: unknown, wire: Wire<T>, ctx: Context): T | undefined {
  const result = wire['~standard'].validate(value)
  if (!(result instanceof Promise) && !result.issues) return result.value
  ctx.log('warn', 'A signed notification has a part in another shape than expected, which was left out.')
  return undefined
}

// ── in public ────────────────────────────────────────────────────────────────────────────────
function factsOf(field: string, change: Change, key: string, options: Options, ctx: Context): readonly Interaction[] {
  const { item, verb } = change
  const from = change.from?.id ?? change.sender_id ?? undefined
  const post = change.post_id ? shortId(change.post_id) : undefined
  const id = change.comment_id ? shortId(change.comment_id) : post
  if (from === options.pageId) return [] // Our own, which core knows.
  if (!/^(feed|mention)$/.test(field) || !id || !post) return left(`${field} ${item} ${verb}`, ctx)
  if (item === 'reaction') return reaction(change, { id, from }, key, ctx)
  if (item !== 'comment' && !posts.has(item ?? '')) return left(`${item} ${verb}`, ctx)
  const parent = change.comment_id && change.parent_id ? shortId(change.parent_id) : post
  const edited = verb === 'edited' || verb === 'edit'
  const said: Said = {
    id,
    post,
    from,
    parent: parent === post ? undefined : parent,
    text: change.message?.trim() ?? '',
    at: instantOf(edited ? change.edited_time : change.created_time),
  }
  if (verb === 'remove' || verb === 'delete') return [gone(said, key, ctx)]
  if (!edited && verb !== 'add') return left(`${item} ${verb}`, ctx)
  const silent = said.text === '' && !change.photo && !change.photos && !change.video && !change.link
  if (silent) ctx.log('warn', 'A post or comment came without its words: a permission may be missing.', { id })
  return silent && edited ? [] : [mention(said, { key, edited, elsewhere: field === 'mention' }, ctx)]
}
/** What a visitor's post may be called, by what is in it. */
const posts: ReadonlySet<string> = new Set(['post', 'status', 'photo', 'video', 'link', 'share', 'album', 'note'])

function left(what: string, ctx: Context): readonly Interaction[] {
  ctx.log('debug', 'A change of a kind that is not told.', { what })
  return []
}

/** Whose post it is on is not said: on a page most are the page's own. */
function reaction(
  { reaction_type: kind, verb, created_time: time }: Change,
  { id, from }: { readonly id: string; readonly from: string | undefined },
  key: string,
  ctx: Context,
): readonly Interaction[] {
  const evidence = voiceOf(from, id, key)
  const at = instantOf(time)
  const taken = verb === 'remove' || verb === 'delete'
  return [
    {
      key: [id, kind, time, evidence.person?.slice(-8), taken && 'gone'].filter(Boolean).join(' '),
      type: reactionSeen.name,
      source: ctx.id,
      who: { scheme: 'post', value: id, realm },
      ...(at && { at }),
      data: { kind: kind ?? 'like', ...(taken && { gone: true as const }) },
      evidence,
    },
  ]
}

// ── in private ───────────────────────────────────────────────────────────────────────────────
function wordsOf(event: Event, options: Options, ctx: Context): readonly Interaction[] {
  const { sender, timestamp, message, message_edit: edit, postback, delivery } = event
  const [from, at] = [sender?.id, instantOf(timestamp)]
  if (message?.is_echo) return echoOf(message, at, options, ctx)
  if (!from || from === options.pageId) return left('messaging without a sender', ctx)
  if (message) {
    return [received({ mid: message.mid, from, at, ...contentOf(message) }, options, ctx)]
  }
  if (edit) {
    const written = { mid: edit.mid, from, at, text: edit.text ?? '', edit: String(edit.num_edit ?? timestamp) }
    return [received(written, options, ctx)]
  }
  if (postback) {
    const mid = postback.mid ?? `${from} ${timestamp}`
    return [received({ mid, from, at, text: postback.title ?? '' }, options, ctx)]
  }
  if (delivery) return delivered(delivery.mids ?? [], instantOf(timestamp ?? delivery.watermark), ctx)
  return left('messaging of another kind', ctx)
}

/** A file is fetched by its link; what has none is named, so that somebody looks. */
function contentOf({ text, attachments }: NonNullable<Event['message']>) {
  const all = attachments ?? []
  const media = all.flatMap(({ type, payload }) =>
    payload?.url && type !== 'fallback'
      ? [{ ref: payload.url, type: mimes[type ?? ''] ?? 'application/octet-stream' }]
      : [],
  )
  // A fallback is the preview of a link, which the text has where there is one.
  const others = all.filter(({ type, payload }) => (type === 'fallback' ? !text : !payload?.url))
  const names = others.map(({ type, title, payload }) => payload?.url ?? title ?? `[${type}]`)
  return { media, text: [...(text ? [text] : []), ...names].join('\n') }
}
const mimes: { readonly [type: string]: string } = {
  image: 'image/*',
  sticker: 'image/*',
  video: 'video/*',
  audio: 'audio/*',
}

/** What we sent comes back with our own key, also where the answer to the call was lost. */
function echoOf(
  { mid, app_id: app, metadata }: NonNullable<Event['message']>,
  at: string | undefined,
  options: Options,
  ctx: Context,
): readonly Interaction[] {
  if (app !== options.appId || !metadata?.startsWith(ourKey)) return [] // written by hand, or by another app
  return [
    {
      key: `${keyOf(mid)} sent`,
      type: messageDelivery.name,
      source: ctx.id,
      about: { source: 'prm', key: metadata.slice(ourKey.length) },
      ...(at && { at }),
      data: { state: 'sent', raw: 'echo', providerId: mid },
    },
  ]
}
/** Begins `metadata` of what we send. */
export const ourKey = 'prm '

/** Meta says what was read of a person until a time, and not of a message: that is not told. */
function delivered(mids: readonly string[], at: string | undefined, ctx: Context): readonly Interaction[] {
  return mids.map((mid) => ({
    key: `${keyOf(mid)} delivered`,
    type: messageDelivery.name,
    source: ctx.id,
    ...(at && { at }),
    data: { state: 'delivered', raw: 'delivered', providerId: mid },
  }))
}
