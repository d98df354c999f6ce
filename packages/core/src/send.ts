import type { Channel } from './adapter.ts'
import {
  capsOf,
  channelsOf,
  type Draft,
  decide,
  dialable,
  type Own,
  sameAddress,
  type Told,
  whoIsTold,
  wishOf,
  written,
  zoneOf,
} from './decide.ts'
import type { Decision, Message } from './decision.ts'
import {
  addressId,
  checkJson,
  collect,
  consentsAt,
  deliverJob,
  type Engine,
  forMany,
  hash,
  lateJobs,
  leftToOthers,
  mac,
  measured,
  now,
  patronsAt,
  put,
} from './engine.ts'
import { PrmError } from './errors.ts'
import type { Send, Via } from './host.ts'
import type { Actor, Address, Content, Interaction, Patron, Ref } from './interaction.ts'
import { isRef, mostOfPart, storable, unstorableAt } from './storable.ts'
import { type Batch, type Claim, type Lease, type Put, refId, type Settled } from './store.ts'
import { glanced, names, render } from './template.ts'
import { deadline, instant, isDay, milliseconds, utc } from './time.ts'
import { forget, loadSpent, pay, sendersFor, spentBy, take, withSlots } from './timetable.ts'
import type { Notice } from './vocabulary.ts'
import type { Instant, Json } from './words.ts'

/** A send, and who asked for it. */
type Asked = Send & {
  readonly by?: Actor
  /** The conversation it answers in, and the number that the patron wrote to. */
  readonly reply?: { readonly id: string; readonly from?: Address }
}

/** Decides all of them and stores what it decided in one transaction. The answers are in the order of the sends. */
export async function sendPage(engine: Engine, sends: readonly Send[], by?: Actor): Promise<readonly Decision[]> {
  const checked = sends.map((send) => ({ ...check(engine, send), ...(by && { by }) }))
  const many = sends.length > 1 ? await forMany(engine) : engine
  const seen = new Map<string, Promise<Decision>>()
  const once = (send: Asked): Promise<Decision> => {
    const decision = seen.get(send.key) ?? sendOne(many, send)
    seen.set(send.key, decision)
    return decision
  }
  return Promise.all(checked.map(once))
}

async function sendOne(engine: Engine, send: Asked): Promise<Decision> {
  const known = await decisionOf(engine, send.key)
  if (known?.outcome.send) return known
  if (send.dryRun) return (await prepare(engine, [send], undefined, false)).decision
  if (send.digest !== undefined) return join(engine, send)
  for (;;) {
    const [prepared] = await Promise.all([prepare(engine, [send]), engine.share()])
    const [written] = await engine.scope.commit([batchOf(prepared)])
    if (written) engine.emit('decided', prepared.decision)
    if (written) return prepared.decision
    const told = await decisionOf(engine, send.key)
    if (told?.outcome.send || !forget(engine, [prepared])) return told ?? prepared.decision
  }
}

/** The decision on a send, by its key: the one to send it, be it in a digest, else the newest against it. */
export async function decisionOf(engine: Engine, key: string): Promise<Decision | undefined> {
  const decisions = await collect(engine.scope.find('decision', { about: { source: 'prm', key }, order: 'newest' }))
  return decisions.find((decision) => decision.outcome.send) ?? decisions[0]
}

// ── one decision ─────────────────────────────────────────────────────────────────────────────

export interface Prepared {
  readonly decision: Decision
  readonly message?: Message
  /** What its sender's timetable becomes by it, and the matters that it alone tells: whoever was quicker makes it fail. */
  readonly turn?: readonly Put[]
  /** Its purpose ignores quiet hours: nor does it wait behind what is due already. */
  readonly urgent?: boolean
}

/** In whose place a message is decided anew. */
export type Before = NonNullable<Own['after']> & { readonly key: string }

