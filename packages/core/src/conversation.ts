import { sameAddress } from './decide.ts'
import type { Decision, Message } from './decision.ts'
import { collect, type Engine, mac, now, put } from './engine.ts'
import { PrmError } from './errors.ts'
import type { Prm } from './host.ts'
import type { Actor, Address, Content, Conversation, Interaction, Patron, Question, Ref } from './interaction.ts'
import { noted, sentFact } from './people.ts'
import { batchOf, check, decisionOf, factsOf, isNotice, prepare, untold } from './send.ts'
import { type Put, refId, type Settled } from './store.ts'
import { instant, localDay, milliseconds } from './time.ts'
import { forget } from './timetable.ts'
import { type Folded, type MessageReceived, messageReceived, type Notice, type NoticeKind } from './vocabulary.ts'
import type { Instant, Json } from './words.ts'

// ── what a text answers ──────────────────────────────────────────────────────────────────────

type NoticeFact = Interaction<'notice', Notice>

/** The message that a text answers, and what that tells of; or no message, and the matters it may be about. */
export interface Answered {
  readonly message?: Message
  readonly matters: readonly NoticeFact[]
}

/** How long after a message an answer is taken to be one to it. */
const answerMs = milliseconds('14d')
const most = 20

/**
 * What a text without a thread answers: our own last word, where that was part of an exchange; else the one notice that is
 * still open for that address. Where two are, or several patrons were told something there, it is bound to none.
 */
export async function answeredBy(engine: Engine, fact: Interaction): Promise<Answered> {
  if (fact.about) {
    const named = fact.about.source === 'prm' ? await engine.scope.get('message', fact.about.key) : undefined
    return named ? { message: named.value, matters: await noticesOf(engine, named.value) } : { matters: [] }
  }
  const sent = await handedOver(engine, fact)
  const last = sent.reduce<Message | undefined>((a, b) => (a && handed(a) >= handed(b) ? a : b), undefined)
  if (!last || last.conversationId !== undefined) return { ...(last && { message: last }), matters: [] }
  const told = sent.filter((one) => one.conversationId === undefined)
  const several = told.some((one) => one.patronId !== last.patronId)
  const ofLast = await noticesOf(engine, last)
  if (ofLast.length === 0 && !several) return { message: last, matters: [] }
  const open: { message: Message; matters: readonly NoticeFact[] }[] = []
  for (const message of told.slice(0, most)) {
    const matters: NoticeFact[] = []
    for (const one of await noticesOf(engine, message)) if (await isOpen(engine, one)) matters.push(one)
    if (matters.length > 0) open.push({ message, matters })
  }
  const all = new Map(open.flatMap(({ matters }) => matters.map((one) => [one.data.matter, one] as const)))
  const one = open.find(({ matters }) => new Set(matters.map(({ data }) => data.matter)).size === all.size)
  if (one) return one
  return all.size === 0 && !several ? { message: last, matters: ofLast } : { matters: [...all.values()] }
}

/** What went to that address on this way, newest first. */
async function handedOver({ scope, now }: Engine, { who, to, source }: Interaction): Promise<readonly Message[]> {
  if (!who) return []
  const since = instant(now().getTime() - answerMs)
  const sent = await collect(scope.find('message', { address: who, since, order: 'newest' }))
  return sent.filter(
    ({ via, confirms, attempts, state, from }) =>
      via === source &&
      !confirms &&
      attempts.length > 0 &&
      state !== 'planned' &&
      !untold.has(state) &&
      !(to && from && !sameAddress(to, from)),
  )
}

function handed({ attempts }: Message): Instant {
  return attempts.at(-1)?.at ?? ''
}

async function noticesOf(engine: Engine, { decision }: Message): Promise<readonly NoticeFact[]> {
  const about = (await engine.scope.get('decision', decision))?.value.about ?? []
  return (await factsOf(engine, about)).filter(isNotice)
}

const ends: ReadonlySet<NoticeKind> = new Set(['hold-cancelled', 'check-out', 'check-in', 'renewed'])

/** Whether there is still something to say of its matter: nothing ended it, and the day to collect is not over. */
async function isOpen(engine: Engine, { data }: NoticeFact): Promise<boolean> {
  const today = localDay(engine.now().getTime(), engine.options.library.timeZone)
  if (data.items.length > 0 && data.items.every(({ collectBy }) => collectBy !== undefined && collectBy < today))
    return false
  const latest = await collect(engine.scope.find('interaction', { matter: data.matter, order: 'newest', limit: 1 }))
  return !latest.some((one) => isNotice(one) && ends.has(one.data.kind))
}

