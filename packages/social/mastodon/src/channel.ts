import {
  type Address,
  type Channel,
  type Content,
  type Context,
  type LookupQuery,
  type Measurement,
  type Outbound,
  PrmError,
  type Receipt,
} from '@prm/core/adapter'
import {
  type Api,
  maxBytes,
  ourselves,
  type Status,
  statusIn,
  statusOf,
  wireList,
  wireSource,
  wireStatus,
} from './api.ts'
import type { Options } from './config.ts'
import { acctOf, isPublic, postIn } from './interactions.ts'
import { countOf, namesIn } from './text.ts'

/** What Mastodon says of our own post. */
export type MastodonPost = Status
export interface MastodonChannel extends Channel<MastodonPost> {
  lookup(sought: LookupQuery, ctx: Context): Promise<Receipt<MastodonPost> | 'absent' | 'unsure'>
  remove(id: string, ctx: Context): Promise<void>
}

/** `@`, a name of 30 letters and a blank: whom it answers is known when it is sent. */
const mostMention = 32

export function channel(api: Api, options: Options): MastodonChannel {
  return {
    medium: 'social',
    schemes: ['post', 'acct'],
    exposure: 'public',
    // Idempotency-Key is remembered for an hour ("statuses"), and only once the post is there: so what is unknown is looked up.
    limits: { idempotent: false, visibleAfter: '5m' },
    measure: (content) => measure(options, content),
    send: (message, ctx) => send(api, options, message, ctx),
    lookup: (sought, ctx) => (sought.id === undefined ? search(api, sought, ctx) : byId(api, sought.id, ctx)),
    remove: (id, ctx) => remove(api, id, ctx),
  }
}

function measure({ maxCharacters, urlCharacters }: Options, { text, media }: Content): Measurement {
  const count = countOf(text, urlCharacters) + (/^@\w/.test(text) ? 0 : mostMention)
  const long = count > maxCharacters
  const warnings = [
    ...(long ? [`${count} characters with the name of whom it answers; the instance takes ${maxCharacters}`] : []),
    ...(media?.length ? ['pictures are not sent'] : []),
  ]
  return { units: 1, unit: 'message', ...(long && { tooLong: true }), warnings }
}

// ── send ─────────────────────────────────────────────────────────────────────────────────────
async function send(api: Api, options: Options, message: Outbound, ctx: Context): Promise<Receipt<MastodonPost>> {
  const { content, key } = message
  if (message.expireAt !== undefined && !(Date.parse(message.expireAt) > ctx.now().getTime()))
    throw new PrmError('invalid', 'The answer expired before it was sent.')
  const status = await answered(api, message, ctx)
  const { id, account, visibility, spoiler_text, language } = status
  const author = acctOf(account, api.host)
  const named = namesIn(content.text).map((acct) => acctOf({ acct }, api.host))
  // Without being named, nobody on another instance hears of an answer.
  const text = named.includes(author) ? content.text : `@${account.acct} ${content.text}`
  if (visibility === 'direct' && named.some((one) => one !== author))
    throw new PrmError('invalid', 'Whoever is named in a direct answer reads it: it may name its reader alone.')
  if (content.text.trim() === '') throw new PrmError('invalid', 'An answer without words cannot be posted.')
  const count = countOf(text, options.urlCharacters, spoiler_text)
  if (count > options.maxCharacters)
    throw new PrmError(
      'invalid',
      `The answer has ${count} characters, and the instance takes ${options.maxCharacters}.`,
    )
  const json = {
    status: text,
    in_reply_to_id: id,
    visibility,
    ...(spoiler_text && { spoiler_text }),
    ...(language && { language }),
  }
  const call = { method: 'POST', path: '/api/v1/statuses', json, headers: { 'idempotency-key': key } } as const
  return receipt(await api.call(call, wireStatus, ctx))
}

const receipt = (raw: MastodonPost): Receipt<MastodonPost> => ({ id: raw.id, state: 'delivered', raw })

