// In: interactions and people. Out: those that are new, stored with all jobs they promise, in one transaction.
import {
  type Address,
  type Batch,
  type Duration,
  type Interaction,
  isReport,
  type Message,
  type MessageReceived,
  messageReceived,
  type PatronUpdate,
  type Put,
  type Ref,
  type RejectedRecord,
  refId,
  sameAddress,
} from '../contract/index.ts'
import {
  addressId,
  collect,
  consentsAt,
  deliverJob,
  type Engine,
  earlyJobs,
  flowJobs,
  keepId,
  listJobs,
  now,
  patronsAt,
  put,
} from '../runtime/index.ts'
import { utc } from '../time/index.ts'
import { type Answered, answeredBy } from './answered.ts'
import { awaited } from './awaited.ts'
import { named, reported } from './delivery-report.ts'
import { confirmationKey, confirmationOf, scopeOf, wordOf } from './opt-out.ts'
import { meet, personIn } from './people.ts'
import type { Recording } from './recording.ts'
import { repeat } from './repeated.ts'
import { placed } from './thread.ts'
import { checkFact, checkPerson, plain, spelled } from './validate.ts'
import { waitedTypes, wakeJobs } from './wake.ts'

/**
 * Stores facts once each, with all the work they promise, in one transaction. Answers those that were new, and what no store
 * keeps as it is: that holds up nothing else.
 */
export async function record(
  engine: Engine,
  recording: Recording,
): Promise<{ readonly fresh: readonly Ref[]; readonly bad: readonly RejectedRecord[] }> {
  const { from } = recording
  const bad: RejectedRecord[] = []
  const checked = await Promise.all(recording.interactions.map((fact) => checkFact(engine, plain(fact), from, bad)))
  const known = (recording.people ?? []).flatMap((person) => checkPerson(person, from, bad) ?? [])
  const people = await Promise.all(personIn(known.map(spelled)).map((person) => meet(engine, person, from)))
  const ids = new Map(people.map(({ at, patron }) => [addressId(at), patron.id]))
  const resolved = await Promise.all(checked.map((fact) => resolve(engine, fact, ids)))
  const placing = await Promise.all(resolved.map(({ fact, answered }) => placed(engine, fact, answered)))
  const facts = placing.map(({ fact }) => fact)
  const waited = await waitedTypes(
    engine,
    facts.map(({ type }) => type),
  )
  const perFact = await Promise.all(placing.map((one) => batchOf(engine, one, waited, facts)))
  const met = people.flatMap(({ batch }) => batch)
  const keeps = keepsOf(engine, facts)
  const rest: Put[] = keeps.map(([type, keep]) => put('shared', { id: keepId(type), value: keep }))
  if (recording.cursor !== undefined && from !== 'host')
    rest.push(put('cursor', { id: from.adapter, value: recording.cursor }))
  const written = await engine.scope.commit([...met, ...perFact, ...(rest.length > 0 ? [{ put: rest }] : [])])
  for (const [type] of keeps) engine.kept.add(type)
  // Somebody else met one of these people at the same moment: what they read is older than what is there.
  for (const [index, { person }] of people.filter(({ batch }) => batch.length > 0).entries())
    if (!written[index]) await meetAgain(engine, person, from)

  const fresh: Ref[] = []
  for (const [index, fact] of facts.entries()) {
    if (written[met.length + index] || (await placedAgain(engine, resolved[index] as Resolved, waited))) {
      fresh.push({ source: fact.source, key: fact.key })
      engine.emit('recorded', fact)
    } else if (from !== 'host') await repeat(engine, fact, from.repeats ?? false)
  }
  for (const one of bad) engine.emit('rejected', one)
  return { fresh, bad }
}

/** How long these types are kept: told to the store once a process, for a host that does not know them. */
function keepsOf(engine: Engine, facts: readonly Interaction[]): readonly (readonly [type: string, keep: Duration])[] {
  return [...new Set(facts.map(({ type }) => type))].flatMap((name) => {
    const keep = engine.types.get(name)?.retention
    return keep === undefined || engine.kept.has(name) ? [] : [[name, keep] as const]
  })
}

/** Somebody else changed its conversation meanwhile: this fact is put behind that, unless it is there itself. */
async function placedAgain(
  engine: Engine,
  { fact, answered }: Resolved,
  waited: ReadonlySet<string>,
): Promise<boolean> {
  for (;;) {
    const one = await placed(engine, fact, answered)
    if (one.puts.length === 0 || (await engine.scope.get('interaction', refId(fact)))) return false
    if ((await engine.scope.commit([await batchOf(engine, one, waited)]))[0]) return true
  }
}

