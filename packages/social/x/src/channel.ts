import type { Address, Channel, Content, Context, LookupQuery, Measurement, Outbound, Receipt } from '@prm/core/adapter'
import { PrmError } from '@prm/core/adapter'
import type { Client } from '@prm/kit'
import { fields, wireDeleted, wireMade, wireOne, wirePage, type XPost } from './api.ts'
import type { Options } from './config.ts'
import { dollars } from './config.ts'
import type { Clients } from './feed.ts'
import { realm, textOf } from './interactions.ts'
import { hasLink, longest, weightOf } from './length.ts'

export interface XChannel extends Channel<XPost> {
  lookup(sought: LookupQuery, ctx: Context): Promise<Receipt<XPost> | 'absent' | 'unsure'>
  remove(id: string, ctx: Context): Promise<void>
}

export function channel({ user }: Clients, options: Options): XChannel {
  return {
    medium: 'social',
    schemes: ['post'],
    exposure: 'public',
    // X knows no key of ours. It refuses the same words twice (UNVERIFIED for answers), and then `send` finds the first.
    limits: { idempotent: false, visibleAfter: '2m' },
    measure: (content, to) => measure(options, content, to),
    send: (message, ctx) => send(user, options, message, ctx),
    lookup: (sought, ctx) => find(user, options, sought, ctx),
    remove: (id, ctx) => remove(user, id, ctx),
  }
}

// ── measure ──────────────────────────────────────────────────────────────────────────────────
function measure({ prices }: Options, { text, media }: Content, to?: Address): Measurement {
  const [weight, link] = [weightOf(text), hasLink(text)]
  const micros = link ? prices.replyWithLink : prices.reply
  const unfit = to && unfitOf(to)
  const cashtags = text.match(/(?<![\p{L}\p{N}$])\$[a-z]{1,6}(?![\p{L}\p{N}])/giu) ?? []
  return {
    units: 1,
    unit: 'message',
    cost: { micros, currency: 'USD' },
    ...((weight > longest || text.trim() === '') && { tooLong: weight > longest }),
    ...(unfit && { unreachable: unfit }),
    warnings: [
      ...(weight > longest ? [`${weight} of ${longest}, as X counts`] : []),
      ...(link ? [`With a link it costs ${dollars(micros)}; without, ${dollars(prices.reply)}.`] : []),
      ...(cashtags.length > 1 ? ['X takes one cashtag.'] : []),
      ...(media?.length ? ['Pictures do not go with it.'] : []),
    ],
  }
}

function unfitOf({ scheme, realm: of, value }: Address): string | undefined {
  if (scheme !== 'post' || (of !== undefined && of !== realm)) return 'no post on X'
  return /^\d{1,20}$/.test(value) ? undefined : 'no id of a post on X'
}

// ── send ─────────────────────────────────────────────────────────────────────────────────────
async function send(api: Client, options: Options, message: Outbound, ctx: Context): Promise<Receipt<XPost>> {
  const { text, media } = message.content
  const unfit = unfitOf(message.to)
  if (unfit) throw new PrmError('unsupported', `X answers posts alone, and this is ${unfit}.`)
  if (media?.length) throw new PrmError('unsupported', 'X gets no pictures from here.')
  if (text.trim() === '') throw new PrmError('invalid', 'The answer has no words.')
  const weight = weightOf(text)
  if (weight > longest) throw new PrmError('invalid', `The answer counts ${weight}; X takes ${longest}.`)
  if (message.expireAt !== undefined && Date.parse(message.expireAt) <= ctx.now().getTime())
    throw new PrmError('invalid', 'The answer expired before it was sent.')
  const json = { text, reply: { in_reply_to_tweet_id: message.to.value } }
  try {
    const { data } = await api.call({ method: 'POST', path: '2/tweets', json }, wireMade, ctx)
    return {
      id: data.id,
      state: 'sent',
      cost: measure(options, message.content).cost ?? { micros: 0, currency: 'USD' },
      raw: data,
    }
  } catch (error) {
    if (!PrmError.is(error)) throw error
    if (error.code === 'conflict') return (await before(api, options, message, ctx)) ?? refused(error, duplicate)
    if (error.code === 'not_found') return refused(error, 'The post is gone, or the library may not see it.')
    if (error.code !== 'forbidden') throw error
    return error.vendor?.code === 'suspended' ? refused(error, suspended) : refused(error, byHand, 'unsupported')
  }
}