/**
 * Gathers what is known, writes the drafts and decides. Several sends are the members of one digest. `claimed` are the
 * matters that others decided with it tell.
 */
export async function prepare(
  engine: Engine,
  sends: readonly [Asked, ...Asked[]],
  after?: Before,
  books = true,
  claimed: Map<string, Claim> = new Map(),
): Promise<Prepared> {
  const [send] = sends
  const about = sends.flatMap((one) => one.about ?? [])
  const [found, facts] = await Promise.all([recipientOf(engine, send.to), factsOf(engine, about)])
  const branch = facts.find((fact) => fact.branch !== undefined)?.branch
  const { patron } = found
  const whose = {
    now: now(engine),
    purpose: send.purpose,
    ...(patron && { patron: regarded(engine, send.purpose, patron) }),
    ...(branch && { branch }),
  }
  const { recipient, as, addresses } = await standIn(engine, whose, found)
  const caps = capsOf(engine.shared, send.purpose)
  const [consents, claims, told] = await Promise.all([
    Promise.all(addresses.map((address) => consentsAt(engine, address))),
    Promise.all(facts.filter(isNotice).map((fact) => claimOf(engine, fact, send.key))),
    toldOf(engine, caps, (recipient ?? patron)?.id, addresses),
  ])
  const { outage } = after ?? {}
  const notices = facts.filter(isNotice)
  const asked = notices[0]?.data.medium
  const known = {
    ...whose,
    ...(recipient && as && { recipient: { ...whereabouts(recipient), as } }),
    ...(asked && { asked }),
    ...(send.via && { via: send.via }),
    ...(after && { after: { why: after.why, media: after.media, ...(outage && { outage }) } }),
  }
  const written = draftsOf(engine, sends, known, addresses, notices, recipient ?? patron, recipient && patron)
  const latest = (a: string | undefined, b: string | undefined) =>
    a === undefined || (b !== undefined && b > a) ? b : a
  const notBefore = sends.map((one) => one.notBefore).reduce(latest, undefined)
  const to = recipient ?? patron
  const zone = zoneOf(engine.options.library, { ...whose, ...(to && { patron: to }) })
  // A digest is worth something until the last of its matters is over: no notice is lost with another's deadline.
  const ends = sends.map((one) => one.expireAt)
  const expireAt = ends.reduce((a, b) => (a && b && deadline(a, zone) < deadline(b, zone) ? b : b && a))
  const rest = {
    key: send.key,
    ...known,
    addresses,
    consents: consents.flat().map(({ address, purpose, state, basis, at }) => ({ address, purpose, state, basis, at })),
    ...(told && { told }),
    ...(engine.options.only && { only: engine.options.only }),
    ...(notBefore && { notBefore }),
    ...(expireAt && { expireAt }),
    ...(send.digest !== undefined && { digest: sends.length }),
  }
  const from = send.reply?.from
  const senders = await sendersFor(engine, written, from)
  // What is only tried out is tried by what all have spent.
  if (outage) await loadSpent(engine, send.purpose, !books)
  // From here to the turn that is taken nothing else runs.
  const others = claims.flatMap(({ mine, known = claimed.get(mine.id) }) =>
    known?.about && refId(known.about) !== refId(mine.about) ? [{ source: 'prm', key: known.key }] : [],
  )
  const turns = withSlots(engine, rest, written, senders)
  const drafts = from ? turns.map((draft) => ({ ...draft, from })) : turns
  const own: Own = {
    ...rest,
    ...(others[0] && { earlier: others[0] }),
    ...(outage && { spent: spentBy(engine, send.purpose) }),
    drafts: drafts.map(({ content: _, ...draft }) => draft as Draft),
  }
  const { outcome, reasons } = decide(engine.shared, own)
  const decision: Decision = {
    key: send.key,
    keys: sends.map((one) => one.key),
    at: own.now,
    ...(patron && { patronId: patron.id }),
    ...(recipient && { recipient: recipient.id }),
    ...(after && { after: { source: 'prm', key: after.key } }),
    about,
    purpose: send.purpose,
    outcome,
    reasons,
    inputs: { shared: engine.sharedId, own: own as unknown as Json },
    ...(send.by && { by: send.by }),
  }
  // A digest that waits for one of its sends, until another is over, is not told as one.
  const late = ends.some((end) => end && outcome.send && deadline(end, zone) <= Date.parse(outcome.notBefore))
  if (!outcome.send || late) return { decision }
  const draft = drafts.find((one) => one.via === outcome.via && sameAddress(one.to, outcome.to))
  const slot = draft && 'measure' in draft && draft.slot
  const { send: _, cost, ...way } = outcome
  const { fallback, failover, minor } = engine.options.purposes[send.purpose] ?? {}
  // Who is told, by what, and of what is still true, may be another at release.
  const other =
    (fallback ?? failover) !== undefined || (minor !== undefined && minor !== 'patron') || recipient !== undefined
  const keeps = !send.reply && (other || sends.some(({ recheck }) => recheck !== undefined))
  const message: Message = {
    key: send.key,
    ...(patron && { patronId: patron.id }),
    ...(recipient && { recipient: recipient.id }),
    decision: send.key,
    purpose: send.purpose,
    ...way,
    ...(slot && { slot }),
    content: draft?.content as Content,
    ...(keeps && { sends: sends as unknown as readonly Json[] }),
    ...(send.reply && { conversationId: send.reply.id }),
    ...(branch && { branch }),
    ...(send.bulk !== undefined && { bulk: send.bulk }),
    state: 'planned',
    attempts: [],
  }
  const claim = claims.flatMap(({ mine, known }) => (known ? [] : [put('claim', mine, 0)]))
  for (const { mine } of claims) claimed.set(mine.id, mine)
  const around = outage && cost && way.via !== outage.of
  const paid = books && around ? pay(engine, send.purpose, Date.parse(way.notBefore), cost.micros) : []
  const turn = [...(books ? take(engine, message) : []), ...paid, ...claim]
  return { decision, message, turn, urgent: engine.options.purposes[send.purpose]?.quiet === 'ignore' }
}