async function meetAgain(engine: Engine, person: PatronUpdate, from: Recording['from']): Promise<void> {
  for (;;) {
    const { batch } = await meet(engine, person, from)
    if (batch.length === 0 || (await engine.scope.commit(batch))[0]) return
  }
}

/** Binds a fact to its patron where the address is one patron's; an address of several is nobody's in particular. */
async function resolve(engine: Engine, fact: Interaction, met: ReadonlyMap<string, string>): Promise<Resolved> {
  const seen = { ...(await named(engine, fact)), seen: now(engine) }
  if (!fact.who) return { fact: seen }
  const answered = fact.type === messageReceived.name ? await answeredBy(engine, fact) : undefined
  const message = answered?.message
  const bound = { ...(message && { about: { source: 'prm', key: message.key } }), ...seen }
  const whose = fact.patronId ?? met.get(addressId(fact.who)) ?? (await whoseIs(engine, fact.who, message))
  return { fact: whose === undefined ? bound : { ...bound, patronId: whose }, ...(answered && { answered }) }
}

interface Resolved {
  readonly fact: Interaction
  readonly answered?: Answered
}

async function whoseIs(engine: Engine, who: Address, message: Message | undefined): Promise<string | undefined> {
  const [patron, another] = await patronsAt(engine, who)
  return another ? message?.patronId : patron?.id
}

/** The fact, the work it promises and what it changes at once: written together, or not at all if the fact is known. */
async function batchOf(
  engine: Engine,
  { fact, puts: of }: Awaited<ReturnType<typeof placed>>,
  waited: ReadonlySet<string>,
  beside: readonly Interaction[] = [],
): Promise<Batch> {
  const puts: Put[] = [put('interaction', fact), ...of]
  const jobs = [...flowJobs(engine, fact), ...(waited.has(fact.type) ? await wakeJobs(engine, fact) : [])]
  if (engine.options.adapters[fact.source]?.writeBack) puts.push(awaited(engine, fact))
  if (fact.type === messageReceived.name) {
    const { optOut, confirmed, content, scope } = fact.data as MessageReceived
    puts[0] = { kind: 'interaction', value: fact, text: `${content.subject ?? ''} ${content.text}` }
    const of = scopeOf(engine, scope)
    // Nobody knows what START of an unknown thing is of; to take every STOP back for it would be too much.
    const starts = optOut === 'start' && (of !== '*' || scope === undefined) && !(await isOver(engine, fact, beside))
    if (fact.who && (optOut === 'stop' || starts)) {
      const words = await consentsAt(engine, fact.who)
      const word = wordOf(engine, fact, fact.who, optOut, of, content.text, words)
      puts.push(put('consent', word))
      const key = optOut === 'stop' && !confirmed ? confirmationKey(fact.who, of, words) : undefined
      const confirmation = key && confirmationOf(engine, fact, fact.who, key, of === '*' ? undefined : scope)
      jobs.push(...listJobs(engine, word, words, confirmed ? fact.source : undefined))
      if (confirmation) {
        await engine.share()
        puts.push(put('decision', confirmation.decision), put('message', confirmation.message))
        jobs.push(deliverJob(confirmation.message.key, fact.who, now(engine)))
      }
    }
  }
  if (isReport(fact)) {
    const { put = [], jobs: more = [] } = (await reported(engine, fact)) ?? { jobs: earlyJobs(engine, fact) }
    puts.push(...put)
    jobs.push(...more)
  }
  return { ifAbsent: [{ kind: 'interaction', id: refId(fact) }], put: puts, jobs }
}

/**
 * A START that its source dates before a STOP takes nothing back: it is told after that by a list that goes backwards, or by
 * a request that was tried again.
 */
async function isOver({ scope }: Engine, start: Interaction, beside: readonly Interaction[]): Promise<boolean> {
  const { who: address, source } = start
  const said = ({ at }: Interaction) => Date.parse(utc(at) ?? '')
  const told = address ? await collect(scope.find('interaction', { address, order: 'newest', limit: 50 })) : []
  return [...beside.filter(({ who }) => who && address && sameAddress(who, address)), ...told].some(
    (one) => one.source === source && isText(one) && one.data.optOut === 'stop' && said(one) > said(start),
  )
}

function isText(fact: Interaction): fact is Interaction<'message.received', MessageReceived> {
  return fact.type === messageReceived.name
}
