import { randomBytes } from 'node:crypto'
import type { Fault, Json, Simulator } from '@prm/core/adapter'
import { faults, isLocal, loopback, post, reporter } from '@prm/kit/simulator'
import { serve } from './api.ts'
import { type Deed, done, signed } from './events.ts'
import { addComment, addMessage, addPost, idOf, type Kept, type State } from './state.ts'

export type { Deed } from './events.ts'
export type { Kept } from './state.ts'

export interface SimulateOptions {
  readonly pageId?: string
  readonly appId?: string
  readonly appSecret?: string
  readonly pageToken?: string
  readonly verifyToken?: string
  /** `v25.0`; others are answered as one that is over. */
  readonly graphVersion?: string
  /** Where webhooks go: on this machine, or by you with `webhook`. */
  readonly webhookUrl?: string
  /** What the token may do; everything unless given. */
  readonly scopes?: readonly string[]
  /** Meta granted Human Agent. */
  readonly humanAgent?: boolean
  readonly latencyMs?: number
  /** A port of 127.0.0.1; any free one unless given. */
  readonly port?: number
  /** The clock of its dates and of the messaging window. */
  readonly now?: () => Date
}

export interface FacebookCredentials {
  readonly pageId: string
  readonly appId: string
  readonly appSecret: string
  readonly pageToken: string
  readonly verifyToken: string
}

/** What is there from the beginning. */
export interface Wall {
  /** The page's own post, a comment below it, and a post of a visitor's. */
  readonly post: string
  readonly comment: string
  readonly visit: string
  /** Who has written to the page, and the message. */
  readonly psid: string
  readonly message: string
}

export interface FacebookSimulator extends Simulator<FacebookCredentials> {
  readonly wall: Wall
  /** Somebody does something: it is there, and its webhook is posted where there is a URL on this machine. */
  happens(deed: Deed): Promise<{ readonly id: string; readonly answer?: number }>
  /** The same while no webhook comes through. */
  silently(deed: Deed): string
  /** The same as a signed request, posted nowhere; several deeds are one batch. */
  webhook(
    event: (Deed & { readonly url?: string }) | { readonly batch: readonly Deed[]; readonly url?: string } | Json,
  ): Request
  /** The handshake, as the app's settings start it. */
  handshake(url: string, token?: string): Request
  /** Lists leave it out from now on, though it is there. */
  unlist(id: string): void
  /** They take no messages from the page any more. */
  unreachable(psid: string): void
  /** Gives a permission, or takes one away, or a webhook field. */
  grant(name: string): void
  revoke(name: string): void
  setToken(token: string): void
  setWebhookUrl(url: string): void
  /** All comments and messages that its API took, oldest first. */
  taken(): readonly Readonly<Kept>[]
  /** The answers to its webhooks, in the order they came; 0 is no answer. */
  posted(): readonly { readonly what: string; readonly answer: number }[]
  /** Resolves once no webhook is under way any more. */
  idle(): Promise<void>
}

const scopes = [
  'pages_show_list',
  'pages_manage_metadata',
  'pages_read_engagement',
  'pages_read_user_content',
  'pages_manage_engagement',
  'pages_messaging',
]
const fields = [
  'feed',
  'mention',
  'messages',
  'message_deliveries',
  'message_echoes',
  'message_edits',
  'messaging_postbacks',
]
/** Meta sends no Retry-After with a date. */
const impossible: ReadonlySet<Fault> = new Set(['rate-limited-date'])

/**
 * A page on loopback, with the part of the Graph API that it needs and Meta's webhooks, written from their public pages; what it
 * assumes is listed in the package's README.
 */
export async function simulate(options: SimulateOptions = {}): Promise<FacebookSimulator> {
  const state: State = {
    pageId: options.pageId ?? '104000000000001',
    appId: options.appId ?? '310000000000001',
    appSecret: options.appSecret ?? randomBytes(16).toString('hex'),
    pageToken: options.pageToken ?? `EAA${randomBytes(30).toString('hex')}`,
    verifyToken: options.verifyToken ?? randomBytes(12).toString('hex'),
    graphVersion: options.graphVersion ?? 'v25.0',
    webhookUrl: options.webhookUrl,
    scopes: new Set(options.scopes ?? scopes),
    fields: new Set(fields),
    humanAgent: options.humanAgent ?? false,
    kept: new Map(),
    taken: [],
    people: new Map(),
    unreachable: new Set(),
    faults: faults(),
    reporter: reporter(),
    posted: [],
    count: 0,
    now: () => options.now?.() ?? new Date(),
  }
  const wall = begin(state)
  const server = await loopback((asked) => serve(state, asked), options)
  const { pageId, appId, appSecret, pageToken, verifyToken } = state
  return {
    url: server.url,
    credentials: { pageId, appId, appSecret, pageToken, verifyToken },
    wall,
    received: () =>
      state.taken.map(({ kept, to, key }) => ({
        at: kept.at.toISOString(),
        to: { scheme: kept.kind === 'comment' ? 'post' : 'acct', value: to },
        text: kept.text,
        ...(key !== undefined && { key }),
        raw: { id: kept.id } as Json,
      })),
    fault(fault, times) {
      if (impossible.has(fault)) throw new Error(`Meta does not fail like this: ${fault}.`)
      state.faults.add(fault, times)
    },
    async happens(deed) {
      const { id, entry } = done(state, deed)
      if (state.webhookUrl === undefined || !isLocal(state.webhookUrl)) return { id }
      const answer = await post(signed(state, state.webhookUrl, entry))
      state.posted.push({ what: deed.what, answer })
      return { id, answer }
    },
    silently: (deed) => done(state, deed).id,
    webhook(event) {
      const { url = state.webhookUrl, batch } = event as { url?: string; batch?: readonly Deed[] }
      if (url === undefined) throw new Error('Tell the simulator where webhooks go: webhookUrl, or url in the event.')
      return signed(state, url, ...(batch ?? [event as Deed]).map((deed) => done(state, deed).entry))
    },
    handshake: (url, token = state.verifyToken) =>
      new Request(`${url}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${encodeURIComponent(token)}`),
    unlist(id) {
      const kept = state.kept.get(id)
      if (kept) kept.unlisted = true
    },
    unreachable: (psid) => void state.unreachable.add(psid),
    grant: (name) => void state.scopes.add(name),
    revoke(name) {
      state.scopes.delete(name)
      state.fields.delete(name)
    },
    setToken(token) {
      state.pageToken = token
    },
    setWebhookUrl(url) {
      state.webhookUrl = url
    },
    taken: () => state.taken.map(({ kept }) => kept),
    posted: () => state.posted,
    idle: () => state.reporter.idle(),
    async close() {
      state.reporter.close()
      await server.close()
    },
  }
}

function begin(state: State): Wall {
  const own = addPost(state, state.pageId, 'The reading room is open on Sunday from one to five.')
  const comment = addComment(
    state,
    idOf(state, 'Wren Okafor'),
    own,
    'Is the ramp at the back open too? I use a wheelchair.',
  )
  const visit = addPost(state, idOf(state, 'Tam Ibarra'), 'The new large print shelf is a joy. Thank you!')
  const psid = idOf(state, 'Noor Haddad')
  const message = addMessage(state, psid, psid, 'Hello, can I bring back books at the market?')
  return { post: own.id, comment: comment.id, visit: visit.id, psid, message: message.id }
}
