import type { Interaction, MentionSeen } from '@prm/core/adapter'
import { mentionSeen } from '@prm/core/adapter'
import { hmacSha256 } from '@prm/kit'
import type { XPost } from './api.ts'
import type { Options, Query } from './config.ts'

export const realm = 'x.com'

/** Where a person sees the post, and can answer it by hand. It needs no name of anybody. */
export const urlOf = (id: string): string => `https://x.com/i/web/status/${id}`

/** An edit is a post with an id of its own; the first id names it in all its versions. */
export const firstOf = ({ id, edit_history_tweet_ids: all }: XPost): string => all?.[0] ?? id
export const latestOf = ({ id, edit_history_tweet_ids: all }: XPost): string => all?.at(-1) ?? id

/** The least of what is made then: ids hold the moment, in ms after 2010-11-04T01:42:54.657Z (Snowflake). */
export const idAt = (ms: number): bigint => (BigInt(ms) - 1_288_834_974_657n) << 22n

export type Mention = Interaction<'mention.seen', MentionSeen>

/** Nothing where it is our own, or only repeats what another said. The same whether it was polled or pushed. */
export function mentionOf(
  post: XPost,
  options: Options,
  key: string,
  source: string,
  query?: Query,
): Mention | undefined {
  const { account } = options
  const refers = (type: string) => post.referenced_tweets?.find((one) => one.type === type)?.id
  if (post.author_id === account.id || refers('retweeted') !== undefined) return undefined
  const [first, answers] = [firstOf(post), refers('replied_to')]
  const summons = summonsUs(post, options, refers('quoted'))
  const language = post.lang && !/^(und|q\w\w|zxx|art)$/.test(post.lang) ? post.lang : undefined
  return {
    key: post.id === first ? first : `${first} ${post.id}`,
    type: mentionSeen.name,
    source,
    who: { scheme: 'post', value: first, realm },
    ...(post.created_at && { at: post.created_at }),
    ...(post.conversation_id && { thread: post.conversation_id }),
    data: {
      text: textOf(post),
      url: urlOf(first),
      ...(language && { language }),
      ...(query && { query: query.name }),
      ...(query?.place !== undefined && { place: query.place }),
      ...((summons || post.in_reply_to_user_id === account.id) && { addressed: true as const }),
      ...(summons && { answerable: true as const }),
      ...(answers !== undefined && { inReplyTo: answers }),
      ...(post.id !== first && { edited: true as const }),
    },
    evidence: voiceOf(post, key),
  }
}

/** The author took it back, or nobody may see it any more. */
export function goneOf(first: string, source: string): Mention {
  const data = { text: '', gone: true as const }
  return { key: `${first} gone`, type: mentionSeen.name, source, who: { scheme: 'post', value: first, realm }, data }
}

/** X lets an answer through only to who named the account, or quoted a post of its (2026-02-23, self-serve). */
function summonsUs(post: XPost, { account }: Options, quoted: string | undefined): boolean {
  const parts = [post.entities, post.note_tweet?.entities]
  if (parts.some((one) => one?.mentions?.some(({ id }) => id === account.id))) return true
  // Who wrote what is quoted would be charged; its link, which comes along, says it.
  const ours = new RegExp(`^https?://(?:www\\.)?(?:x|twitter)\\.com/${account.username}/status/${quoted}\\b`, 'i')
  return quoted !== undefined && parts.some((one) => one?.urls?.some(({ expanded_url: at }) => ours.test(at ?? '')))
}

export const voiceOf = ({ author_id: author, id }: XPost, key: string): NonNullable<Mention['evidence']> => {
  if (!author) return { independence: `post ${id}` }
  const person = `author ${hmacSha256(key, realm, '\n', author).hex.slice(0, 24)}`
  return { person, independence: person }
}

/** What a reader sees: the whole of a long post, links as they lead, and X's three escapes read. */
export function textOf(post: XPost): string {
  const long = post.note_tweet?.text ? post.note_tweet : undefined
  const urls = (long ? long.entities : post.entities)?.urls ?? []
  const leads = new Map<string, string>(urls.map(({ url, expanded_url: at }) => [url, at ?? url]))
  // At one go: where a link leads may read like another link, or like an escape.
  return (long?.text ?? post.text ?? '')
    .replace(/https?:\/\/t\.co\/\w+|&(lt|gt|amp);/g, (said) => leads.get(said) ?? escapes[said] ?? said)
    .trim()
}
const escapes: { readonly [said: string]: string } = { '&lt;': '<', '&gt;': '>', '&amp;': '&' }
