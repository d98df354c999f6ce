import type { Context, Interaction, ReactionSeen, Webhook } from '@prm/core/adapter'
import { PrmError, reactionSeen } from '@prm/core/adapter'
import { bytesOf, hmacSha256, resolve, sameText } from '@prm/kit'
import { wireEvent, wirePost, type XEvent, type XPost } from './api.ts'
import { type Options, secretOf } from './config.ts'
import { firstOf, goneOf, mentionOf, realm, voiceOf } from './interactions.ts'

const mostBytes = 1024 * 1024

export function inlet(options: Options): Required<Pick<Webhook, 'receive' | 'requires'>> {
  return {
    requires: [{ header: 'x-twitter-webhooks-signature' }, { query: 'crc_token' }],
    async receive(request, ctx) {
      const secret = await secretOf(options, 'consumerSecret', 'webhooks cannot be checked')
      if (request.method === 'GET') return { interactions: [], reply: handshake(request, secret) }
      const signature = request.headers.get('x-twitter-webhooks-signature')
      if (!signature) throw new PrmError('signature', 'The x-twitter-webhooks-signature header is missing.')
      const bytes = await bytesOf(request, mostBytes)
      if (!bytes) throw new PrmError('invalid', 'The request is larger than 1 MiB.')
      if (!sameText(signature, signatureOf(secret, bytes))) throw new PrmError('signature', 'The signature is not X’s.')
      return {
        interactions: await factsOf(await eventIn(bytes), options, ctx),
        reply: new Response(null, { status: 200 }),
      }
    },
  }
}

const signatureOf = (secret: string, ...parts: readonly (string | Uint8Array)[]): string =>
  `sha256=${hmacSha256(secret, ...parts).base64}`

/**
 * X asks for the signature of a token to see whose the address is (x-api/webhooks, CRC). Anybody may ask, and what is answered
 * is what a webhook with that body would be signed with: so no token is signed that could be one, as all are in braces.
 */
function handshake(request: Request, secret: string): Response {
  const token = new URL(request.url).searchParams.get('crc_token')
  if (token === null) throw new PrmError('signature', 'The request has neither a signature nor a crc_token.')
  if (!/^[\w+/=.-]{1,256}$/.test(token)) throw new PrmError('invalid', 'The crc_token is not as X writes them.')
  return Response.json({ response_token: signatureOf(secret, token) })
}

async function eventIn(bytes: Uint8Array): Promise<XEvent> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw new PrmError('invalid', 'The request is not JSON.')
  }
  const result = await wireEvent['~standard'].validate(value)
  if (result.issues)
    throw new PrmError('invalid', 'The request is no event of the X Activity API: data, event_type, payload.')
  return result.value.data
}

/** x-api/activity/event-payloads.mdx. Polled and pushed the same post has the same key. */
async function factsOf(event: XEvent, options: Options, ctx: Context): Promise<readonly Interaction[]> {
  const { event_type: kind, payload } = event
  const read = /^post\.(mention|reply|quote|repost)\.create$/.test(kind)
  if (!read && kind !== 'post.delete' && kind !== 'like.create') return []
  const key = await resolve(options.pseudonymKey)
  if (kind === 'like.create') return likeOf(payload, options, ctx)
  const result = await wirePost['~standard'].validate(payload)
  if (result.issues) throw new PrmError('invalid', 'The event names no post.')
  const post = result.value
  if (kind === 'post.delete') return post.author_id === options.account.id ? [] : [goneOf(firstOf(post), ctx.id)]
  if (kind === 'post.repost.create') return repostOf(post, key, ctx)
  const fact = mentionOf(post, options, key, ctx.id)
  return fact ? [fact] : []
}

function repostOf(post: XPost, key: string, ctx: Context): readonly Interaction[] {
  const of = post.referenced_tweets?.find(({ type }) => type === 'retweeted')?.id
  if (of === undefined) throw new PrmError('invalid', 'The event names no post that was repeated.')
  const at = post.created_at ? { at: post.created_at } : {}
  return [{ ...reaction(`repost ${post.id}`, 'repost', of, ctx), ...at, evidence: voiceOf(post, key) }]
}

/** It does not say who, so that each is a voice of its own. */
function likeOf(payload: XEvent['payload'], { account }: Options, ctx: Context): readonly Interaction[] {
  const { id, liked_tweet_id: of, liked_tweet_author_id: author, timestamp_ms: ms } = payload
  if (author !== account.id) return []
  if (typeof id !== 'string' || typeof of !== 'string')
    throw new PrmError('invalid', 'The event names no like of a post.')
  const at = /^\d{13}$/.test(String(ms)) ? { at: new Date(Number(ms)).toISOString() } : {}
  return [{ ...reaction(`like ${id}`, 'like', of, ctx), ...at, evidence: { independence: `like ${id}` } }]
}

function reaction(
  key: string,
  kind: ReactionSeen['kind'],
  value: string,
  ctx: Context,
): Interaction<'reaction.seen', ReactionSeen> {
  return { key, type: reactionSeen.name, source: ctx.id, who: { scheme: 'post', value, realm }, data: { kind } }
}