/** What is answered, as it stands now. It never speaks first to anybody. */
async function answered(api: Api, { to, inReplyTo }: Outbound, ctx: Context): Promise<Status> {
  if (to.realm !== undefined && to.realm !== api.host)
    throw new PrmError('invalid', `The address is one of ${to.realm}, whose ids ${api.host} does not know.`)
  if (to.scheme === 'post') {
    const status = await statusOf(api, to.value, ctx)
    if (isPublic(status)) return status
    throw new PrmError('unsupported', 'The post is not public: what is private is answered in its conversation.')
  }
  if (to.scheme !== 'acct') throw new PrmError('invalid', 'Mastodon reaches posts, and accounts that wrote to us.')
  const last = inReplyTo?.findLast(({ key }) => postIn(key) !== undefined)
  if (!last)
    throw new PrmError('unsupported', 'It only answers: an account is written to where its own message is answered.')
  const status = await statusOf(api, postIn(last.key) ?? '', ctx)
  if (acctOf(status.account, api.host) !== to.value.toLowerCase())
    throw new PrmError('invalid', 'What it answers was written by another account than the one it is to.')
  return { ...status, visibility: 'direct' }
}

// ── find ─────────────────────────────────────────────────────────────────────────────────────
/** Our clock against the instance's. Wide, since only our own words below the same post are looked for. */
const slackMs = 60 * 60_000
const mostPages = 10

async function byId(api: Api, id: string, ctx: Context): Promise<Receipt<MastodonPost> | 'unsure'> {
  try {
    return receipt(await statusOf(api, id, ctx))
  } catch (error) {
    if (PrmError.is(error) && error.code === 'not_found') return 'unsure' // deleted since
    throw error
  }
}

/** Our key stands nowhere, so that what we wrote then is looked through: what it answers, to whom, and with which words. */
async function search(
  api: Api,
  sought: LookupQuery,
  ctx: Context,
): Promise<Receipt<MastodonPost> | 'absent' | 'unsure'> {
  const me = await ourselves(api, ctx)
  const from = Date.parse(sought.from) - slackMs
  let before: string | undefined
  for (let page = 0; page < mostPages; page++) {
    const path = `/api/v1/accounts/${encodeURIComponent(me.id)}/statuses`
    const query = { limit: 40, exclude_reblogs: 'true', max_id: before }
    const list = await api.call({ method: 'GET', path, query, maxBytes }, wireList, ctx)
    const posts = list.flatMap((one) => statusIn(one) ?? [])
    // What cannot be read may be what is looked for, and may hide where the next page begins.
    if (posts.length < list.length) return 'unsure'
    for (const post of posts) if (await isIt(api, post, sought, ctx)) return receipt(post)
    const oldest = posts.at(-1)
    if (!oldest || Date.parse(oldest.created_at) < from) return 'absent'
    if (oldest.id === before) return 'unsure' // The pages turn in circles.
    before = oldest.id
  }
  return 'unsure'
}

async function isIt(
  api: Api,
  post: Status,
  { to, from, until, content, excludeProviderIds }: LookupQuery,
  ctx: Context,
): Promise<boolean> {
  const at = Date.parse(post.created_at)
  if (excludeProviderIds.includes(post.id) || at < Date.parse(from) - slackMs || at > Date.parse(until) + slackMs)
    return false
  if (!isTo(api, post, to)) return false
  const path = `/api/v1/statuses/${encodeURIComponent(post.id)}/source`
  const [text, words] = [(await api.call({ method: 'GET', path }, wireSource, ctx)).text.trim(), content.text.trim()]
  return text === words || text.replace(/^@\S+\s+/, '') === words // An instance keeps it without blanks around it.
}

function isTo(api: Api, post: Status, to: Address): boolean {
  if (to.scheme === 'post') return post.in_reply_to_id === to.value
  return post.visibility === 'direct' && post.mentions.some((one) => acctOf(one, api.host) === to.value.toLowerCase())
}

/** Ours alone: what others wrote is theirs, and `not_found` as far as we can delete. */
async function remove(api: Api, id: string, ctx: Context): Promise<void> {
  await api.call({ method: 'DELETE', path: `/api/v1/statuses/${encodeURIComponent(id)}` }, wireStatus, ctx)
}