/** So long before all else that is due; a job of 1970 would be past any retention that counts from when it is due. */
const aheadMs = milliseconds('366d')

/** Decision, message and the job that sends it: all or, where one of its sends was decided to go meanwhile, nothing. */
export function batchOf({ decision, message, turn = [], urgent = false }: Prepared, version?: number): Batch {
  const { key, keys, at } = decision
  const due = message?.notBefore ?? at
  // Of what is due the oldest goes first.
  const runAt = urgent && due <= at ? instant(Date.parse(at) - aheadMs) : due
  const puts: Put[] = [put('decision', decision, version), ...turn]
  if (message) puts.push(put('message', message))
  for (const id of keys.slice(1)) puts.push(put('claim', { id, at, key }))
  return {
    unless: keys.flatMap((id) => [{ kind: 'message', id } as const, { kind: 'claim', id } as const]),
    put: puts,
    ...(message && {
      jobs: [deliverJob(key, message.to, runAt), ...lateJobs(key, at, due)],
    }),
  }
}

export function whereabouts({
  id,
  timeZone,
  branch,
  preferences,
  quiet,
}: Patron): Omit<NonNullable<Own['recipient']>, 'as'> {
  return {
    id,
    ...(timeZone && { timeZone }),
    ...(branch && { branch }),
    ...(preferences && { preferences }),
    ...(quiet && { quiet }),
  }
}

