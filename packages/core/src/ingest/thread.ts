// In: an interaction. Out: its conversation, and what that becomes by it.
import {
  type Address,
  type Conversation,
  type Folded,
  type Interaction,
  type Json,
  type Message,
  type MessageReceived,
  messageReceived,
  type Put,
  refId,
  type Settled,
  sameAddress,
} from '../contract/index.ts'
import { collect, type Engine, mac, now, put } from '../runtime/index.ts'
import type { Answered, NoticeFact } from './answered.ts'

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

export function turned(engine: Engine, id: string, before: Conversation | undefined, folded: Folded): Conversation {
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
export async function followed(engine: Engine, id: string): Promise<{ readonly id: string; readonly row: Row }> {
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
      ...(title !== undefined && options.library.showTitles === 'everywhere' && { title }),
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
