import {
  type Interaction,
  type MentionSeen,
  type MessageReceived,
  mentionSeen,
  messageReceived,
  reactionSeen,
} from '@prm/core/adapter'
import { hmacSha256 } from '@prm/kit'
import { versionOf } from '@prm/kit-pages'
import type { Account, Notification, Status } from './api.ts'
import { textOf } from './text.ts'

/** Who tells, and to whom. */
export interface Teller {
  readonly source: string
  readonly host: string
  readonly me: string
  readonly key: string
}

/** `wren@social.example`, also of one on this instance. */
export function acctOf({ acct }: Pick<Account, 'acct'>, host: string): string {
  return (acct.includes('@') ? acct : `${acct}@${host}`).toLowerCase()
}

/** Anybody may read it: nothing else is told as a mention. */
export const isPublic = ({ visibility }: Status): boolean => visibility === 'public' || visibility === 'unlisted'

/** The post that one of our keys is of; nothing where it is no such key. */
export const postIn = (key: string): string | undefined => /^status (\S+)/.exec(key)?.[1]

const keyOf = (id: string, edited?: string): string =>
  edited === undefined ? `status ${id}` : `status ${id} ${edited}`

/** Of what a reader sees. */
export const versionIn = ({ spoiler_text, content, quote }: Status): string =>
  versionOf(spoiler_text, textOf(content, Boolean(quote))).slice(0, 8)

/** A public post is a mention; what only we may read is a message to us. */
export function factOf(
  status: Status,
  teller: Teller,
  query: string | undefined,
  edited: boolean,
): Interaction<string, MentionSeen | MessageReceived> {
  const { id, account, in_reply_to_id: inReplyTo, language } = status
  const title = status.spoiler_text.slice(0, 500).toWellFormed() // Of another instance it may be of any length.
  const { source, host, me } = teller
  const changed = status.edited_at ? instantOf(status.edited_at) : undefined
  const at = (edited ? changed : undefined) ?? instantOf(status.created_at)
  const fact = { key: keyOf(id, edited ? (changed ?? versionIn(status)) : undefined), source, ...(at && { at }) }
  const text = textOf(status.content, Boolean(status.quote))
  if (!isPublic(status)) {
    const content = { text: [title, text].filter(Boolean).join('\n\n') }
    const who = { scheme: 'acct', value: acctOf(account, host), realm: host }
    return { ...fact, type: messageReceived.name, who, origin: id, data: { content } }
  }
  return {
    ...fact,
    type: mentionSeen.name,
    who: { scheme: 'post', value: id, realm: host },
    // What it is part of is not told: what it answers is the nearest.
    thread: inReplyTo ?? id,
    data: {
      text,
      ...(title && { title }),
      url: urlOf(status, host),
      ...(language && { language }),
      ...(query !== undefined && { query }),
      ...((status.in_reply_to_account_id === me || status.mentions.some((one) => one.id === me)) && {
        addressed: true as const,
      }),
      answerable: true,
      ...(inReplyTo && { inReplyTo }),
      ...(edited && { edited: true as const }),
    },
    evidence: voiceOf(account, teller),
  }
}

export function goneOf(id: string, { source, host }: Teller): Interaction<string, MentionSeen> {
  const who = { scheme: 'post', value: id, realm: host }
  return { key: `${keyOf(id)} gone`, type: mentionSeen.name, source, who, data: { text: '', gone: true } }
}

const kinds: { readonly [type: string]: string } = { favourite: 'like', reblog: 'repost', quote: 'quote' }

/** What somebody did with a post of ours; nothing where it is something else. */
export function reactionOf(
  { id, type, created_at, account, status }: Notification,
  teller: Teller,
): Interaction | undefined {
  const kind = kinds[type]
  const ours = type === 'quote' ? status?.quote?.quoted_status?.id : status?.id
  if (kind === undefined || ours === undefined) return undefined
  const at = instantOf(created_at)
  return {
    key: `notification ${id}`,
    type: reactionSeen.name,
    source: teller.source,
    ...(at && { at }),
    who: { scheme: 'post', value: ours, realm: teller.host },
    data: { kind },
    evidence: voiceOf(account, teller),
  }
}

function voiceOf(account: Account, { host, key }: Teller): NonNullable<Interaction['evidence']> {
  const person = `author ${hmacSha256(key, acctOf(account, host)).hex.slice(0, 24)}`
  return { person, independence: person }
}

function instantOf(text: string): string | undefined {
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

function urlOf({ url, uri, account, id }: Status, host: string): string {
  const found = [url, uri].find((one) => one && URL.canParse(one) && /^https?:/.test(one))
  return found ? new URL(found).href : `https://${host}/@${encodeURIComponent(account.acct)}/${encodeURIComponent(id)}`
}
