import {
  type Adapters,
  type Address,
  type Conversation,
  type Instant,
  type Interaction,
  type MentionSeen,
  mentionSeen,
  type Prm,
  type ReactionSeen,
  type Ref,
  type Scope,
} from '@prm/core'
import type { Heard } from './events.ts'
import * as events from './events.ts'
import { type Mention, mentionOf } from './mention.ts'
import type { Judge, Post } from './relevance.ts'
import { alike, likeness, linkOf, sketch } from './same.ts'
import { hash, versionOf } from './text.ts'
import { type Advice, advice, type ToneReader } from './tone.ts'

/** How what is seen becomes what staff see. */
export interface Hearing {
  readonly judge: Judge
  /** Words of the library's names: they make no two texts alike. */
  readonly own: ReadonlySet<string>
  readonly tone: ToneReader
  /** Below it a post is not shown, but for a sample. */
  readonly threshold: number
  /** The share of what is below that is shown to be judged, 0 to 1; which ones goes by `seed`. */
  readonly sample: number
  readonly seed: string
  /** What is this near in time may be a copy, in milliseconds. */
  readonly window: number
  due(from: Date, urgency: Mention['urgency']): Instant
  language(text: string): string | undefined
}

type AnyPrm = Prm<Adapters, string, string, string>
type Seen = Interaction<string, MentionSeen>

/** A post is one conversation, whichever source tells of it. */
export function idOf({ value, realm = '' }: Pick<Address, 'value' | 'realm'>): string {
  return `mention ${hash(realm, value)}`
}

/** How many recent mentions a new one is compared with. */
const mostCompared = 1_000

/**
 * What one `mention.seen` comes to, and whether staff see something new by it. Told again it comes to the same. It may be heard
 * once more `instead` of the mention that it was a copy of.
 */
export async function hear(prm: AnyPrm, scope: Scope, event: Seen, by: Hearing, instead?: string): Promise<boolean> {
  const { who, data, source, key } = event
  if (who?.scheme !== 'post') return false
  const post = { value: who.value, ...(who.realm !== undefined && { realm: who.realm }) }
  const id = idOf(post)
  const own = (await scope.get('conversation', id))?.value
  const standing = own && mentionOf(own)
  if (data.gone || standing?.gone || own?.context.emptied === events.taken.name) {
    await takenBack(prm, scope, id, own, event, post)
    // What others say in the same words still stands: the first of them for the rest.
    let fresh = false
    for (const copy of own ? await copiesOf(scope, id) : []) fresh = (await hear(prm, scope, copy, by, id)) || fresh
    return fresh
  }

  const language = data.language ?? by.language(data.text)
  const follows = data.inReplyTo === undefined ? undefined : await ours(scope, source, data.inReplyTo)
  const told: Post = {
    text: data.text,
    source,
    ...(data.title !== undefined && { title: data.title }),
    ...(data.url !== undefined && { url: data.url }),
    ...(language !== undefined && { language }),
    ...(data.place !== undefined && { place: data.place }),
    ...(data.query !== undefined && { query: data.query }),
    ...(data.addressed && { addressed: true }),
    follows: follows !== undefined,
  }
  const { score, pack, reasons } = by.judge(told)
  const version = versionOf(data.title, data.text)
  const voice = event.evidence?.independence ?? id
  const relevant = score >= by.threshold
  const read: Advice = advice(told, relevant, by.tone)
  const due = by.due(new Date((instead === undefined && event.seen) || prm.now()), read.urgency)
  const figures = {
    post: id,
    version,
    source,
    ...(pack !== undefined && { pack }),
    ...(data.query !== undefined && { query: data.query }),
    score,
    sentiment: read.tone.sentiment,
    suggested: read.suggested,
    urgency: read.urgency,
    due,
    ...(event.at !== undefined && { at: event.at }),
  }
  const ref = instead === undefined ? nameOf(event) : `${nameOf(event)} instead of ${instead}`
  const note = (shown: events.Scored['shown'], conversationId?: string): Interaction => ({
    ...fact(events.scored.name, ref),
    ...(conversationId !== undefined && { conversationId }),
    data: { ...figures, shown, ...(standing && { edited: true as const }) },
  })
  const drawing = sketch(data.text, by.own)
  if (!own) {
    const drawn = !relevant && drawnFor(id, by)
    if (!relevant && !drawn) {
      await prm.record([note('no')])
      return false
    }
    const same = relevant ? await sameAs(scope, id, event, drawing, by) : undefined
    if (same !== undefined) {
      const copy = {
        post: id,
        voice,
        ...(data.url !== undefined && { url: data.url }),
        ...(drawing !== undefined && { sketch: drawing }),
      }
      await prm.record([
        { ...fact(events.joined.name, ref), conversationId: same, who, data: copy },
        note('copy', same),
      ])
      return false
    }
  }
  const said: Heard = {
    post,
    source,
    fact: { source, key },
    version,
    text: data.text,
    ...(data.title !== undefined && { title: data.title }),
    ...(data.url !== undefined && { url: data.url }),
    ...(language !== undefined && { language }),
    ...(data.query !== undefined && { query: data.query }),
    ...(pack !== undefined && { pack }),
    ...(data.addressed && { addressed: true }),
    ...(data.answerable && { answerable: true }),
    score,
    reasons,
    tone: read.tone,
    suggested: read.suggested,
    urgency: read.urgency,
    due,
    ...(!relevant && (!own || standing?.sample) && { sample: true }),
    ...(follows !== undefined && { follows: follows.id }),
    ...(drawing !== undefined && { sketch: drawing }),
    voice,
  }
  await prm.record([
    { ...fact(events.heard.name, nameOf(event)), conversationId: id, who, data: said },
    note(standing?.sample || (!standing && !relevant) ? 'sample' : 'yes', id),
  ])
  if (follows && !own)
    await prm.record([
      reaction(follows, nameOf(event), {
        kind: 'reply',
        author: await isAuthor(scope, follows.mention, event),
        sentiment: read.tone.sentiment,
        mention: id,
      }),
    ])
  return relevant && !own
}