/** Of a patron's person no more than the rules of this purpose look at: it is stored with the decision. */
export function regarded({ options }: Engine, name: string, patron: Patron): NonNullable<Own['patron']> {
  const { birthDate, category, expires, blocks } = patron
  const { minor, class: kind, not } = options.purposes[name] ?? { class: 'service' }
  const minors = minor ? minor !== 'patron' : kind === 'promotional'
  return {
    ...whereabouts(patron),
    ...(birthDate && minors && { birthDate }),
    ...(category && (minors || not?.categories) && { category }),
    ...(expires && not?.expired && { expires }),
    ...(blocks && (not?.blocks || not?.expired) && { blocks }),
  }
}

/**
 * Who is told in the patron's place: a minor's guardian where the purpose says so, who acts for them where they have no
 * address at all. The first who can be reached, as their source names them.
 */
export async function standIn(
  engine: Engine,
  whose: Pick<Own, 'patron' | 'branch' | 'now' | 'purpose'>,
  { patron, addresses }: { readonly patron?: Patron; readonly addresses: readonly Address[] },
): Promise<{ recipient?: Patron; as?: 'guardian' | 'proxy'; addresses: readonly Address[] }> {
  const told = whoIsTold(engine.shared, whose)
  const as = told === 'guardian' ? told : told === 'patron' && addresses.length === 0 ? 'proxy' : undefined
  if (as)
    for (const { kind, patronId } of patron?.relations ?? []) {
      const recipient =
        kind === as && patronId !== patron?.id ? (await engine.scope.get('patron', patronId))?.value : undefined
      const theirs = recipient ? reachable(recipient) : []
      if (recipient && theirs.length > 0) return { recipient, as, addresses: theirs }
    }
  return { addresses }
}

/**
 * When else this person was told, or is to be, as far back as a cap looks; nothing is read where there is none. With
 * `before`, of what is only planned no more than what comes before it: of two that are due at once, one waits.
 */
export async function toldOf(
  engine: Engine,
  caps: ReturnType<typeof capsOf>,
  id: string | undefined,
  addresses: readonly Address[],
  before?: Message,
): Promise<readonly Told[] | undefined> {
  if (caps.length === 0) return undefined
  const from = engine.now().getTime() - Math.max(...caps.map(({ ms }) => ms))
  const since = instant(from - plannedMs)
  const queries = [...addresses.map((address) => ({ address, since })), ...(id ? [{ patronId: id, since }] : [])]
  const found = await Promise.all(queries.map((query) => collect(engine.scope.find('message', query))))
  const messages = new Map(found.flat().map((message) => [message.key, message]))
  return [...messages.values()].flatMap((message) => {
    const { key, purpose, state, attempts, notBefore, confirms, recipient = message.patronId } = message
    if (recipient !== id || confirms || key === before?.key || untold.has(state)) return []
    const isLater = before && `${notBefore} ${key}` > `${before.notBefore} ${before.key}`
    if (state === 'planned') return isLater ? [] : [{ at: notBefore, purpose }]
    const at = attempts.at(-1)?.at ?? notBefore
    return Date.parse(at) > from ? [{ at, purpose }] : []
  })
}
export const untold: ReadonlySet<Message['state']> = new Set(['cancelled', 'expired', 'rejected', 'undelivered'])
/** How long before it may go a message is planned at most, where caps look for it. */
const plannedMs = milliseconds('400d')

/** Who is meant, and every address that could reach them. Two patrons at one address are nobody in particular. */
async function recipientOf(
  engine: Engine,
  to: string | Address,
): Promise<{ patron?: Patron; addresses: readonly Address[] }> {
  if (typeof to === 'string') {
    const found = await engine.scope.get('patron', to)
    if (!found)
      throw new PrmError('invalid', 'No patron has this id: give the id of a patron, or an address.', { field: 'to' })
    return { patron: found.value, addresses: reachable(found.value) }
  }
  const [patron, another] = await patronsAt(engine, to)
  const one = patron && !another ? { patron } : {}
  if (to.scheme !== 'ils') return { ...one, addresses: [to] }
  return { ...one, addresses: patron && !another ? reachable(patron) : [] }
}

