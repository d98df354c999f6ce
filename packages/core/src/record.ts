import type { Bad, Pulled } from './adapter.ts'
import { backJobs, otherWay } from './again.ts'
import { type Answered, answeredBy, placed } from './conversation.ts'
import { decide, dialable, latest, type Own, type Shared, sameAddress, written } from './decide.ts'
import type { Decision, Message } from './decision.ts'
import {
  addressId,
  collect,
  consentsAt,
  deliverJob,
  type Engine,
  erasedRow,
  flowJobs,
  hash,
  inTime,
  measured,
  now,
  patronId,
  patronsAt,
  put,
  short,
} from './engine.ts'
import { PrmError } from './errors.ts'
import { keepId } from './expire.ts'
import { waitedTypes, wakeJobs } from './flow.ts'
import type { Prm } from './host.ts'
import type { Actor, Address, Consent, Interaction, Patron, Person, Ref, RelationKind } from './interaction.ts'
import { awaited } from './outcomes.ts'
import { storable, storablePerson, unstorableIn } from './storable.ts'
import { type Batch, type Job, type Lease, type Put, refId, type Settled } from './store.ts'
import { instant, isDay, milliseconds, utc, zoneExists } from './time.ts'
import { deadFact, type MessageDelivery, type MessageReceived, messageDelivery, messageReceived } from './vocabulary.ts'
import type { Duration, Instant, Json } from './words.ts'

export interface Recording extends Partial<Pick<Pulled, 'people' | 'cursor'>> {
  readonly interactions: readonly Interaction[]
  /** What came from outside and breaks its schema is kept as a dead fact; a host's own mistake is thrown. */
  readonly from: { readonly adapter: string; readonly repeats?: boolean } | 'host'
}

/**
 * Stores facts once each, with all the work they promise, in one transaction. Answers those that were new, and what no store
 * keeps as it is: that holds up nothing else.
 */
export async function record(
  engine: Engine,
  recording: Recording,
): Promise<{ readonly fresh: readonly Ref[]; readonly bad: readonly Bad[] }> {
  const { from } = recording
  const bad: Bad[] = []
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
  for (const one of bad) engine.emit('bad', one)
  return { fresh, bad }
}

function plain(fact: Interaction): Interaction {
  const { who, to } = { ...fact }
  if (who?.scheme !== 'mailto' && to?.scheme !== 'mailto') return fact
  // Who breaks the shape is told so below.
  const mailbox = (at: Address): Address => (typeof at.value === 'string' ? written(at) : at)
  return { ...fact, ...(who && { who: mailbox(who) }), ...(to && { to: mailbox(to) }) }
}

export function spelled(person: Person): Person {
  const relations = person.relations?.map((one) => ({ ...one, at: written(one.at) }))
  return { ...person, at: written(person.at), also: person.also.map(written), ...(relations && { relations }) }
}

/** How long these types are kept: told to the store once a process, for a host that does not know them. */
function keepsOf(engine: Engine, facts: readonly Interaction[]): readonly (readonly [type: string, keep: Duration])[] {
  return [...new Set(facts.map(({ type }) => type))].flatMap((name) => {
    const keep = engine.types.get(name)?.keep
    return keep === undefined || engine.kept.has(name) ? [] : [[name, keep] as const]
  })
}