// ── what a fact makes of its conversation ────────────────────────────────────────────────────

/** How many unanswered texts and past questions a conversation names: whoever writes a thousand is one line of a list. */
const mostNamed = 50

/** The fact in its conversation, and what that is by it: written together. */
export async function placed(
  engine: Engine,
  fact: Interaction,
  answered: Answered | undefined,
): Promise<{ readonly fact: Interaction; readonly puts: readonly Put[] }> {
  if (fact.type === messageReceived.name && (fact.who || fact.thread !== undefined))
    return received(engine, fact as Interaction<string, MessageReceived>, answered ?? { matters: [] })
  const id = fact.conversationId
  const fold = engine.types.get(fact.type)?.fold
  // What it was told again makes nothing new of it.
  if (id === undefined || !fold || (await engine.scope.get('interaction', refId(fact)))) return { fact, puts: [] }
  const row = await engine.scope.get('conversation', id)
  const folded = fold(row?.value, fact)
  const whose = fact.patronId ?? folded.patronId
  return {
    fact: whose === undefined ? fact : { ...fact, patronId: whose },
    puts: [put('conversation', turned(engine, id, row?.value, folded), row?.version ?? 0)],
  }
}

function turned(engine: Engine, id: string, before: Conversation | undefined, folded: Folded): Conversation {
  const told = folded.since === before?.since ? undefined : folded.since
  const since = told ?? (before && before.state === folded.state ? before.since : now(engine))
  return { ...folded, id, since, turn: (before?.turn ?? 0) + 1 }
}

async function received(
  engine: Engine,
  fact: Interaction<string, MessageReceived>,
  { message, matters }: Answered,
): ReturnType<typeof placed> {
  const { optOut, confirmed, content } = fact.data
  const { id, row } = await threadOf(engine, fact, message)
  // Core or the provider has answered it.
  const settled = confirmed === true || optOut === 'stop' || optOut === 'start'
  if (settled) return { fact: row ? { ...fact, conversationId: id } : fact, puts: [] }
  const before = row?.value
  const goesOn = before?.questions.at(-1)?.closed === undefined
  const [first = ''] = content.text.trim().split('\n')
  // What is asked anew is about something else; and half of a pair of surrogates is no text.
  const subject = (goesOn && before?.subject) || content.subject || first.slice(0, 80).replace(/[\ud800-\udbff]$/, '')
  const folded: Folded = {
    tags: [],
    source: fact.source,
    ...(fact.thread !== undefined && { thread: fact.thread }),
    ...(fact.who && { who: fact.who }),
    ...(fact.to && { to: fact.to }),
    ...before,
    last: { source: fact.source, ...(fact.who && { who: fact.who }), ...(fact.to && { to: fact.to }) },
    ...((before?.patronId ?? fact.patronId) !== undefined && {
      patronId: before?.patronId ?? (fact.patronId as string),
    }),
    ...(subject && { subject }),
    state: 'open',
    heard: (before?.turn ?? 0) + 1,
    pending: [...(before?.pending ?? []), { source: fact.source, key: fact.key }].slice(-mostNamed),
    ...askedAgain(engine, before),
    context: contextOf(engine, before, matters),
  }
  return {
    fact: { ...fact, conversationId: id },
    puts: [put('conversation', turned(engine, id, before, folded), row?.version ?? 0)],
  }
}

/** A question that is not closed goes on. */
function askedAgain(engine: Engine, before: Conversation | undefined): Pick<Conversation, 'questions'> {
  const { questions = [] } = before ?? {}
  const last = questions.at(-1)
  return { questions: last && !last.closed ? questions : [...questions, { asked: now(engine) }].slice(-mostNamed) }
}

type Row = { readonly value: Conversation; readonly version: number } | undefined

/**
 * What it is part of: the thread that its source names; else what it answers; else what is not closed between the two
 * addresses. A text after a closed one that answers nothing begins another.
 */