/** Each address once, that of the source which changed its mind last first; a card number reaches nobody. */
export function reachable(patron: Patron): readonly Address[] {
  const byId = new Map<string, Address>()
  const newest = [...patron.identities].sort((a, b) => (a.seenAt < b.seenAt ? 1 : a.seenAt > b.seenAt ? -1 : 0))
  for (const { scheme, value, realm } of newest)
    if (scheme !== 'ils')
      byId.set(addressId({ scheme, value, ...(realm && { realm }) }), { scheme, value, ...(realm && { realm }) })
  return [...byId.values()]
}

export async function factsOf(engine: Engine, about: readonly Ref[]): Promise<readonly Interaction[]> {
  const found = await Promise.all(about.map((ref) => engine.scope.get('interaction', refId(ref))))
  return found.flatMap((row) => (row ? [row.value] : []))
}

export function isNotice(fact: Interaction): fact is Interaction<'notice', Notice> {
  return fact.type === 'notice'
}

/** The claim on what a notice tells, be it by webhook, poll or file: its matter, kind and date. And who has it already. */
async function claimOf(engine: Engine, fact: Interaction<'notice', Notice>, key: string): Promise<Claimed> {
  const { source, key: told, data } = fact
  const mine = { id: claimId(data), at: now(engine), key, about: { source, key: told } }
  return { mine, known: (await engine.scope.get('claim', mine.id))?.value }
}
interface Claimed {
  readonly mine: Claim & { readonly about: Ref }
  readonly known: Claim | undefined
}

/** The claims that facts like this one make. */
export function claimsBy(fact: Interaction): readonly { readonly kind: 'claim'; readonly id: string }[] {
  return isNotice(fact) ? [{ kind: 'claim', id: claimId(fact.data) }] : []
}

function claimId({ matter, kind, level = 0, items }: Notice): string {
  return hash(matter, kind, String(level), ...items.map((item) => item.collectBy ?? item.due ?? ''))
}
// ── drafts ───────────────────────────────────────────────────────────────────────────────────

/** What the text comes to on every channel and address in question. */
function draftsOf(
  engine: Engine,
  sends: readonly [Asked, ...Asked[]],
  known: Pick<Own, 'asked' | 'purpose' | 'via' | 'patron' | 'recipient' | 'branch' | 'after'>,
  addresses: readonly Address[],
  notices: readonly Interaction<'notice', Notice>[],
  patron: Patron | undefined,
  whose: Patron | undefined,
): readonly (Draft & { readonly content?: Content })[] {
  const { library, purposes, adapters } = engine.options
  const purpose = purposes[known.purpose]
  if (!purpose) return []
  const { media, rest } = wishOf(engine.shared, known, purpose)
  const locale = patron?.locale ?? notices.find((one) => one.data.language)?.data.language ?? library.locale
  return channelsOf(engine.shared, known)
    .filter(({ medium }) => media.includes(medium) || rest.includes(medium))
    .flatMap((channel) => {
      const to = addresses.filter((address) => channel.schemes.includes(address.scheme) && dialable(address))
      const facet = adapters[channel.id]?.channel
      if (to.length === 0 || !facet) return []
      const via = viaOf(engine, channel.id, facet, locale, patron, whose)
      const content = contentOf(engine, sends, via, notices)
      return to.map((address) =>
        'refused' in content
          ? { via: via.id, to: address, ...content }
          : { via: via.id, to: address, measure: measured(facet, content, address), content },
      )
    })
}

export function viaOf(
  engine: Pick<Engine, 'options'>,
  id: string,
  { medium, exposure }: Channel,
  locale: string,
  patron?: Patron,
  whose?: Patron,
): Via {
  const titles = (exposure === 'private' && !whose) || engine.options.library.titles === 'anywhere'
  return { id, medium, exposure, locale, titles, ...(patron && { patron }), ...(whose && { whose }) }
}