const duplicate = 'X has the same words of this account already: say it in others.'
const suspended = 'X says that the account is suspended: nothing goes out until somebody has spoken to X.'
const byHand =
  'X does not let this answer through. It takes answers by its API only to who mentioned the account or quoted it: answer by hand, at the URL of the post.'

function refused(error: PrmError, why: string, code = error.code): never {
  throw new PrmError(code, why, error)
}

/** The same words in answer to the same post, within the last day: they stand there, whoever asks. */
async function before(api: Client, options: Options, { key, to, content }: Outbound, ctx: Context) {
  const now = ctx.now()
  const from = new Date(now.getTime() - 86_400_000).toISOString()
  const found = await find(
    api,
    options,
    { key, to, content, from, until: now.toISOString(), excludeProviderIds: [] },
    ctx,
  )
  return typeof found === 'object' ? found : undefined
}

// ── find ─────────────────────────────────────────────────────────────────────────────────────
/** Among our own posts since then: each is charged at the price of what is one's own. */
async function find(
  api: Client,
  { account }: Options,
  sought: LookupQuery,
  ctx: Context,
): ReturnType<XChannel['lookup']> {
  if (sought.id !== undefined) return findOne(api, sought.id, ctx)
  // Not until when: what is asked for ends now, and X may not take an `end_time` that is not over.
  const start_time = new Date(sought.from).toISOString().replace(/\.\d+/, '')
  const query = { max_results: 100, 'tweet.fields': fields, start_time }
  const page = await api.call({ method: 'GET', path: `2/users/${account.id}/tweets`, query }, wirePage, ctx)
  // Listed newest first; with two of the same words the first is the first.
  const same = page.data?.filter((post) => answers(post, sought.to) && said(textOf(post)) === said(sought.content.text))
  const oldest = same?.filter(({ id }) => !sought.excludeProviderIds.includes(id)).at(-1)
  if (oldest) return { id: oldest.id, state: 'sent', raw: oldest }
  // Only a whole list says that it is not there.
  return page.meta && !page.meta.next_token && !page.errors?.length ? 'absent' : 'unsure'
}

async function findOne(api: Client, id: string, ctx: Context): ReturnType<XChannel['lookup']> {
  const call = { method: 'GET', path: `2/tweets/${encodeURIComponent(id)}`, query: { 'tweet.fields': fields } } as const
  const { data } = await api.call(call, wireOne, ctx)
  return data ? { id: data.id, state: 'sent', raw: data } : 'unsure' // It was taken, and is deleted.
}

const answers = ({ referenced_tweets: refers }: XPost, to: Address): boolean =>
  refers?.some(({ type, id }) => type === 'replied_to' && id === to.value) ?? false
/** X puts the names of who is answered in front (UNVERIFIED), and `https://` before a link that has none. */
const said = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/^(@\w+\s+)+/, '')
    .replace(/https?:\/\//g, '')
    .replace(/\s+/g, ' ')
    .trim()

// ── remove ───────────────────────────────────────────────────────────────────────────────────
/** Our own post. Another's cannot be removed, and nothing of ours is there. */
async function remove(api: Client, id: string, ctx: Context): Promise<void> {
  if (!/^\d{1,20}$/.test(id)) throw new PrmError('not_found', 'That is no post of ours.')
  try {
    await api.call({ method: 'DELETE', path: `2/tweets/${id}` }, wireDeleted, ctx)
  } catch (error) {
    if (PrmError.is(error) && error.code === 'forbidden' && error.vendor?.code !== 'suspended')
      refused(error, 'That is no post of ours.', 'not_found')
    throw error
  }
}
