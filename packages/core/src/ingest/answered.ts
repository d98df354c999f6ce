// In: a text of a patron. Out: the message that it answers, if it can be told.
import {
  type Instant,
  type Interaction,
  isNotice,
  type Message,
  type Notice,
  type NoticeKind,
  sameAddress,
} from '../contract/index.ts'
import { collect, type Engine, factsOf, untold } from '../runtime/index.ts'
import { instant, localDay, milliseconds } from '../time/index.ts'

export type NoticeFact = Interaction<'notice', Notice>

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
  const all = new Map(open.flatMap(({ matters }) => matters.map((one) => [one.data.subjectKey, one] as const)))
  const one = open.find(({ matters }) => new Set(matters.map(({ data }) => data.subjectKey)).size === all.size)
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
  const latest = await collect(
    engine.scope.find('interaction', { subjectKey: data.subjectKey, order: 'newest', limit: 1 }),
  )
  return !latest.some((one) => isNotice(one) && ends.has(one.data.kind))
}