function contentOf(
  engine: Engine,
  sends: readonly [Asked, ...Asked[]],
  via: Via,
  notices: readonly Interaction<'notice', Notice>[],
): Content | { refused: 'template' | 'exposure'; detail: string } {
  const [{ content, digest }] = sends
  if ('template' in content) {
    const template = engine.options.templates?.[content.template]
    if (!template) return { refused: 'template', detail: `There is no template "${content.template}".` }
    const data = sends.map((one) => ('template' in one.content ? one.content.data : null))
    return render(content.template, template, digest === undefined ? data[0] : data, via)
  }
  const titles = notices.flatMap(({ data }) => data.items.flatMap((item) => item.title ?? []))
  if (engine.options.library.titles !== 'anywhere' && names(glanced(content, via), titles))
    return { refused: 'exposure', detail: 'It names a title where others may see it.' }
  return content
}

// ── digests ──────────────────────────────────────────────────────────────────────────────────

/** Adds this send to the open digest of its recipient, purpose and word, and promises that somebody closes it. */
async function join(engine: Engine, send: Asked): Promise<Decision> {
  const to = typeof send.to === 'string' ? send.to : addressId(send.to)
  await recipientOf(engine, send.to)
  // Keyed, since its row stays: it must not tell who is behind it.
  const words = 'template' in send.content ? send.content.template : ''
  const word = hash(to, send.purpose, send.digest ?? '', words, ...(send.bulk === undefined ? [] : [send.bulk]))
  const id = mac(await engine.secret(), word)
  const at = now(engine)
  for (;;) {
    const open = await engine.scope.get('digest', id)
    const { version = 0, value: { sends } = { sends: [] as readonly Json[] } } = open ?? {}
    const others = sends.filter((one) => (one as unknown as Asked).key !== send.key)
    const digest = { id, sends: [...others, send as unknown as Json] }
    // Who comes first promises the closing, under a key of its own: that of the last closing may not be over yet.
    const job = {
      key: `digest:${id} ${version}`,
      name: 'digest',
      group: `digest ${id}`,
      runAt: at,
      payload: { id, at },
    }
    const jobs = sends.length === 0 ? [job] : []
    const [written] = await engine.scope.commit([{ put: [put('digest', digest, version)], jobs }])
    if (written) break
  }
  const reasons = [
    { rule: 'digest', verdict: 'defer', detail: 'It waits for the others of this run, to be told in one message.' },
  ] as const
  return {
    key: send.key,
    keys: [send.key],
    at,
    about: send.about ?? [],
    purpose: send.purpose,
    outcome: { send: false, why: 'digest' },
    reasons,
    inputs: { shared: engine.sharedId, own: null },
  }
}

/** How long a digest waits, while facts still come in, before it asks again whether they are all there. */
const gatherMs = milliseconds('1s')
/** One slow flow, or one long file, does not hold up what others wait to be told. */
const patienceMs = milliseconds('30s')

/**
 * Decides a digest once nothing else is due that could add to it. Members that alone would be decided against are decided
 * against alone; the rest become one message, or several where one would be too long.
 */
export async function closeDigest(engine: Engine, lease: Lease, waits: boolean): Promise<Settled> {
  const { id, at } = lease.job.payload as { id: string; at: Instant }
  const patient = engine.now().getTime() < Date.parse(at) + patienceMs
  if (waits && patient && (await gathering(engine)))
    return { outcome: { release: true, runAt: new Date(engine.now().getTime() + gatherMs).toISOString() } }
  const open = await engine.scope.get('digest', id)
  const sends = (open?.value.sends ?? []) as unknown as readonly Asked[]
  const others = knows(engine, sends) ? undefined : leftToOthers(engine, at)
  if (others) return others
  const fresh: Asked[] = []
  const versions = new Map<string, number>()
  for (const send of sends) {
    versions.set(send.key, (await engine.scope.get('decision', send.key))?.version ?? 0)
    if (!(await decisionOf(engine, send.key))?.outcome.send) fresh.push(send)
  }
  const [prepared] = await Promise.all([decideDigest(engine, fresh), engine.share()])
  // The closing counts only if nobody joined meanwhile, and no member was told alone: either makes it start over.
  const close: Batch = { put: [put('digest', { id, sends: [] }, open?.version ?? 0)] }
  const whole = merge([close, ...prepared.map((one) => batchOf(one, versions.get(one.decision.key)))])
  const [written] = await engine.scope.commit([whole])
  forget(engine, written ? prepared.slice(1) : prepared)
  if (!written) return { outcome: { release: true } }
  for (const { decision } of prepared) engine.emit('decided', decision)
  return { outcome: { done: true } }
}