async function checkFact(engine: Engine, fact: Interaction, from: Recording['from'], bad: Bad[]): Promise<Interaction> {
  const wrong = unstorableIn(fact)
  if (wrong) {
    const { field, expected } = wrong
    if (from === 'host') throw new PrmError('invalid', `record: ${field} must be ${expected}.`, { field })
    // What no database stores would stop its source for ever.
    const { type, data, branch, source } = { ...fact }
    const isJson = field !== 'data'
    const rest = {
      key: `no ${field} ${hash(isJson ? JSON.stringify(fact) : String(fact.key))}`,
      source: storable(source, 200) ? source : from.adapter,
      type: typeof type === 'string' ? type : 'unknown',
      data: isJson ? data : null,
      ...(isJson && branch && { branch }),
    }
    const why = `${field} must be ${expected}`
    bad.push({ where: from.adapter, why: `${why}: it is kept as a dead fact.` })
    return dead(engine, rest, from.adapter, field, why)
  }
  if (from === 'host' && /\s/.test(fact.source))
    throw new PrmError('invalid', 'record: source must be a word without blanks: what comes after one is the key.', {
      field: 'source',
    })
  const type = engine.types.get(fact.type)
  if (!type && from === 'host' && fact.conversationId !== undefined)
    throw new PrmError(
      'invalid',
      `record: nobody knows what ${fact.type} makes of a conversation: name it in \`events\`.`,
      {
        field: 'type',
      },
    )
  if (!type) return fact
  const result = await type.schema['~standard'].validate(fact.data)
  if (!result.issues) return fact
  const [issue] = result.issues
  const path = (issue?.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  const why = `${path || 'data'}: ${issue?.message ?? 'not of its shape'}`
  if (from === 'host') throw new PrmError('invalid', `record: ${fact.type}: ${why}`, { field: `data.${path}` })
  return dead(engine, fact, from.adapter, path, why)
}

function checkPerson(given: Person, from: Recording['from'], bad: Bad[]): Person | undefined {
  const { person, wrong } = storablePerson(given)
  if (!wrong) return person
  const { field, expected } = wrong
  if (from === 'host')
    throw new PrmError('invalid', `record: people: ${field} must be ${expected}.`, { field: `people.${field}` })
  bad.push({ where: from.adapter, why: `people: ${field} must be ${expected}: that is not stored.` })
  return person
}

function dead(engine: Engine, fact: Interaction, adapter: string, field: string, why: string): Interaction {
  engine
    .context(adapter, new AbortController().signal)
    .log('error', 'A fact breaks its schema and is kept as a dead fact.', { type: fact.type, field })
  const { about: _, type, data, ...rest } = fact
  return { ...rest, type: deadFact.name, data: { type, why: `${type}: ${why}`, data: (data ?? null) as Json } }
}

// ── people ───────────────────────────────────────────────────────────────────────────────────

/** The last that a batch says of each person: a later row knows better. */
function personIn(people: readonly Person[]): readonly Person[] {
  return [...new Map(people.map((person) => [addressId(person.at), person])).values()]
}

interface Met {
  readonly person: Person
  readonly at: Address
  readonly patron: Patron
  /** Nothing when the source says what is known. */
  readonly batch: readonly Batch[]
}

/** Finds or makes the patron and lays what the source says over it; other sources' addresses stay. */
async function meet(engine: Engine, person: Person, from: Recording['from']): Promise<Met> {
  const [known] = await patronsAt(engine, person.at)
  const row = await engine.scope.get('patron', known?.id ?? patronId(engine, person.at))
  const patron = await laidOver(engine, person, from, row?.value)
  const unchanged = row && JSON.stringify(patron) === JSON.stringify(row.value)
  return {
    person,
    at: person.at,
    patron,
    batch: unchanged ? [] : [{ put: [put('patron', patron, row?.version ?? 0)] }],
  }
}

/** The patron as they are known, and what a source says of them over that. */
export async function laidOver(
  engine: Engine,
  person: Person,
  from: Recording['from'],
  known: Patron | undefined,
): Promise<Patron> {
  const source = from === 'host' ? 'host' : from.adapter
  const seenAt = instant(engine.now().getTime())
  const said = [person.at, ...person.also].map((address) => ({ ...address, seenBy: source, seenAt }))
  const before = known?.identities ?? []
  const mine = before.filter((identity) => identity.seenBy === source)
  const same = mine.length === said.length && said.every((one) => mine.some((other) => sameAddress(one, other)))
  const { relations } = person
  const told = wordsOf(engine, person, from)
  const relatives = relations ? await Promise.all(relations.map(({ kind, at }) => relative(engine, kind, at))) : []
  return {
    ...(known ?? { id: patronId(engine, person.at) }),
    ...told,
    ...(relations && { relations: relatives.flatMap((one) => one ?? []) }),
    identities: same ? before : [...before.filter((identity) => identity.seenBy !== source), ...said],
  }
}

/** Somebody not met yet has the id that they will be met under; an address of several people is nobody's in particular. */
async function relative(
  engine: Engine,
  kind: RelationKind,
  at: Address,
): Promise<NonNullable<Patron['relations']>[number] | undefined> {
  const [known, another] = await patronsAt(engine, at)
  return another ? undefined : { kind, patronId: known?.id ?? patronId(engine, at) }
}

const words = [
  'name',
  'locale',
  'timeZone',
  'branch',
  'category',
  'birthDate',
  'expires',
  'blocks',
  'preferences',
] as const

/** What a source says of a person beside their addresses. A day or zone that is none would decide wrongly for ever, and is not taken. */
function wordsOf(engine: Engine, person: Person, from: Recording['from']): Partial<Patron> {
  const said: { [field: string]: unknown } = {}
  for (const field of words) {
    const value = person[field]
    if (value === undefined || value === '') continue
    const expected = value === null ? undefined : wrongAbout(field, value as string)
    if (!expected) said[field] = value ?? undefined
    else if (from === 'host') throw new PrmError('invalid', `record: people: ${field} must be ${expected}.`, { field })
    else {
      const { log } = engine.context(from.adapter, new AbortController().signal)
      log('warn', `What a source says of a person is not ${expected}.`, { field })
    }
  }
  return said
}

function wrongAbout(field: (typeof words)[number], value: string): string | undefined {
  if (field === 'birthDate' || field === 'expires') return isDay(value) ? undefined : 'a day such as 2011-02-28'
  return field === 'timeZone' && !zoneExists(value) ? 'an IANA zone such as America/Chicago' : undefined
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

async function meetAgain(engine: Engine, person: Person, from: Recording['from']): Promise<void> {
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

// ── what a fact brings with it ───────────────────────────────────────────────────────────────

/** The fact, the work it promises and what it changes at once: written together, or not at all if the fact is known. */
async function batchOf(
  engine: Engine,
  { fact, puts: of }: Awaited<ReturnType<typeof placed>>,
  waited: ReadonlySet<string>,
  beside: readonly Interaction[] = [],
): Promise<Batch> {
  const puts: Put[] = [put('interaction', fact), ...of]
  const jobs = [...flowJobs(engine, fact), ...(waited.has(fact.type) ? await wakeJobs(engine, fact) : [])]
  if (engine.options.adapters[fact.source]?.outcomes) puts.push(awaited(engine, fact))
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
  return { unless: [{ kind: 'interaction', id: refId(fact) }], put: puts, jobs }
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

/** What a word is of: a purpose, all that is promotional, or everything, as is what we do not understand. */
function scopeOf({ options }: Engine, scope = '*'): string {
  const word = scope.toLowerCase()
  if (word === 'promotional') return 'class:promotional'
  return Object.keys(options.purposes).find((name) => name.toLowerCase() === word) ?? '*'
}

/** STOP and START are one word on one address, for every purpose unless narrowed (47 CFR 64.1200(a)(10)). */
function wordOf(
  engine: Engine,
  fact: Interaction,
  address: Address,
  word: 'stop' | 'start',
  purpose: string,
  text: string,
  before: readonly Consent[],
): Consent {
  const ref = { source: fact.source, key: fact.key }
  return {
    id: refId(ref),
    address: { scheme: address.scheme, value: address.value },
    purpose,
    state: word === 'stop' ? 'denied' : 'granted',
    basis: word === 'stop' ? 'stop' : 'service',
    at: after(before, now(engine)),
    by: fact.source,
    evidence: { text, fact: ref },
  }
}

/** What is said now is later than all that was said, whatever the clock did meanwhile. */
function after(words: readonly Consent[], at: Instant): Instant {
  const last = Date.parse(latest(words)?.at ?? '')
  return last >= Date.parse(at) ? instant(last + 1) : at
}

/** What a host says of an address: a form, a desk, a list that was taken over. */
export async function consent(engine: Engine, by: Actor, asked: Parameters<Prm['consent']>[0]): Promise<void> {
  const said = { ...asked, address: written(asked.address) }
  if (!dialable(said.address))
    throw new PrmError('invalid', 'consent: address.value must be a number in E.164, such as +12125550123.', {
      field: 'address.value',
    })
  const words = await consentsAt(engine, said.address)
  const at = said.at === undefined ? after(words, now(engine)) : utc(said.at)
  if (at === undefined)
    throw new PrmError('invalid', 'consent: at must be an instant such as 2026-11-24T10:00:00.000Z.', { field: 'at' })
  const known = [...Object.keys(engine.options.purposes), '*', 'class:promotional']
  if (!known.includes(said.purpose))
    throw new PrmError('invalid', `consent: purpose must be one of ${known.join(', ')}.`, { field: 'purpose' })
  const id = said.id ?? `said ${hash(addressId(said.address), said.purpose, said.state, at)}`
  const word: Consent = { ...said, id, at, by: by.id }
  await engine.scope.commit([{ put: [put('consent', word)], jobs: listJobs(engine, word, words) }])
}

/** The confirmation of a STOP goes before the provider lets nothing more through to that number. */
const listMs = milliseconds('10m')

/** The promise that each provider with a block list of its own hears of this word on all purposes, but for who told it to us. */
function listJobs(
  engine: Engine,
  { id, address, purpose, state }: Consent,
  before: readonly Consent[],
  but?: string,
): readonly Job[] {
  const isNews = state === 'denied' || before.some((word) => word.purpose === '*' && word.state === 'denied')
  if (purpose !== '*' || !isNews) return []
  const runAt = instant(engine.now().getTime() + listMs)
  return Object.entries(engine.options.adapters).flatMap(([via, { channel }]) =>
    channel?.block && via !== but && channel.schemes.includes(address.scheme)
      ? [{ key: short(`block:${via} ${id}`), name: 'block', group: `block ${via}`, runAt, payload: { via, id } }]
      : [],
  )
}

/** What may be otherwise by itself; the rest is a dead letter, since the provider has no such list, or not for this address. */
const passing: ReadonlySet<string> = new Set(['unavailable', 'rate_limited', 'unknown', 'auth'])

/** Tells a provider's block list the latest word of this address. */
export async function blockThere(engine: Engine, lease: Lease, signal: AbortSignal): Promise<Settled> {
  const { via, id } = lease.job.payload as { via: string; id: string }
  const address = (await engine.scope.get('consent', id))?.value.address
  const words = address ? await consentsAt(engine, address) : []
  const last = latest(words.filter(({ purpose, basis }) => purpose === '*' && basis !== 'bounce'))
  if (!address || !last) return { outcome: { done: true } }
  const said = { id: last.id, address, blocked: last.state === 'denied', at: last.at }
  try {
    await inTime(async () => engine.options.adapters[via]?.channel?.block?.(said, engine.context(via, signal)))
    return { outcome: { done: true } }
  } catch (error) {
    if (!PrmError.is(error) || passing.has(error.code)) throw error
    const after = (): void => engine.emit('failed', { job: lease.job, error, dead: true })
    return { outcome: { dead: true, error: { code: error.code, message: error.message } }, after }
  }
}

/**
 * The key of the one message that may follow a STOP, none where it was had. Two that come at once are one: the key is made
 * of the word before them.
 */
function confirmationKey(address: Address, of: string, words: readonly Consent[]): string | undefined {
  const last = latest(words.filter(({ purpose }) => purpose === '*' || purpose === of))
  if (last?.state === 'denied' && last.basis === 'stop') return undefined
  return `stop ${hash(addressId(address), of, last?.id ?? '')}`
}

/** A confirmation that comes later is a text to somebody who asked for none (47 CFR 64.1200(a)(12) speaks of five minutes). */
const confirmMs = milliseconds('15m')

/** The one message that may follow a STOP, where the provider does not send its own: within minutes, and nothing but that. */
function confirmationOf(
  engine: Engine,
  fact: Interaction,
  to: Address,
  key: string,
  scope: string | undefined,
): { decision: Decision; message: Message } | undefined {
  const channel = engine.options.adapters[fact.source]?.channel
  // Of a number that nobody can dial no promise is made: whoever is texted is texted at another.
  if (!channel?.schemes.includes(to.scheme) || !dialable(to)) return undefined
  const what = scope === undefined ? ['', ''] : [` of this kind (${scope})`, ` ${scope.toUpperCase()}`]
  const again = `Reply START${what[1]} to get them again${scope === undefined ? '' : ', STOP to get none at all'}.`
  const text = `${engine.options.library.name}: you will get no more messages${what[0]} at this ${to.scheme === 'tel' ? 'number' : 'address'}. ${again}`
  const content = { text }
  const about = [{ source: fact.source, key: fact.key }]
  const { units, cost } = measured(channel, content, to)
  const from = fact.to ?? channel.senders?.[0]?.address
  const at = now(engine)
  const expireAt = instant(Date.parse(at) + confirmMs)
  const message: Message = {
    key,
    decision: key,
    purpose: 'stop',
    via: fact.source,
    to,
    ...(from && { from }),
    content,
    units,
    notBefore: at,
    expireAt,
    state: 'planned',
    attempts: [],
    confirms: { source: fact.source, key: fact.key },
  }
  const decision: Decision = {
    key,
    keys: [key],
    at,
    about,
    purpose: 'stop',
    outcome: {
      send: true,
      via: fact.source,
      to,
      ...(from && { from }),
      notBefore: at,
      expireAt,
      units,
      ...(cost && { cost }),
    },
    reasons: [
      { rule: 'consent', verdict: 'pass', detail: 'The one confirmation that a request to stop is answered with.' },
    ],
    inputs: { shared: engine.sharedId, own: null },
  }
  return { decision, message }
}

type Report = Interaction<'message.delivery', MessageDelivery>
function isReport(fact: Interaction): fact is Report {
  return fact.type === messageDelivery.name
}

/** A delivery report moves its message forward; the store keeps it from going back. Nothing where no message is known. */
async function reported(engine: Engine, fact: Report): Promise<Batch | undefined> {
  const { data } = fact
  const message = await reportedOn(engine, fact)
  if (!message) return lateRefusal(engine, fact)
  const { state, units, providerId = message.providerId } = data
  const puts: Put[] = [
    put('message', { ...message, ...(state && { state }), ...(units && { units }), ...(providerId && { providerId }) }),
  ]
  const ref = { source: fact.source, key: fact.key }
  // Of what was delivered, mostly; and of its purpose alone.
  if (data.means === 'complaint')
    puts.push(put('consent', await refusalBy(engine, message.to, data.means, fact.source, ref, message.purpose)))
  // A report that comes late and says otherwise is kept beside the state; a number that had its text is no bad number, but
  // its owner may block us for it.
  const had = message.state === 'delivered' || message.state === 'read'
  const back = had ? [] : backJobs(engine, { ...message, ...(state && { state }) })
  if (!data.means || data.means === 'complaint' || (had && data.means !== 'blocked')) return { put: puts, jobs: back }
  const word = await refusalBy(engine, message.to, data.means, fact.source, ref)
  return { put: [...puts, put('consent', word)], jobs: [...otherWay(engine, message, data.means), ...back] }
}

/** Who was written to is erased: that they do not want it counts all the same, under what stays of the address. */
async function lateRefusal(engine: Engine, { source, key, about, data }: Report): Promise<Batch | undefined> {
  const { means, providerId } = data
  const secret = means === 'blocked' || means === 'complaint' ? await engine.sealed() : undefined
  if (secret === undefined || !means) return undefined
  const named = [...(about ? [about] : []), ...(providerId === undefined ? [] : [{ source, key: providerId }])]
  for (const ref of named) {
    const went = (await engine.scope.get('shared', erasedRow(secret, refId(ref))))?.value.value
    if (typeof went !== 'string') continue
    const [value = '', ...of] = went.split(' ')
    const purpose = means === 'complaint' ? of.join(' ') : '*'
    const word = await refusalBy(engine, { scheme: 'erased', value }, means, source, { source, key }, purpose)
    return { put: [put('consent', word)] }
  }
  return undefined
}

/** The report with the message that it names by its provider's id alone, where that is known: whoever asks, asks by our key. */
async function named<F extends Interaction>(engine: Engine, fact: F): Promise<F> {
  const message = isReport(fact) && !fact.about ? await reportedOn(engine, fact) : undefined
  return message ? { ...fact, about: { source: 'prm', key: message.key } } : fact
}

/** By our own key, or by the provider's id where that is all it gives. */
async function reportedOn({ scope }: Engine, { about, source, data }: Report): Promise<Message | undefined> {
  const { providerId } = data
  const named = about || providerId === undefined ? [] : await collect(scope.find('message', { providerId }))
  const ref = about?.source === 'prm' ? about : named.find(({ via }) => via === source)
  return ref && (await scope.get('message', ref.key))?.value
}

/** A report may name an id that no message has before our own settle, or a look-up after a kill; or it is of another program. */
const earlyMs = milliseconds('5s')
const againMs = (['1m', '10m', '1h', '6h', '1d'] as const).map((wait) => milliseconds(wait))

function earlyJobs(engine: Engine, fact: Report): readonly Job[] {
  if (fact.about || fact.data.providerId === undefined) return []
  const runAt = instant(engine.now().getTime() + earlyMs)
  return [{ key: short(`early:${refId(fact)}`), name: 'early', runAt, payload: refId(fact) }]
}

/** Looks again for the message of a report that came before its id was known. */
export async function reportAgain(engine: Engine, lease: Lease): Promise<Settled> {
  const kept = (await engine.scope.get('interaction', String(lease.job.payload)))?.value
  const fact = kept && (await named(engine, kept))
  const batch = fact && isReport(fact) ? await reported(engine, fact) : {}
  const wait = againMs[lease.attempt - 1]
  const found = fact?.about ? [{ put: [put('interaction', fact)], jobs: await wakeJobs(engine, fact) }] : []
  if (batch || wait === undefined) return { outcome: { done: true }, batches: [...(batch ? [batch] : []), ...found] }
  return { outcome: { retryAt: instant(engine.now().getTime() + wait), error: { code: 'not_found' } } }
}

type Means = NonNullable<MessageDelivery['means']>
const bases = { undeliverable: 'bounce', blocked: 'stop', complaint: 'complaint' } as const

/** What a provider's refusal says of an address: it cannot be reached, or its owner blocked us or complained. */
export async function refusalBy(
  engine: Engine,
  address: Address,
  means: Means,
  by: string,
  fact: Ref,
  purpose = '*',
): Promise<Consent> {
  return {
    id: short(`${means} ${refId(fact)}`),
    address: { scheme: address.scheme, value: address.value },
    purpose,
    state: 'denied',
    basis: bases[means],
    at: after(await consentsAt(engine, address), now(engine)),
    by,
    evidence: { fact },
  }
}

// ── a fact told again ────────────────────────────────────────────────────────────────────────

/**
 * A source that tells its whole state tells most facts again. What was decided to send stays told; what was decided
 * against goes to its flows again with the row as it is now, since the number or the list may have come.
 */
async function repeat(engine: Engine, fact: Interaction, repeats: boolean): Promise<void> {
  const about = { source: fact.source, key: fact.key }
  const decisions = await collect(engine.scope.find('decision', { about }))
  const standing = decisions.some((decision) => decision.outcome.send)
    ? 'told'
    : decisions.length === 0 || !repeats
      ? 'open'
      : 'again'
  // Told under a new number in its source's books: that one is to hear of it too.
  const asks = await renamed(engine, fact)
  const jobs = standing === 'again' ? flowJobs(engine, fact) : []
  if (standing === 'again' || asks.length > 0)
    await engine.scope.commit([{ put: [put('interaction', fact), ...asks], jobs }])
  engine.emit('repeated', { fact, standing })
}

async function renamed(engine: Engine, fact: Interaction): Promise<readonly Put[]> {
  if (fact.origin === undefined || !engine.options.adapters[fact.source]?.outcomes) return []
  const known = (await engine.scope.get('interaction', refId(fact)))?.value
  return known?.origin === fact.origin ? [] : [awaited(engine, fact)]
}

/** The decision from its stored inputs, for whoever doubts it: equal to the stored one. Throws `not_found` without them. */
export async function replay(engine: Engine, decision: Decision): Promise<Pick<Decision, 'outcome' | 'reasons'>> {
  // The confirmation of a STOP has no inputs: the STOP is its reason.
  const { own, shared: id } = decision.inputs
  if (own === null) return { outcome: decision.outcome, reasons: decision.reasons }
  const shared = await engine.scope.get('shared', id)
  // Its retention may be over: then no more than the figures is there.
  if (!shared || typeof own !== 'object')
    throw new PrmError('not_found', 'What this was decided from is not in the store any more.')
  return decide(shared.value.value as unknown as Shared, own as unknown as Own)
}
