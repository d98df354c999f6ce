import type { Posting, SimulateOptions, XCredentials } from './options.ts'

export interface Post {
  readonly id: string
  /** All its versions until this one, the first in front. */
  readonly history: string[]
  readonly author: string
  /** As X keeps it: links are short ones, and & < > are escaped. */
  readonly text: string
  readonly at: Date
  readonly conversation: string
  readonly links: readonly { readonly url: string; readonly expanded_url: string }[]
  readonly answers?: string
  readonly quotes?: string
  readonly repeats?: string
  readonly lang: string
  /** It came by the API. */
  readonly taken: boolean
}

export interface Network extends XCredentials {
  readonly posts: Post[]
  readonly gone: Set<string>
  readonly hidden: Set<string>
  readonly duplicates: 'refused' | 'taken'
  trouble?: 'suspended' | 'capped' | 'unpaid' | undefined
  now(): Date
  write(posting: Posting, taken?: boolean): Post
  edit(id: string, text: string): Post
  drop(id: string): void
  /** Whatever became of it. */
  find(id: string | undefined): Post | undefined
  /** By any of its versions; nothing where nobody may see it. */
  seen(id: string): Post | undefined
  charge(micros: number, resource?: string): void
  bill(): number
}

/** 2010-11-04T01:42:54.657Z */
const epoch = 1_288_834_974_657n

export function network(credentials: XCredentials, options: SimulateOptions): Network {
  const posts: Post[] = []
  const charged = new Map<string, number>()
  let [serial, links, spent] = [0n, 0, 0]
  const now = () => options.now?.() ?? new Date()
  const idAt = (at: Date): string => String(((BigInt(at.getTime()) - epoch) << 22n) + (++serial % 4096n))
  const byId = new Map<string, Post>()
  const find = (id: string | undefined): Post | undefined => byId.get(id ?? '')

  function linked(text: string): Pick<Post, 'text' | 'links'> {
    const found: Post['links'][number][] = []
    const short = text.replace(/https?:\/\/\S+/g, (expanded_url) => {
      const url = `https://t.co/${String(++links).padStart(10, '0')}`
      found.push({ url, expanded_url })
      return url
    })
    return { text: short, links: found }
  }

  function write(
    { text, author = `17${String(++serial).padStart(17, '0')}`, at = now(), lang = 'en', ...refers }: Posting,
    taken = false,
  ): Post {
    const id = idAt(at)
    const parent = find(refers.answers)
    const quoted =
      refers.quotes === undefined
        ? undefined
        : `https://twitter.com/${nameOf(all, find(refers.quotes)?.author)}/status/${refers.quotes}`
    const { answers, quotes, repeats } = refers
    const post: Post = {
      id,
      history: [id],
      author,
      ...linked(quoted ? `${text} ${quoted}` : text),
      at,
      conversation: parent?.conversation ?? id,
      lang,
      taken,
      ...(answers !== undefined && { answers }),
      ...(quotes !== undefined && { quotes }),
      ...(repeats !== undefined && { repeats }),
    }
    posts.push(post)
    byId.set(id, post)
    return post
  }

  const all: Network = {
    ...credentials,
    posts,
    gone: new Set(),
    hidden: new Set(),
    duplicates: options.duplicates ?? 'refused',
    now,
    write,
    find,
    edit(id, text) {
      const old = find(id)
      if (!old) throw new Error('There is no such post.')
      const version = idAt(now())
      const post = { ...old, id: version, ...linked(text) }
      old.history.push(version) // shared by all versions
      posts.push(post)
      byId.set(version, post)
      return post
    },
    drop(id) {
      for (const version of find(id)?.history ?? [id]) all.gone.add(version)
    },
    seen: (id) => {
      const post = find(id)
      return post && !all.gone.has(id) && !all.hidden.has(post.author) ? post : undefined
    },
    charge(micros, resource) {
      const day = now().toISOString().slice(0, 10)
      const before = resource === undefined ? 0 : (charged.get(`${day} ${resource}`) ?? 0)
      if (resource !== undefined) charged.set(`${day} ${resource}`, Math.max(before, micros))
      spent += Math.max(0, micros - before)
    },
    bill: () => spent,
  }
  return all
}

const nameOf = ({ account }: XCredentials, author: string | undefined): string =>
  author === account.id ? account.username : `reader${(author ?? '').slice(-4)}`

/** A post as X gives it with the fields that the adapter asks for. */
export function resourceOf(all: Network, post: Post): object {
  const names = [...post.text.matchAll(/@(\w{1,15})/g)].map(([, username = '']) => username)
  const mentions = names.map((username) => {
    const ours = username.toLowerCase() === all.account.username.toLowerCase()
    return { username, id: ours ? all.account.id : '1700000000000000099' }
  })
  const answered = all.find(post.answers)
  const refers = [
    ...(post.repeats === undefined ? [] : [{ type: 'retweeted', id: post.repeats }]),
    ...(post.quotes === undefined ? [] : [{ type: 'quoted', id: post.quotes }]),
    ...(post.answers === undefined ? [] : [{ type: 'replied_to', id: post.answers }]),
  ]
  const long = post.text.length > 280
  const entities = {
    ...(mentions.length > 0 && { mentions }),
    ...(post.links.length > 0 && { urls: post.links }),
  }
  return {
    id: post.id,
    text: long ? `${post.text.slice(0, 276)}…` : post.text,
    author_id: post.author,
    created_at: post.at.toISOString(),
    lang: post.lang,
    conversation_id: post.conversation,
    edit_history_tweet_ids: [...post.history],
    ...(answered && { in_reply_to_user_id: answered.author }),
    ...(refers.length > 0 && { referenced_tweets: refers }),
    ...(Object.keys(entities).length > 0 && { entities }),
    ...(long && { note_tweet: { text: post.text, entities } }),
  }
}
