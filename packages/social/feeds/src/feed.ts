import {
  type Context,
  type FeedPage,
  type Interaction,
  type Json,
  type MentionSeen,
  mentionSeen,
  PrmError,
  type RejectedRecord,
} from '@prm/core/adapter'
import { hmacSha256, resolve, sha256 } from '@prm/kit'
import { versionOf } from '@prm/kit-pages'
import { type Asked, get } from './api.ts'
import { addressOf, type Options, type Source } from './config.ts'
import { dateOf } from './date.ts'
import { type Entry, type Read, readFeed } from './read.ts'

/** What is known of one feed. Of what it told only hashes, and how often each item changed: nothing of anybody. */
interface Known extends Asked {
  /** Of the address that it is of: with another, nothing of the rest holds but `items`. */
  readonly of: string
  /** Where it has moved for good. */
  readonly moved?: string
  /** Not to be asked before. */
  readonly until?: string
  /** 410: not to be asked any more. */
  readonly gone?: true
  readonly items: { readonly [id: string]: readonly [version: string, times: number] }
}

/** Items that a feed does not show any more, and that would be no news if they came again. */
const remembered = 1000

const longestWaitMs = 24 * 60 * 60 * 1000

export async function* pull(options: Options, cursor: Json | undefined, ctx: Context): AsyncGenerator<FeedPage> {
  const key = await resolve(options.pseudonymKey)
  const all = new Map(Object.entries((cursor ?? {}) as unknown as { readonly [name: string]: Known }))
  let [asked, first]: [number, PrmError | undefined] = [0, undefined]
  let failed = 0
  for (const source of options.feeds) {
    if (ctx.signal.aborted) return
    const look = await lookAt(options, source, all.get(source.name), key, ctx)
    if (ctx.signal.aborted) return
    if (!look) continue
    asked++
    if (look.error) failed++
    first ??= look.error
    all.set(source.name, look.known)
    const named = options.feeds.flatMap(({ name }) => (all.has(name) ? [[name, all.get(name)]] : []))
    yield { interactions: look.interactions, rejected: look.bad, cursor: Object.fromEntries(named) as Json }
  }
  // Who could ask nobody must not seem to have heard that there is nothing.
  if (first && failed === asked) throw first
}

interface Look {
  readonly known: Known
  readonly interactions: readonly Interaction[]
  readonly bad: readonly RejectedRecord[]
  /** Nothing could be read of it. */
  readonly error?: PrmError
}

/** Nothing where it is not to be asked. */
async function lookAt(
  options: Options,
  source: Source,
  last: Known | undefined,
  key: string,
  ctx: Context,
): Promise<Look | undefined> {
  const where = `feed ${source.name}`
  let known: Known = last ?? { of: '', items: {} }
  try {
    const home = await addressOf(source)
    const of = sha256(home).hex.slice(0, 16)
    if (known.of !== of) known = { of, items: known.items }
    if (known.gone || (known.until !== undefined && known.until > ctx.now().toISOString())) return undefined
    const got = await get(options, source, { home, at: known.moved ?? home }, known, ctx)
    const { etag, modified, moved } = got
    // A secret address is not kept, wherever it leads.
    const kept = typeof source.url === 'string' ? (moved ?? known.moved) : undefined
    const said = { of, ...(kept !== undefined && { moved: kept }) }
    if (!got.bytes) {
      const same = { etag: etag ?? known.etag, modified: modified ?? known.modified }
      return { known: { ...said, ...defined(same), items: known.items }, interactions: [], bad: [] }
    }
    const read = readFeed(got)
    const { items, interactions, bad } = newsOf(read, source, known, key, ctx)
    const cut = read.cut === undefined ? [] : [{ source: where, reason: read.cut }]
    return { known: { ...said, ...defined({ etag, modified }), items }, interactions, bad: [...cut, ...bad] }
  } catch (error) {
    if (!PrmError.is(error)) throw error
    const { of, items, moved, until: _, ...rest } = known
    if (error.vendor?.status === 410 && moved === undefined) {
      const why = 'it is gone for good (410), and is not asked any more'
      return { known: { of, gone: true, items }, interactions: [], bad: [{ source: where, reason: why }] }
    }
    const { retryAfterMs: wait, code, message } = error
    const until = wait && new Date(ctx.now().getTime() + Math.min(wait, longestWaitMs)).toISOString()
    const why = until ? `${message} It is not asked before ${until}.` : message
    // Where it moved to it may be no more: then its own address is asked again.
    const there = moved !== undefined && /^(unavailable|rate_limited)$/.test(code) && { moved }
    const kept = { ...rest, of, items, ...there, ...(until && { until }) }
    return { known: kept, interactions: [], bad: [{ source: where, reason: why }], error }
  }
}

