import { type Context, type Instant, type Interaction, type MentionSeen, mentionSeen } from '@prm/core/adapter'
import { hmacSha256 } from '@prm/kit'
import { fits, type PostRecord, postRecord } from './api.ts'
import type { Options, Query } from './config.ts'
import { postUri, uriOf } from './uri.ts'

/** As whom we read, and what makes pseudonyms. */
export interface Reader {
  readonly options: Options
  readonly did: string
  readonly key: string
  readonly ctx: Context
}
/** A post, from wherever. */
export interface Seen {
  readonly uri: string
  readonly record: unknown
  /** When the network had it. */
  readonly seenAt: Instant
  readonly replyDisabled?: boolean | undefined
}
export const realm = 'bsky.app'

/** `<did>/<rkey>`: begins the keys of a post's facts. */
export const idOf = ({ did, rkey }: { readonly did: string; readonly rkey: string }): string => `${did}/${rkey}`

export function addressed(record: PostRecord, did: string): boolean {
  return record.mentions.includes(did) || postUri(record.reply?.parent.uri ?? '')?.did === did
}

/** The post as a fact; a text where it cannot be read, nothing where it is our own. */
export function mentionOf(
  { options, did: own, key, ctx }: Reader,
  { uri, record, seenAt, replyDisabled }: Seen,
): Interaction<'mention.seen', MentionSeen> | string | undefined {
  const at = postUri(uri)
  if (!at) return 'its address is none of a post'
  if (at.did === own) return undefined
  const post = fits(postRecord, record)
  if (!post) return 'what it says is no post that fits the lexicon'
  const ours = addressed(post, own)
  const { reply } = post
  const language = post.langs.find((one) => /^[a-z]{2,3}(-\w{1,8})*$/i.test(one))
  const query = options.queries.find((one) => matches(one, post))?.name
  return {
    key: idOf(at),
    type: mentionSeen.name,
    source: ctx.id,
    at: whenOf(post.createdAt, seenAt),
    who: { scheme: 'post', value: uri, realm },
    thread: reply && postUri(reply.root.uri) ? reply.root.uri : uri,
    data: {
      text: post.text,
      url: `https://bsky.app/profile/${at.did}/post/${at.rkey}`,
      ...(language !== undefined && { language }),
      ...(query !== undefined && { query }),
      ...(ours && { addressed: true as const }),
      ...((ours || options.answer === 'approved') && !replyDisabled && { answerable: true as const }),
      ...(reply && postUri(reply.parent.uri) && { inReplyTo: reply.parent.uri }),
    },
    evidence: voiceOf(key, at.did),
  }
}

/** Its author or its site took back what was told. */
export function goneOf(ctx: Context, id: string): Interaction<'mention.seen', MentionSeen> {
  const [did = '', rkey = ''] = id.split('/')
  return {
    key: `${id} gone`,
    type: mentionSeen.name,
    source: ctx.id,
    who: { scheme: 'post', value: uriOf(did, rkey), realm },
    data: { text: '', gone: true },
  }
}

export function voiceOf(key: string, did: string): NonNullable<Interaction['evidence']> {
  const person = `author ${hmacSha256(key, 'bsky', '\n', did).hex.slice(0, 24)}`
  return { person, independence: person }
}

/** What an author says of the time is believed unless it lies ahead, or before there was a network. */
function whenOf(createdAt: string, seenAt: Instant): Instant {
  const created = Date.parse(createdAt)
  return created > 0 && created <= Date.parse(seenAt) ? new Date(created).toISOString() : seenAt
}

/** Whole words, in any case, however they are spaced. */
export function matches({ any, none = [], languages = [] }: Query, post: PostRecord): boolean {
  const words = plain([post.text, ...post.beside, ...post.tags.map((tag) => `#${tag}`)].join('\n'))
  const says = (phrase: string): boolean => {
    const wanted = plain(phrase)
    for (let at = words.indexOf(wanted); at >= 0; at = words.indexOf(wanted, at + 1))
      if (!isWord(words[at - 1], wanted[0]) && !isWord(words[at + wanted.length], wanted.at(-1))) return true
    return false
  }
  if (languages.length > 0 && post.langs.length > 0 && !post.langs.some((one) => spoken(languages, one))) return false
  return any.some(says) && !none.some(says)
}
const plain = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()
/** Both are of a script that parts its words, so that the phrase goes on. */
const isWord = (outside: string | undefined, inside: string | undefined): boolean =>
  [outside, inside].every((one = '') => /[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{N}]/u.test(one))
const spoken = (languages: readonly string[], one: string): boolean =>
  languages.some((language) => one.toLowerCase().split('-')[0] === language.toLowerCase().split('-')[0])
