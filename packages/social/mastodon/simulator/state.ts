import type { Json } from '@prm/core/adapter'

// What an instance knows: accounts, posts, notifications. Entities as docs.joinmastodon.org describes them.

export interface Writer {
  readonly id: string
  readonly acct: string
  bot: boolean
  suspended: boolean
  /** Found by a search: the author opted in. */
  readonly indexable: boolean
}
export interface Post {
  readonly id: string
  readonly by: Writer
  /** As it was typed. */
  text: string
  html: string
  readonly visibility: string
  readonly warning: string
  readonly language: string | null
  readonly inReplyTo: string | null
  readonly quotes: string | null
  readonly tags: readonly string[]
  readonly mentions: readonly Writer[]
  readonly at: string
  edited: string | null
}
export interface Note {
  readonly id: string
  readonly type: string
  readonly by: Writer
  readonly post: Post
  readonly at: string
}

export class World {
  readonly writers: Map<string, Writer> = new Map()
  readonly posts: Map<string, Post> = new Map()
  readonly notes: Note[] = []
  readonly me: Writer
  readonly #now: () => Date
  readonly #host: () => string
  #count = 0

  constructor(account: string, now: () => Date, host: () => string) {
    this.#now = now
    this.#host = host
    this.me = this.writer(account)
    this.me.bot = true
  }

  writer(acct: string): Writer {
    const name = acct.toLowerCase()
    const known = this.writers.get(name)
    if (known) return known
    const made = { id: this.id(), acct, bot: false, suspended: false, indexable: !name.startsWith('quiet') }
    this.writers.set(name, made)
    return made
  }

  /** By when it was written, whenever it came (Mastodon::Snowflake.id_at). */
  id(at: Date = this.#now()): string {
    return String((BigInt(at.getTime()) << 16n) + BigInt(this.#count++ % 65_536))
  }

  note(type: string, by: Writer, post: Post): Note {
    const made = { id: String(this.notes.length + 1), type, by, post, at: this.#now().toISOString() }
    this.notes.push(made)
    return made
  }

  /** Whether our account may see it. */
  sees({ by, visibility, mentions }: Post): boolean {
    if (by.suspended) return false
    return by === this.me || /^(public|unlisted)$/.test(visibility) || mentions.includes(this.me)
  }

  account({ id, acct, bot, suspended }: Writer): { readonly [field: string]: Json } {
    const username = acct.split('@')[0] ?? acct
    return {
      id,
      acct,
      username,
      display_name: username,
      bot,
      locked: false,
      suspended,
      url: `${this.#host()}/@${acct}`,
    }
  }

  status(post: Post): { readonly [field: string]: Json } {
    const { id, by, html, visibility, warning, language, inReplyTo, quotes, tags, mentions, at, edited } = post
    const answered = inReplyTo === null ? undefined : this.posts.get(inReplyTo)
    const quoted = quotes === null ? undefined : this.posts.get(quotes)
    const url = `${this.#host()}/@${by.acct}/${id}`
    return {
      id,
      created_at: at,
      edited_at: edited,
      in_reply_to_id: inReplyTo,
      in_reply_to_account_id: answered?.by.id ?? null,
      sensitive: warning !== '',
      spoiler_text: warning,
      visibility,
      language,
      uri: url,
      url,
      replies_count: 0,
      reblogs_count: 0,
      favourites_count: 0,
      content: html,
      reblog: null,
      account: this.account(by),
      media_attachments: [],
      mentions: mentions.map((one) => ({ id: one.id, username: one.acct.split('@')[0] ?? '', acct: one.acct, url })),
      tags: tags.map((name) => ({ name, url: `${this.#host()}/tags/${name}` })),
      emojis: [],
      card: null,
      poll: null,
      quote: quoted ? { state: 'accepted', quoted_status: this.status(quoted) } : null,
    }
  }

  notification({ id, type, by, post, at }: Note): { readonly [field: string]: Json } {
    return {
      id,
      type,
      created_at: at,
      group_key: `ungrouped-${id}`,
      account: this.account(by),
      status: this.status(post),
    }
  }
}

/** Newest first; with `min_id` those that come next ("API guidelines", pagination). */
export function paged<T extends { readonly id: string }>(
  all: readonly T[],
  query: URLSearchParams,
  most: number,
): readonly T[] {
  const [max, since, min] = ['max_id', 'since_id', 'min_id'].map((name) => query.get(name))
  const size = Math.min(Number(query.get('limit') ?? 20), most)
  const found = all
    .filter(
      ({ id }) => (max ? later(max, id) : true) && (since ? later(id, since) : true) && (min ? later(id, min) : true),
    )
    .toSorted((a, b) => (later(a.id, b.id) ? 1 : -1))
  return (min ? found.slice(0, size) : found.slice(-size)).toReversed()
}
const later = (a: string, b: string): boolean => BigInt(a) > BigInt(b)

/** As an instance writes what was typed: paragraphs, links shortened, mentions and tags. */
export function htmlOf(text: string): string {
  const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
  const marked = escaped
    .replace(/(https?:\/\/)([^\s<]+)/g, (all, scheme: string, rest: string) => {
      const [shown, hidden] = [rest.slice(0, 30), rest.slice(30)]
      const kind = hidden === '' ? '' : 'ellipsis'
      return `<a href="${all}" target="_blank" rel="nofollow noopener" translate="no"><span class="invisible">${scheme}</span><span class="${kind}">${shown}</span><span class="invisible">${hidden}</span></a>`
    })
    .replace(/(?<![\w/])#(\w+)/g, '<a href="/tags/$1" class="mention hashtag" rel="tag">#<span>$1</span></a>')
    .replace(
      /(?<![\w/])@(\w+)(@[\w.-]+\w)?/g,
      '<span class="h-card" translate="no"><a href="/@$1$2" class="u-url mention">@<span>$1</span></a></span>',
    )
  return `<p>${marked.split('\n\n').join('</p><p>').replace(/\n/g, '<br>')}</p>`
}
