import { createHash } from 'node:crypto'

export interface Row {
  readonly uri: string
  readonly cid: string
  readonly did: string
  readonly collection: string
  readonly rkey: string
  readonly record: { readonly [name: string]: unknown }
  readonly indexedAt: string
}
export interface Notice extends Row {
  readonly reason: string
  readonly reasonSubject: string | undefined
}
/** What the relay carries, before it is written as v1 or v2. */
export interface Happening {
  readonly us: number
  readonly did: string
  readonly commit?: {
    readonly operation: string
    readonly collection: string
    readonly rkey: string
    readonly row?: Row
  }
  readonly account?: { readonly active: boolean; readonly status?: string }
}
export interface PostOptions {
  readonly reply?: string
  readonly quote?: string
  readonly langs?: readonly string[]
  /** An instant; when the network had it, too. */
  readonly at?: string
  /** In place of what is made of the text: rubbish, say. */
  readonly record?: { readonly [name: string]: unknown }
}
export interface Author {
  readonly did: string
  readonly handle: string
  status?: string
}

export const post = 'app.bsky.feed.post'
const letters = 'abcdefghijklmnopqrstuvwxyz234567'
const letteredHash = (text: string, length: number): string =>
  [...createHash('sha256').update(text).digest()]
    .map((byte) => letters[byte % 32])
    .join('')
    .slice(0, length)

/** All accounts, records and notifications of a small network, seen by one account. */
export function network(own: string, now: () => Date): Network {
  const authors = new Map<string, Author>()
  const rows = new Map<string, Row>()
  const gated = new Set<string>()
  const notices: Notice[] = []
  const happenings: Happening[] = []
  const listeners = new Set<(one: Happening) => void>()
  let count = 0
  let last = 0

  const author = (handle: string): Author => {
    const known = authors.get(handle) ?? { did: `did:plc:${letteredHash(handle, 24)}`, handle }
    authors.set(handle, known)
    return known
  }
  const me = author(own)
  const happen = (one: Omit<Happening, 'us'>, at: string): void => {
    // Microseconds, each but once.
    last = Math.max(last + 1, Date.parse(at) * 1000)
    const happening = { us: last, ...one }
    happenings.push(happening)
    for (const listener of listeners) listener(happening)
  }
  const refTo = (uri: string) => ({ uri, cid: rows.get(uri)?.cid ?? `bafyrei${letteredHash(uri, 52)}` })

  function put(did: string, collection: string, rkey: string, record: Row['record'], at: string): Row {
    const uri = `at://${did}/${collection}/${rkey}`
    const cid = `bafyrei${letteredHash(`${uri} ${JSON.stringify(record)}`, 52)}`
    const row: Row = { uri, cid, did, collection, rkey, record, indexedAt: at }
    rows.set(uri, row)
    notify(row)
    happen({ did, commit: { operation: 'create', collection, rkey, row } }, at)
    return row
  }

  function notify(row: Row): void {
    if (row.did === me.did) return
    const { reply, embed, facets, subject } = row.record as {
      reply?: { parent?: { uri?: string } }
      embed?: { record?: { uri?: string } }
      facets?: { features?: { did?: string }[] }[]
      subject?: { uri?: string }
    }
    const ours = (uri?: string): boolean => uri?.startsWith(`at://${me.did}/${post}/`) ?? false
    const add = (reason: string, reasonSubject?: string): void => void notices.push({ ...row, reason, reasonSubject })
    if (row.collection !== post) {
      if (ours(subject?.uri)) add(row.collection.split('.').at(-1) ?? '', subject?.uri)
      return
    }
    if (ours(reply?.parent?.uri)) add('reply', reply?.parent?.uri)
    else if (Array.isArray(facets) && facets.some(({ features = [] }) => features.some(({ did }) => did === me.did)))
      add('mention')
    if (ours(embed?.record?.uri)) add('quote', embed?.record?.uri)
  }

  const key = (at: string): string => {
    // A TID, as its specification says.
    let value = (BigInt(Date.parse(at)) * 1000n + BigInt(count++ % 1000)) << 10n
    let text = ''
    for (let n = 0; n < 13; n++, value >>= 5n) text = '234567abcdefghijklmnopqrstuvwxyz'[Number(value & 31n)] + text
    return text
  }

  return {
    me,
    author,
    authors,
    rows,
    gated,
    notices,
    happenings,
    listeners,
    put,
    post(handle: string, text: string, options: PostOptions = {}): string {
      const at = options.at ?? now().toISOString()
      const facets = [...text.matchAll(/@([\w-]+(?:\.[\w-]+)+)/g)].map(({ index, 0: all, 1: name = '' }) => ({
        index: {
          byteStart: Buffer.byteLength(text.slice(0, index)),
          byteEnd: Buffer.byteLength(text.slice(0, index) + all),
        },
        features: [{ $type: 'app.bsky.richtext.facet#mention', did: author(name).did }],
      }))
      const parent = options.reply && rows.get(options.reply)
      const reply = options.reply && {
        root: (parent && (parent.record.reply as { root?: unknown })?.root) ?? refTo(options.reply),
        parent: refTo(options.reply),
      }
      const record = {
        $type: post,
        text,
        createdAt: at,
        langs: options.langs ?? ['en'],
        ...(facets.length > 0 && { facets }),
        ...(reply && { reply }),
        ...(options.quote && { embed: { $type: 'app.bsky.embed.record', record: refTo(options.quote) } }),
        ...options.record,
      }
      return put(author(handle).did, post, key(at), record, at).uri
    },
    react(handle: string, uri: string, kind: 'like' | 'repost'): string {
      const at = now().toISOString()
      const collection = `app.bsky.feed.${kind}`
      return put(author(handle).did, collection, key(at), { subject: refTo(uri), createdAt: at }, at).uri
    },
    remove(uri: string): void {
      const row = rows.get(uri)
      if (!row) return
      rows.delete(uri)
      const { did, collection, rkey } = row
      happen({ did, commit: { operation: 'delete', collection, rkey } }, now().toISOString())
    },
    account(handle: string, status: string | undefined): void {
      const one = author(handle)
      delete one.status
      if (status) one.status = status
      if (status === 'deleted') for (const { uri, did } of rows.values()) if (did === one.did) rows.delete(uri)
      happen({ did: one.did, account: { active: !status, ...(status && { status }) } }, now().toISOString())
    },
    isHidden: (did: string): boolean =>
      [...authors.values()].some((one) => one.did === did && one.status !== undefined),
  }
}
export interface Network {
  readonly me: Author
  readonly authors: ReadonlyMap<string, Author>
  readonly rows: ReadonlyMap<string, Row>
  readonly gated: Set<string>
  readonly notices: readonly Notice[]
  readonly happenings: readonly Happening[]
  readonly listeners: Set<(one: Happening) => void>
  author(handle: string): Author
  put(did: string, collection: string, rkey: string, record: Row['record'], at: string): Row
  /** Somebody says something; `@handle` in it names somebody. */
  post(handle: string, text: string, options?: PostOptions): string
  react(handle: string, uri: string, kind: 'like' | 'repost'): string
  remove(uri: string): void
  /** `deleted` takes what was said along; the others hide it. */
  account(handle: string, status: string | undefined): void
  isHidden(did: string): boolean
}