function defined(said: { readonly [K in keyof Asked]: Asked[K] | undefined }): Asked {
  return {
    ...(said.etag !== undefined && { etag: said.etag }),
    ...(said.modified !== undefined && { modified: said.modified }),
  }
}

/** What is new or reads otherwise. An item that is shown no more has left the window of its feed: that is not told. */
function newsOf({ entries }: Read, source: Source, known: Known, key: string, ctx: Context) {
  const items = new Map<string, readonly [string, number]>()
  const interactions: Interaction<'mention.seen', MentionSeen>[] = []
  const bad: RejectedRecord[] = []
  const shared = repeated(entries)
  for (const [index, entry] of entries.entries()) {
    const { url, title, text } = entry
    const where = `feed ${source.name}, item ${index + 1}`
    if (url === undefined) {
      bad.push({ source: where, reason: 'it has no http or https link, so that nobody could go there' })
      continue
    }
    const id = entry.id === undefined ? url : shared.has(entry.id) ? `${entry.id} ${url}` : entry.id
    const short = sha256(id).base64.slice(0, 16)
    if (items.has(short)) continue // twice in one feed
    const version = versionOf(title, text)
    const [before, times = 0] = known.items[short] ?? []
    if (before === version) {
      items.set(short, [version, times])
      continue
    }
    items.set(short, [version, times + 1])
    const at = dateOf(entry.date)
    if (at === undefined && entry.date)
      bad.push({ source: where, reason: 'its date cannot be read, and it is told without' })
    const name = `${source.name} ${id.length > 200 ? sha256(id).hex : id}`
    const language = entry.language ?? source.language
    interactions.push({
      // The count keeps edits to and fro apart; it is of the cursor, so that a look that is made again gives the same.
      key: times === 0 ? name : `${name} ${times + 1} ${version}`,
      type: mentionSeen.name,
      source: ctx.id,
      who: { scheme: 'post', value: url },
      ...(at !== undefined && { at }),
      data: {
        text: text || title,
        url,
        ...(title && { title }),
        ...(language && { language }),
        ...(source.place !== undefined && { place: source.place }),
        ...(source.query !== undefined && { query: source.query }),
        ...(times > 0 && { edited: true as const }),
      },
      evidence: voiceOf(entry, url, key),
    })
  }
  let room = remembered
  for (const [id, one] of Object.entries(known.items)) if (!items.has(id) && room-- > 0) items.set(id, one)
  return { items: Object.fromEntries(items), interactions, bad }
}

/** Ids that a broken feed gives to several items. */
function repeated(entries: readonly Entry[]): ReadonlySet<string> {
  const links = new Map<string, string | undefined>()
  const found = new Set<string>()
  for (const { id, url } of entries) {
    if (id === undefined) continue
    if (links.has(id) && links.get(id) !== url) found.add(id)
    links.set(id, url)
  }
  return found
}

/** A name is somebody on one site only. Without one, what is told of one address is one voice. */
function voiceOf({ author }: Entry, url: string, key: string): NonNullable<Interaction['evidence']> {
  const name = author?.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()
  if (!name) return { independence: `link ${sha256(url).hex.slice(0, 16)}` }
  const person = `author ${hmacSha256(key, new URL(url).hostname, '\n', name).hex.slice(0, 24)}`
  return { person, independence: person }
}
