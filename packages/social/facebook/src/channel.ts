import {
  type Channel,
  type Content,
  type Context,
  type LookupQuery,
  type Measurement,
  type Outbound,
  PrmError,
  type Receipt,
} from '@prm/core/adapter'
import type { Graph } from './api.ts'
import { type FacebookReceipt, wireDone, wireNode, wireSent } from './api.ts'
import type { Options } from './config.ts'
import { page, realm, shortId } from './interactions.ts'
import { find } from './lookup.ts'
import { ourKey } from './webhook.ts'

export interface FacebookChannel extends Channel<FacebookReceipt> {
  lookup(sought: LookupQuery, ctx: Context): Promise<Receipt<FacebookReceipt> | 'absent' | 'unsure'>
  remove(id: string, ctx: Context): Promise<void>
}

export function channel(api: Graph, options: Options): FacebookChannel {
  return {
    medium: 'social',
    schemes: ['post', 'acct'],
    exposure: 'public',
    senders: [{ address: page(options) }],
    limits: { idempotent: false, visibleAfter: '2m' },
    measure,
    async send(message, ctx) {
      const { to, content } = message
      const wrong = unfit(content, to.scheme)
      if (wrong) throw new PrmError('invalid', wrong)
      if (to.scheme === 'post') return comment(api, message, ctx)
      if (to.scheme === 'acct') return write(api, options, message, ctx)
      throw new PrmError('invalid', 'A page answers posts and those who wrote to it.')
    },
    lookup: (sought, ctx) => find(api, options, sought, ctx),
    remove: (id, ctx) => remove(api, options, id, ctx),
  }
}

// ── measure ──────────────────────────────────────────────────────────────────────────────────
/** Letters of a comment (UNVERIFIED), and of a message ("Send API", `message.text`). */
const most: { readonly [scheme: string]: number } = { post: 8000, acct: 2000 }

function measure(content: Content, to?: { readonly scheme: string }): Measurement {
  const wrong = unfit(content, to?.scheme ?? 'acct')
  const long = content.text.length > (most[to?.scheme ?? 'acct'] ?? 0)
  return { units: 1, unit: 'message', ...(long && { tooLong: true }), warnings: wrong ? [wrong] : [] }
}

function unfit({ text, media }: Content, scheme: string): string | undefined {
  if (media?.length) return 'Pictures are not sent here: put a link into the text.'
  if (text.trim() === '') return 'There is no text.'
  const limit = most[scheme] ?? 0
  return text.length > limit ? `It has ${text.length} letters, of which Facebook takes ${limit}.` : undefined
}

// ── send ─────────────────────────────────────────────────────────────────────────────────────
/** A public answer below a post or a comment. */
async function comment(api: Graph, { to, content }: Outbound, ctx: Context): Promise<Receipt<FacebookReceipt>> {
  if (!isPost(to.value) || (to.realm ?? realm) !== realm)
    throw new PrmError('invalid', 'The address is no post or comment of Facebook’s.')
  const call = { method: 'POST', path: `${to.value}/comments`, json: { message: content.text } } as const
  const { id } = await api.call(call, wireNode, ctx)
  return { id: shortId(id), state: 'delivered', raw: { id } }
}
const isPost = (id: string): boolean => /^\d+(_\d+)*$/.test(id)

const hourMs = 60 * 60 * 1000

/** A private answer. People write first, and Meta takes it for 24 hours after their last word ("Messaging window"). */
async function write(
  api: Graph,
  options: Options,
  { key, to, content, purpose, inReplyTo = [] }: Outbound,
  ctx: Context,
): Promise<Receipt<FacebookReceipt>> {
  if (!/^\d+$/.test(to.value) || (to.realm !== undefined && to.realm !== `${realm}/${options.pageId}`))
    throw new PrmError('invalid', 'The address is nobody who wrote to this page.')
  if (inReplyTo.length === 0) throw new PrmError('unsupported', 'A page writes to nobody first: this answers nothing.')
  // One of a day alone is as old as that day allows; with one of no time it is not known, and Meta decides.
  const times = inReplyTo.map(({ at = '' }) => Date.parse(at.length === 10 ? `${at}T23:59:59Z` : at))
  const hours = (ctx.now().getTime() - Math.max(...times)) / hourMs
  const byHand = options.humanAgent.includes(purpose)
  if (hours >= (byHand ? 7 * 24 : 24)) {
    const window = byHand ? '7 days' : '24 hours'
    throw new PrmError(
      'unsupported',
      `They wrote more than ${window} ago: Messenger takes an answer once they write again.`,
    )
  }
  const tagged = hours >= 24 ? { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' } : { messaging_type: 'RESPONSE' }
  const metadata = `${ourKey}${key}`
  const json = {
    recipient: { id: to.value },
    ...tagged,
    // At most 1,000 letters ("Send API"); it comes back in the echo.
    message: { text: content.text, ...(metadata.length <= 1000 && { metadata }) },
  }
  const { message_id: id } = await api.call({ method: 'POST', path: `${options.pageId}/messages`, json }, wireSent, ctx)
  return { id, state: 'sent', raw: { id } }
}

// ── remove ───────────────────────────────────────────────────────────────────────────────────
/** Only what is the page's own: a page could delete what others wrote below its posts, and that is theirs. */
async function remove(api: Graph, options: Options, id: string, ctx: Context): Promise<void> {
  if (!isPost(id)) return ctx.log('warn', 'Messenger deletes no message for a page: it stays with both sides.')
  const { from } = await api.call({ method: 'GET', path: id, query: { fields: 'id,from' } }, wireNode, ctx)
  if (from?.id !== options.pageId) return ctx.log('info', 'What somebody else wrote in public is not deleted there.')
  await api.call({ method: 'DELETE', path: id }, wireDone, ctx)
}