/** This host has all that these sends name. */
export function knows({ options }: Engine, sends: readonly Send[]): boolean {
  const { purposes, unwritten, templates = {} } = options
  return sends.every(
    ({ purpose, content }) =>
      (Object.hasOwn(purposes, purpose) || unwritten.includes(purpose)) &&
      (!('template' in content) || Object.hasOwn(templates, content.template)),
  )
}

async function decideDigest(engine: Engine, sends: readonly Asked[]): Promise<readonly Prepared[]> {
  const only = sends.length === 1
  const claimed = new Map<string, Claim>()
  const alone = await Promise.all(
    sends.map(async (send) => ({ send, prepared: await prepare(engine, [send], undefined, only, claimed) })),
  )
  const against = alone.filter(({ prepared }) => !prepared.message).map(({ prepared }) => prepared)
  // Who is to be called is not texted with the others.
  const ways = Map.groupBy(
    alone.filter(({ prepared }) => prepared.message),
    ({ prepared: { message } }) => `${message?.via} ${message && addressId(message.to)}`,
  )
  const told = [...ways.values()].map((way) =>
    way.length === 1 && (only || !way[0]?.prepared.message?.slot)
      ? way.map(({ prepared }) => prepared)
      : tell(engine, way.map(({ send }) => send) as [Asked, ...Asked[]]),
  )
  return [...against, ...(await Promise.all(told)).flat()]
}

/** Of several turns at one sender the last holds them all; it is written on what the first was. */
export function merge(batches: readonly Batch[]): Batch {
  const puts = batches.flatMap(({ put = [] }) => put)
  const turns = puts.filter((one) => one.kind === 'sender').sort((a, b) => Number(a.ifVersion) - Number(b.ifVersion))
  const merged = [...Map.groupBy(turns, ({ value }) => value.id).values()].flatMap((of) =>
    of.slice(-1).map(({ value }) => put('sender', value, of[0]?.ifVersion)),
  )
  const rest = puts.filter(({ kind }) => kind !== 'sender')
  const [unless, jobs] = [batches.flatMap((one) => one.unless ?? []), batches.flatMap((one) => one.jobs ?? [])]
  return { unless, put: [...rest, ...merged], jobs }
}

/** One message for all, or halves until each fits. */
export async function tell(
  engine: Engine,
  sends: readonly [Asked, ...Asked[]],
  after?: Before,
): Promise<readonly Prepared[]> {
  const prepared = await prepare(engine, sends, after)
  if (prepared.message || sends.length === 1) return [prepared]
  const middle = Math.ceil(sends.length / 2)
  const halves = [sends.slice(0, middle), sends.slice(middle)] as unknown as readonly (readonly [Asked, ...Asked[]])[]
  return (await Promise.all(halves.map((half) => tell(engine, half, after)))).flat()
}

/** Facts are still being read, or wait for their flows: what they send may belong to an open digest. */
async function gathering(engine: Engine): Promise<boolean> {
  const names = [...[...engine.flows.keys()].map((name) => `flow:${name}`), ...pullNames(engine)]
  for await (const _ of engine.scope.jobs({ state: 'active', names, limit: 1 })) return true
  for await (const job of engine.scope.jobs({ state: 'waiting', names, limit: 1 })) return job.runAt <= now(engine)
  return false
}