export function fact(type: string, key: string): Pick<Interaction, 'source' | 'type' | 'key'> {
  return { source: 'listening', type, key: `${type.slice('listening.'.length)} ${key}` }
}

const refId = ({ source, key }: Ref): string => `${source} ${key}`
/** In keys, which outlive the post: that of a source may say whose it is. */
const nameOf = ({ source, key }: Ref): string => hash(source, key)

/** Chosen by a hash, so that a restart chooses the same ones. */
function drawnFor(id: string, { sample, seed }: Hearing): boolean {
  return (
    Number.parseInt(Buffer.from(hash(seed, id), 'base64url').toString('hex').slice(0, 8), 16) / 0x1_0000_0000 < sample
  )
}

/** The conversation of which this is one more copy: one page, or the same words as it or one of its copies. */
async function sameAs(
  scope: Scope,
  id: string,
  { data, seen = '' }: Seen,
  drawn: string | undefined,
  by: Hearing,
): Promise<string | undefined> {
  const link = linkOf(data.url)
  const since = new Date(Date.parse(seen) - by.window).toISOString()
  for (const { name: type } of [events.heard, events.joined])
    for await (const one of scope.find('interaction', { type, since, order: 'newest', limit: mostCompared })) {
      const other = one.data as Pick<Heard, 'url' | 'sketch' | 'sample'>
      const where = one.conversationId
      if (where === undefined || where === id || other.sample) continue
      const page = link !== undefined && linkOf(other.url) === link
      const words = drawn !== undefined && other.sketch !== undefined && likeness(drawn, other.sketch) >= alike
      if (!page && !words) continue
      const row = (await scope.get('conversation', where))?.value
      if (row && !mentionOf(row)?.gone) return where
    }
  return undefined
}

/** The copies of it that are still there, oldest first. */
async function copiesOf(scope: Scope, conversationId: string): Promise<readonly Seen[]> {
  const copies: Seen[] = []
  for await (const { type, who } of scope.find('interaction', { conversationId })) {
    if (type !== events.joined.name || !who) continue
    for await (const one of scope.find('interaction', { address: who, order: 'newest' }))
      if (one.type === mentionSeen.name) {
        if (!(one as Seen).data.gone && !copies.some(({ who: { value } = who }) => value === who.value))
          copies.push(one as Seen)
        break
      }
  }
  return copies
}

interface Ours {
  readonly id: string
  readonly mention: Mention
}

/** The mention that a post of ours answers. */
async function ours(scope: Scope, source: string, providerId: string): Promise<Ours | undefined> {
  for await (const { to, via } of scope.find('message', { providerId })) {
    if (via !== source || to.scheme !== 'post') continue
    const id = idOf(to)
    const row = (await scope.get('conversation', id))?.value
    const mention = row && mentionOf(row)
    if (mention) return { id, mention }
  }
  return undefined
}

async function isAuthor(scope: Scope, mention: Mention, { evidence }: Pick<Interaction, 'evidence'>): Promise<boolean> {
  const said = (await scope.get('interaction', refId(mention.fact)))?.value
  return evidence?.person !== undefined && said?.evidence?.person === evidence.person
}

function reaction(
  { id }: Ours,
  key: string,
  data: { readonly kind: string; readonly author: boolean } & { readonly [key: string]: unknown },
): Interaction {
  return { ...fact(events.reacted.name, key), conversationId: id, data }
}

/** A like or a repost of ours belongs to what it answers. */
export async function react(prm: AnyPrm, scope: Scope, event: Interaction<string, ReactionSeen>): Promise<void> {
  const of = event.who?.scheme === 'post' ? await ours(scope, event.source, event.who.value) : undefined
  if (!of || of.mention.gone) return
  const { kind, gone } = event.data
  await prm.record([
    reaction(of, nameOf(event), { kind, author: await isAuthor(scope, of.mention, event), ...(gone && { gone }) }),
  ])
}

/** Its words go from the conversation at once, and by the job that this promises from everywhere else. */
async function takenBack(
  prm: AnyPrm,
  scope: Scope,
  id: string,
  own: Conversation | undefined,
  { who, seen = '' }: Seen,
  post: Mention['post'],
): Promise<void> {
  const key = `${id} ${seen}`
  const heads = new Set<string>()
  if (who)
    for await (const { type, conversationId } of scope.find('interaction', { address: who }))
      if (type === events.joined.name && conversationId !== undefined) heads.add(conversationId)
  await prm.record([
    ...(own ? [{ ...fact(events.taken.name, key), conversationId: id, data: {} }] : []),
    ...[...heads].map((head) => ({
      ...fact(events.left.name, `${head} ${key}`),
      conversationId: head,
      data: { post: id },
    })),
    { ...fact(events.erasing.name, key), data: { post } },
  ])
}

/** Takes what is left of a post that was taken back out of the store, and our answer to it out of the network where it can be. */
export async function eraseTaken(prm: AnyPrm, { value, realm }: Mention['post']): Promise<void> {
  await prm.erase({ scheme: 'post', value, ...(realm !== undefined && { realm }) })
}
