import {
  type Address,
  type Attachment,
  type Context,
  type Instant,
  type Interaction,
  type MentionSeen,
  type MessageReceived,
  mentionSeen,
  messageReceived,
} from '@prm/core/adapter'
import { hmacSha256, sha256 } from '@prm/kit'
import type { Options } from './config.ts'

// What is told, the same whether a webhook brought it or the feed found it: under one key, so that it is one fact.

/** One post or comment. */
export interface Said {
  readonly id: string
  /** What it stands under; of a post its own id. */
  readonly post: string
  /** The comment that it answers. */
  readonly parent?: string | undefined
  readonly from?: string | undefined
  readonly text: string
  readonly at?: Instant | undefined
}

export const realm = 'facebook'
/** Those of Meta's who write to a page are numbered for that page alone. */
const person = ({ pageId }: Options, value: string): Address => ({
  scheme: 'acct',
  value,
  realm: `${realm}/${pageId}`,
})
export const page = ({ pageId }: Options): Address => ({ scheme: 'acct', value: pageId, realm })

/** `{page}_{post}_{comment}` is the older form of `{post}_{comment}` ("Comment", Graph API). */
export const shortId = (id: string): string => id.split('_').slice(-2).join('_')

/** The words name the version: neither says a comment when it was edited, nor both ways the same of it otherwise. */
export const versionOf = (text: string): string => sha256(text.trim()).hex.slice(0, 16)

export function mention(
  said: Said,
  how: { readonly key: string; readonly edited?: boolean; readonly elsewhere?: boolean },
  ctx: Context,
): Interaction<'mention.seen', MentionSeen> {
  const { id, post, parent, text } = said
  const comment = id === post ? undefined : id
  const [where = '', what = ''] = post.split('_')
  const url = `https://www.facebook.com/${where}/posts/${what}`
  return {
    ...about(said, how.key, ctx),
    key: `${id} ${versionOf(text)}`,
    data: {
      text,
      url: comment ? `${url}?comment_id=${comment.split('_').at(-1)}` : url,
      addressed: true,
      ...(!how.elsewhere && { answerable: true as const }),
      ...(comment !== undefined && { inReplyTo: parent ?? post }),
      ...(how.edited && { edited: true as const }),
    },
  }
}

export function gone(said: Omit<Said, 'text'>, key: string, ctx: Context): Interaction<'mention.seen', MentionSeen> {
  return { ...about(said, key, ctx), key: `${said.id} gone`, data: { text: '', gone: true } }
}

function about(said: Omit<Said, 'text'>, key: string, ctx: Context) {
  return {
    type: mentionSeen.name,
    source: ctx.id,
    who: { scheme: 'post', value: said.id, realm },
    thread: said.post,
    ...(said.at && { at: said.at }),
    evidence: voiceOf(said.from, said.id, key),
  }
}

/** Without an author it is a voice of its own. */
export function voiceOf(from: string | undefined, id: string, key: string): NonNullable<Interaction['evidence']> {
  if (from === undefined) return { independence: `post ${sha256(id).hex.slice(0, 16)}` }
  const person = `author ${hmacSha256(key, realm, '\n', from).hex.slice(0, 24)}`
  return { person, independence: person }
}

export interface Written {
  readonly mid: string
  readonly from: string
  readonly text: string
  readonly media?: readonly Attachment[]
  readonly at?: Instant | undefined
  /** Which edit it is. */
  readonly edit?: string | undefined
}

/** Webhooks say `m_…` where conversations have said `m_m_…` or left it out. */
export const keyOf = (mid: string): string => mid.replace(/^(m_)+/, '')

export function received(
  { mid, from, text, media = [], at, edit }: Written,
  options: Options,
  ctx: Context,
): Interaction<'message.received', MessageReceived> {
  return {
    key: edit === undefined ? keyOf(mid) : `${keyOf(mid)} edit ${edit}`,
    type: messageReceived.name,
    source: ctx.id,
    who: person(options, from),
    to: page(options),
    ...(at && { at }),
    data: { content: { text, ...(media.length > 0 && { media }) } },
  }
}