export function pullNames(engine: Engine): readonly string[] {
  return Object.entries(engine.options.adapters).flatMap(([id, adapter]) => (adapter.feed ? [`pull:${id}`] : []))
}

// ── what a caller may get wrong ──────────────────────────────────────────────────────────────

export function check(engine: Engine, send: Send): Send {
  const wrong = (field: string, expected: string) =>
    new PrmError('invalid', `send: ${field} must be ${expected}.`, { field })
  if (!storable(send.key, mostOfPart))
    throw wrong('key', `a text of ${mostOfPart} bytes at the most that names this message for ever`)
  if (send.key.endsWith(' again'))
    throw wrong('key', 'one that does not end in " again": those are of what is told another way')
  if (typeof send.to !== 'string') {
    // Who has none is decided against.
    const fault = send.to?.value === '' ? undefined : unstorableAt(send.to)
    if (fault)
      throw wrong(send.to ? `to.${fault.field}` : 'to', send.to ? fault.expected : "a patron's id or an address")
  }
  if (typeof send.content !== 'object' || send.content === null) throw wrong('content', 'a text or a template')
  if (!Object.hasOwn(engine.options.purposes, send.purpose) && !engine.options.unwritten.includes(send.purpose))
    throw wrong('purpose', `one of ${Object.keys(engine.options.purposes).join(', ')}`)
  if ('template' in send.content && !Object.hasOwn(engine.options.templates ?? {}, send.content.template))
    throw wrong(
      'content.template',
      `one of ${Object.keys(engine.options.templates ?? {}).join(', ') || 'the templates of createPrm, which has none'}`,
    )
  if (!('template' in send.content)) {
    const { text, media } = send.content
    if (typeof text !== 'string' || (!text.trim() && !media?.length))
      throw wrong('content.text', 'a text that is not empty, or there must be media')
  }
  if (send.digest !== undefined && !('template' in send.content))
    throw wrong('content', 'a template, since a digest is written anew from the data of all')
  const notBefore = utc(send.notBefore)
  if (send.notBefore !== undefined && !notBefore)
    throw wrong('notBefore', 'an instant such as 2026-11-24T10:00:00.000Z')
  const expireAt = isDay(send.expireAt) ? send.expireAt : utc(send.expireAt)
  if (send.expireAt !== undefined && !expireAt)
    throw wrong('expireAt', 'an instant such as 2026-11-24T10:00:00.000Z, or a day such as 2026-11-24')
  for (const field of ['digest', 'bulk'] as const)
    if ((send[field] ?? '') !== '' && !storable(send[field], mostOfPart))
      throw wrong(field, `a text of ${mostOfPart} bytes at the most`)
  if (send.about !== undefined && !(Array.isArray(send.about) && send.about.every(isRef)))
    throw wrong('about', 'a list of facts, each with its source and key')
  for (const id of send.via ?? [])
    if (!engine.options.adapters[id]?.channel) throw wrong('via', `adapters with a channel; "${id}" is none`)
  const rechecks = Object.keys(engine.options.rechecks ?? {})
  if (send.recheck !== undefined && !rechecks.includes(send.recheck))
    throw wrong('recheck', `one of ${rechecks.join(', ') || 'the rechecks of createPrm, which has none'}`)
  if ('template' in send.content) checkJson(send.content.data, 'send', 'content.data')
  // A whole fact may be given where a reference is enough; what it says of items stays out of decisions.
  const about = send.about && { about: send.about.map(({ source, key }) => ({ source, key })) }
  const times = { ...(notBefore && { notBefore }), ...(expireAt && { expireAt }) }
  return { ...send, ...times, ...(typeof send.to !== 'string' && { to: written(send.to) }), ...about }
}