async function threadOf(
  engine: Engine,
  { source, thread, who, to, patronId }: Interaction,
  answers: Message | undefined,
): Promise<{ readonly id: string; readonly row: Row }> {
  const idOf = async (...parts: readonly string[]): Promise<string> =>
    mac(await engine.secret(), JSON.stringify(['conversation', source, ...parts])).slice(0, 22)
  if (thread !== undefined) return followed(engine, await idOf(thread))
  const from = who as Address
  const said = answers?.conversationId === undefined ? undefined : await followed(engine, answers.conversationId)
  // What was said to them in somebody else's, while the two were merged, is not where they go on.
  if (said?.row?.value.who && sameAddress(said.row.value.who, from)) return said
  const here = (one: Conversation): boolean =>
    one.source === source && one.thread === undefined && (!to || !one.to || sameAddress(one.to, to))
  const all = (await collect(engine.scope.find('conversation', { address: from, order: 'newest' }))).filter(here)
  const theirs = ({ patronId: id }: Conversation) => id === undefined || patronId === undefined || id === patronId
  for (const one of all.filter(theirs)) {
    const found = await followed(engine, one.id)
    if (found.row && found.row.value.state !== 'closed') return found
  }
  // Of two texts that come at once, both begin the same one, and the second finds that it is there.
  return followed(engine, await idOf(to?.value ?? '', from.value, String(all.length), all[0]?.id ?? ''))
}

/** A conversation, or that which it was merged into. */
async function followed(engine: Engine, id: string): Promise<{ readonly id: string; readonly row: Row }> {
  for (let at = id, hops = 0; ; hops++) {
    const row = await engine.scope.get('conversation', at)
    if (row?.value.into === undefined || hops === 10) return { id: at, row }
    at = row.value.into
  }
}

/**
 * What staff need to see of the notice that is answered, or of each that may be; titles only where all may see them. What
 * was asked before is not over because a text seems to answer something else.
 */
function contextOf({ options }: Engine, before: Conversation | undefined, matters: readonly NoticeFact[]): Context {
  const about = ({ source, key, branch, data }: NoticeFact): Context => ({
    notice: { source, key },
    kind: data.kind,
    ...((branch ?? data.pickup) !== undefined && { branch: branch ?? (data.pickup as string) }),
    items: data.items.map(({ id, title, due, collectBy }) => ({
      ...(id !== undefined && { id }),
      ...((collectBy ?? due) !== undefined && { day: collectBy ?? (due as string) }),
      ...(title !== undefined && options.library.titles === 'anywhere' && { title }),
    })),
  })
  const { notice, kind, branch, items, matters: several, ...rest } = before?.context ?? {}
  const earlier = (several ?? (notice ? [{ notice, kind, branch, items }] : [])) as readonly Context[]
  const all = [...earlier, ...matters.map(about)].map((one) => JSON.stringify(one))
  const [first, ...others] = [...new Set(all)].map((one) => JSON.parse(one) as Context)
  return {
    ...rest,
    ...(others.length === 0 ? first : { matters: [first as Context, ...others].slice(0, mostMatters) }),
  }
}
type Context = { readonly [key: string]: Json }
const mostMatters = 9

// ── answering ────────────────────────────────────────────────────────────────────────────────

/** Decides and stores the answer with what the conversation is by it: of two at once, the second sees the first. */
export async function reply(
  engine: Engine,
  by: Actor,
  conversationId: string,
  content: Content,
  { key, purpose, answers, seen }: Parameters<Prm['reply']>[2],
): ReturnType<Prm['reply']> {
  for (;;) {
    const known = await decisionOf(engine, key)
    if (known?.outcome.send) return { ...(await withMessage(engine, known)), fresh: false }
    const { id, row } = await followed(engine, conversationId)
    if (!row) throw new PrmError('not_found', 'There is no conversation of this id.', { field: 'conversationId' })
    const before = row.value
    const { source, who, to } = before.last ?? before
    if (!who || !engine.options.adapters[source]?.channel)
      throw new PrmError('invalid', `reply: nothing can be sent by "${source}": it has no channel here.`, {
        field: 'conversationId',
      })
    if (seen !== undefined && Math.max(before.replied ?? 0, before.heard ?? 0) > seen) {
      const what = (before.replied ?? 0) > seen ? 'it has been answered' : 'the patron has written'
      throw new PrmError('conflict', `reply: ${what} since: look at that, then answer.`, { field: 'seen' })
    }
    const send = { to: who, via: [source], purpose, content, key, about: before.pending }
    const asked = { ...check(engine, send), by, reply: { id, ...(to && { from: to }) } }
    const [prepared] = await Promise.all([prepare(engine, [asked]), engine.share()])
    const batch = batchOf(prepared)
    const after = prepared.message ? answeredWith(engine, before, by, answers) : before
    const [written] = await engine.scope.commit([
      { ...batch, put: [...(batch.put ?? []), put('conversation', after, row.version)] },
    ])
    if (written) {
      engine.emit('decided', prepared.decision)
      return { decision: prepared.decision, ...(prepared.message && { message: prepared.message }), fresh: true }
    }
    forget(engine, [prepared])
  }
}

async function withMessage(engine: Engine, decision: Decision): Promise<{ decision: Decision; message?: Message }> {
  const row = await engine.scope.get('message', decision.key)
  return { decision, ...(row && { message: row.value }) }
}

/** What a machine alone has answered is closed by it; a person waits for what the patron says. */
function answeredWith(
  engine: Engine,
  before: Conversation,
  by: Actor,
  answers: readonly Ref[] | undefined,
): Conversation {
  const done = new Set(answers?.map(refId))
  const pending = answers ? before.pending.filter((one) => !done.has(refId(one))) : []
  if (answers?.length === 0) return turned(engine, before.id, before, before)
  const person = by.kind === 'staff'
  const question: Question | undefined = before.questions.at(-1)
  const cared = person || before.assignee !== undefined || question?.answered !== undefined
  const state = pending.length > 0 ? before.state : cared ? 'waiting' : 'closed'
  const at = now(engine)
  const changed: Question | undefined = question && {
    ...question,
    ...(person && !question.answered && { answered: at }),
    ...(state === 'closed' && !question.closed && { closed: at }),
  }
  const questions = changed ? [...before.questions.slice(0, -1), changed] : before.questions
  const turn = before.turn + 1
  const { failed: _, ...rest } = before
  return turned(engine, before.id, before, { ...rest, state, pending, questions, replied: turn })
}

/** An answer that did not arrive: its conversation waits for staff again. */
export async function returned(engine: Engine, message: Message, conversationId: string): Promise<Settled> {
  for (;;) {
    const { id, row } = await followed(engine, conversationId)
    if (!row || row.value.failed === message.key) return { outcome: { done: true } }
    const opened: Folded = { ...row.value, ...askedAgain(engine, row.value), state: 'open', failed: message.key }
    const changed = put('conversation', turned(engine, id, row.value, opened), row.version)
    if ((await engine.scope.commit([{ put: [changed] }]))[0]) return { outcome: { done: true } }
  }
}

// ── looking ──────────────────────────────────────────────────────────────────────────────────

export async function* conversations(
  engine: Engine,
  by: Actor,
  query: Parameters<Prm['conversations']>[0],
): AsyncGenerator<Conversation> {
  await noted(engine, by, 'conversations', query.patronId)
  yield* engine.scope.find('conversation', query)
}

export async function conversation(
  engine: Engine,
  by: Actor,
  id: string,
  { limit = 100 }: { readonly limit?: number } = {},
): ReturnType<Prm['conversation']> {
  const row = await engine.scope.get('conversation', id)
  if (!row) throw new PrmError('not_found', 'There is no conversation of this id.', { field: 'id' })
  const { patronId } = row.value
  await noted(engine, by, 'conversation', patronId)
  const query = { conversationId: id, order: 'newest', limit: limit + 1 } as const
  const [facts, messages] = await Promise.all([
    collect(engine.scope.find('interaction', query)),
    collect(engine.scope.find('message', query)),
  ])
  // What they answer was sent before, by whatever told them of it.
  const answered = new Set(facts.flatMap(({ about }) => (about?.source === 'prm' ? [about.key] : [])))
  for (const { key } of messages) answered.delete(key)
  const causes = await Promise.all([...answered].map((key) => engine.scope.get('message', key)))
  const shown = [...messages, ...causes.flatMap((row) => (row ? [row.value] : []))]
  const sent = shown.map(async (message) => {
    const decision = (await engine.scope.get('decision', message.decision))?.value
    return { ...sentFact(message), seen: decision?.at ?? '', ...(decision?.by && { by: decision.by }) }
  })
  const all = [...facts.toReversed(), ...(await Promise.all(sent)).toReversed()]
  all.sort((a, b) => ((a.seen ?? '') < (b.seen ?? '') ? -1 : (a.seen ?? '') > (b.seen ?? '') ? 1 : 0))
  const patron: Patron | undefined =
    patronId === undefined ? undefined : (await engine.scope.get('patron', patronId))?.value
  return { conversation: row.value, ...(patron && { patron }), thread: all.slice(-limit), more: all.length > limit }
}
