import type { Channel, Outbound, Receipt } from './adapter.ts'
import { againJob, backJobs, otherWay, wayAround } from './again.ts'
import { barOf, capsOf, dialable, latest, momentOf, refusalOf, sameAddress, whoIsTold } from './decide.ts'
import type { Message } from './decision.ts'
import {
  bulkId,
  collect,
  consentsAt,
  type Engine,
  type Gap,
  inTime,
  lateJobs,
  leftToOthers,
  now,
  put,
  reportMs,
  settleMs,
  type Way,
} from './engine.ts'
import { PrmError } from './errors.ts'
import { durationOf } from './expire.ts'
import { counts, noteKnown } from './gap.ts'
import type { Recheck, Send } from './host.ts'
import type { Consent, Interaction, Patron, Ref } from './interaction.ts'
import { type Down, downNow, goesOn, isBack, isDown } from './outage.ts'
import { refusalBy } from './record.ts'
import { factsOf, reachable, regarded, standIn, toldOf } from './send.ts'
import type { Job, Lease, Outcome, Put, Settled } from './store.ts'
import { instant, milliseconds } from './time.ts'
import { moveOn, turnOf } from './timetable.ts'
import { type MessageReceived, messageReceived } from './vocabulary.ts'
import type { Instant } from './words.ts'

/** How long an adapter is left alone whose set-up is wrong, or of which so many calls in a row had no answer. */
const pauseMs = milliseconds('1m')
const mostSilent = 10
/** In a row, and for as long as a pause: that is an outage too, where little is sent. */
const fewSilent = 3
/** How long a message waits that this host may not send: for one that may, it should be as good as due. */
const heldMs = milliseconds('10s')
/** No call is started on a lease that ends before a slow provider would have answered. */
const callMs = milliseconds('20s')
/** Somebody must mend the set-up: no other message would fare better. */
const setUp: ReadonlySet<string> = new Set(['config', 'auth', 'forbidden'])
/** A next try this near to the deadline is too late where another way is left: that takes its time too. */
const nearMs = milliseconds('15m')
/** About a day of trying at the longest pause. */
const mostAttempts = 100
/** So often one may have gone before a person is asked, each time after twice the wait: a look-up may never find. */
const mostUnknown = 10

/** One start of one message's delivery. */
interface Start extends Begun {
  readonly channel: Channel
}
interface Begun {
  readonly engine: Engine
  readonly lease: Lease
  readonly message: Message
  readonly signal: AbortSignal
  readonly at: Instant
  /** An earlier start may have gone, and nobody can say. */
  readonly mayHaveGone?: true
}

/** Sends one message, or finds out that it went, or says why it does not go. One start, one recorded outcome. */
export async function deliver(engine: Engine, lease: Lease, signal: AbortSignal): Promise<Settled> {
  const { key } = lease.job.payload as { key: string }
  const message = (await engine.scope.get('message', key))?.value
  if (!message)
    return { outcome: { dead: true, error: { code: 'not_found', message: 'The message of this job is gone.' } } }
  // A delivery report may have come before our own settlement.
  if (message.state !== 'planned' && message.state !== 'unknown')
    return { outcome: { done: true }, after: () => engine.emit('settled', message) }
  const at = engine.now().getTime()
  const channel = engine.options.adapters[message.via]?.channel
  const rest = () => Math.max(engine.paused.get(message.via) ?? 0, channel ? 0 : at + pauseMs)
  const lost = lease.attempt - 1 - message.attempts.length
  const known = lost <= 0 && message.state !== 'unknown'
  const begun: Begun = { engine, lease, message, signal, at: instant(at) }
  if (!channel && known && isLate(message, at)) return end(begun, 'expired', worthless)
  if (!channel) return { outcome: { release: true, runAt: instant(rest()) } }
  const start: Start = { ...begun, channel }
  const down = known ? await outageOf(start) : undefined
  const urgent = down && (await inOutage(start, down))
  if (urgent) return urgent
  if (rest() > at) return known ? waits(start, rest()) : { outcome: { release: true, runAt: instant(rest()) } }
  if (known) return (await goneBefore(start)) ?? sendNow(start)
  const outcome = 'unknown: it was started and nobody recorded what became of it'
  const attempts = [
    ...message.attempts,
    ...Array.from({ length: Math.max(lost, 0) }, () => ({ at: start.at, outcome })),
  ]
  return settleUnknown({ ...start, message: { ...message, state: 'unknown', attempts } })
}

const worthless = 'expired: it was worthless before it could go'

// ── sending ──────────────────────────────────────────────────────────────────────────────────

async function sendNow(given: Start, said = ''): Promise<Settled> {
  const { engine, lease, channel, signal } = given
  // A look-up may have taken its time, and so may who is asked whether it is still true: what was said meanwhile counts.
  let start = { ...given, at: now(engine) }
  const ready = await recheck(start)
  if ('outcome' in ready) return ready
  if (sendsOf(start.message).some((send) => send.recheck !== undefined)) {
    const over = await stillTrue(start, ready.patron)
    if (over) return over
    start = { ...start, at: now(engine) }
    const again = await recheck(start)
    if ('outcome' in again) return again
  }
  const { key, to, from, content, purpose, expireAt, via } = start.message
  if (lease.left() < callMs && !(await lease.keep())) return { outcome: { release: true } }
  if (signal.aborted) return { outcome: { release: true } }
  const answers = await answersOf(start)
  try {
    // A stop lets a call that has begun end by its own time-out: cut off, it would be an unknown.
    const outbound = { key, to, content, purpose, ...(from && { from }), ...answers, ...(expireAt && { expireAt }) }
    const receipt = await inTime((cut) => channel.send(outbound, engine.context(via, cut)))
    return await accepted(start, receipt, said)
  } catch (error) {
    const waits = PrmError.is(error) && error.code === 'rate_limited'
    if (waits) await moveOn(engine, start.message, Date.parse(start.at) + waitOf(error, start.message))
    return refused(start, error, said)
  }
}

/** What the patron wrote by this way that an answer in a conversation is to; of a second answer in a row, their last text. */
async function answersOf({ engine, message }: Start): Promise<Pick<Outbound, 'answers'>> {
  const { conversationId, via } = message
  if (conversationId === undefined) return {}
  const about = (await engine.scope.get('decision', message.decision))?.value.about ?? []
  const here = (fact: Ref): boolean => fact.source === via
  let facts: readonly Interaction[] = await factsOf(engine, about.filter(here))
  if (facts.length === 0) {
    const latest = await collect(engine.scope.find('interaction', { conversationId, order: 'newest', limit: 50 }))
    facts = latest.filter((fact) => fact.type === messageReceived.name && here(fact)).slice(0, 1)
  }
  const answers = facts.map(({ key, at, data }) => {
    const { subject } = (data as MessageReceived).content ?? {}
    return { key, ...(subject !== undefined && { subject }), ...(at !== undefined && { at }) }
  })
  return answers.length > 0 ? { answers } : {}
}

/** Is it still right to send this now, to this address? The second look at consent, hours, deadline and address. */
async function recheck(start: Start): Promise<Settled | { readonly patron?: Patron }> {
  const { engine, channel, at } = start
  const { library, purposes, only } = engine.options
  const message = start.message
  if (message.expireAt && message.expireAt <= at) return end(start, 'expired', worthless)
  if (message.confirms) {
    const back = latest(await consentsAt(engine, message.to))?.state === 'granted'
    return back ? end(start, 'cancelled', 'cancelled: they asked to get messages again') : {}
  }
  const row = message.bulk !== undefined && (await engine.scope.get('cursor', bulkId(message.bulk)))
  if (row) return end(start, 'cancelled', `cancelled: stopped: ${row.value.value}`)
  const purpose = purposes[message.purpose]
  if (!purpose) {
    const gone = `cancelled: this library has no purpose "${message.purpose}" any more`
    return leftToOthers(engine, message.notBefore) ?? end(start, 'cancelled', gone)
  }
  const person = async (id: string | undefined) =>
    id === undefined ? undefined : (await engine.scope.get('patron', id))?.value
  const patron = await person(message.patronId)
  const { recipient } = message
  const told = recipient === undefined ? patron : await person(recipient)
  const of = {
    now: at,
    purpose: message.purpose,
    ...(patron && { patron: regarded(engine, message.purpose, patron) }),
    ...(message.branch && { branch: message.branch }),
  }
  const now = await standIn(engine, of, {
    ...(patron && { patron }),
    addresses: patron ? reachable(patron) : [message.to],
  })
  // A child who has come of age, or is known for one since; a guardian who is none any more, or is gone.
  const nobody = now.recipient === undefined && whoIsTold(engine.shared, of) !== 'patron'
  if (nobody || now.recipient?.id !== recipient) {
    const why = 'cancelled: who is to be told of this is not who was to be'
    const anew = message.state === 'planned' && message.sends ? [againJob(engine, message.key, 'relevance')] : []
    return record(
      start,
      anew.length > 0 ? `${why}; it is decided anew` : why,
      { done: true },
      { state: 'cancelled' },
      [],
      anew,
    )
  }
  const to = message.conversationId === undefined ? addressNow(message, channel, told) : message.to
  if (!to) return instead(start, 'no-address', 'the patron has no such address any more')
  if (only && !only.includes(to.value)) return { outcome: { release: true, runAt: instant(Date.parse(at) + heldMs) } }
  const consents = await consentsAt(engine, to)
  const refusal = barOf(engine.shared, of) ?? refusalOf({ consents, purpose: message.purpose }, to, purpose, library)
  if (refusal) return instead(start, 'bad' in refusal ? 'undeliverable' : undefined, refusal.detail)
  const here = { ...of, ...(told && { patron: told }) }
  const caps = capsOf(engine.shared, message.purpose)
  const others = await toldOf(engine, caps, told?.id, told ? reachable(told) : [to], message)
  const heard = { ...of, ...(others && { told: others }) }
  const moment = (ms: number) => momentOf(engine.shared, heard, here, channel.medium, ms)
  const { at: allowed, moves } = moment(Date.parse(at))
  const turn = await turnOf(engine, message, allowed, (ms) => moment(ms).at)
  const open = turn?.at ?? allowed
  if (Number.isNaN(open)) return end(start, 'cancelled', 'cancelled: no moment is left at which it may go')
  if (isLate(message, open))
    return instead(start, 'deadline', `${[...moves.keys()].join(', ') || 'rate'}: longer than it is worth`, 'expired')
  if (!turn && open <= Date.parse(at) && sameAddress(to, message.to)) return { ...(patron && { patron }) }
  // Moved for the others too, whom a cap counts; the address is stored so that a look-up asks for the one that was called.
  const notBefore = message.state === 'planned' ? instant(open) : message.notBefore
  const moved = put('message', { ...message, to, notBefore, ...(turn?.slot && { slot: turn.slot }) })
  return {
    outcome: { release: true, runAt: instant(open) },
    batches: [{ put: [moved], jobs: lateJobs(message.key, at, notBefore) }],
  }
}

function isLate({ expireAt }: Message, ms: number): boolean {
  return expireAt !== undefined && ms >= Date.parse(expireAt)
}

/** Its adapter is left alone so long; what would be late by then goes another way, where its purpose falls back. */
function waits(start: Start, until: number): Settled {
  const late = isLate(start.message, until + nearMs) && otherWay(start.engine, start.message, 'deadline').length > 0
  return late
    ? instead(start, 'deadline', 'its adapter is paused')
    : { outcome: { release: true, runAt: instant(until) } }
}

/** It does not go this way: another is decided at once, where its purpose falls back so and this one surely did not go. */
function instead(
  start: Start,
  reason: Parameters<typeof otherWay>[2],
  why: string,
  state: 'expired' | 'cancelled' = 'cancelled',
): Settled {
  const jobs = start.message.state === 'planned' ? otherWay(start.engine, start.message, reason) : []
  if (jobs.length === 0) return end(start, state, `${state}: ${why}`)
  return record(start, `cancelled: ${why}; ${goesOn}`, { done: true }, { state: 'cancelled' }, [], jobs)
}

// ── around an outage ─────────────────────────────────────────────────────────────────────────

/** That its adapter is down, where its purpose does not wait for ever, and when that is long enough. */
async function outageOf({ engine, message }: Start): Promise<(Down & { readonly goes: number }) | undefined> {
  const { failover } = engine.options.purposes[message.purpose] ?? {}
  const down = failover && message.sends && (await downNow(engine)).get(message.via)
  return down && { ...down, goes: Date.parse(down.since) + milliseconds(failover.after ?? '5m') }
}

/**
 * What becomes of an urgent message while its adapter is down; nothing where it waits like any other. One a minute is tried
 * there, so that it is seen when that is back: first where a call that fails surely sends nothing.
 */
async function inOutage(start: Start, { why, goes }: Down & { readonly goes: number }): Promise<Settled | undefined> {
  const { engine, message } = start
  const { via, attempts } = message
  const at = Date.parse(start.at)
  const paused = () => (engine.paused.get(via) ?? 0) > at
  const surely = why !== 'unknown'
  // What has no other way, and no time, is better tried than not.
  const soon = isLate(message, at + nearMs) && otherWay(engine, message, 'deadline').length === 0
  if (goes > at) return surely || soon ? undefined : waits(start, Math.min(goes, at + pauseMs))
  const tried = attempts.some((one) => Date.parse(one.at) > at - recentMs)
  if (!surely || tried || paused()) {
    // After a night without a call it may be back: whoever asks is waited for.
    if (surely && !tried && !soon && !((engine.silent.get(via)?.last ?? 0) > at - recentMs))
      return waits(start, at + heldMs)
    const around = await goAround(start, Math.max(engine.paused.get(via) ?? 0, at + pauseMs))
    if (around || paused()) return around
  }
  engine.paused.set(via, at + pauseMs)
  return (await goneBefore(start)) ?? sendNow(start)
}
/** Longer than any pause between two tries. */
const recentMs = milliseconds('20m')

/**
 * Another adapter is decided where it may go at once, and within the money of the day; that it may not is said once. What has
 * to be looked up first, since it may have gone before this host began, waits for who can be asked.
 */
async function goAround(start: Start, later: number): Promise<Settled | undefined> {
  const { engine, message, at } = start
  const first = await lookedUpFirst(start)
  if (first?.patient && (engine.paused.get(message.via) ?? 0) > Date.parse(at)) return undefined
  const gone = first && (await goneBefore(start))
  if (gone) return gone
  const { outcome, reasons } = (await wayAround(engine, message)) ?? {}
  if (outcome?.send && outcome.via !== message.via && Date.parse(outcome.notBefore) <= Date.parse(at) + pauseMs) {
    const jobs = [againJob(engine, message.key, 'outage')]
    const said = `cancelled: outage: its provider is down; ${goesOn}`
    return record(start, said, { done: true }, { state: 'cancelled' }, [], jobs)
  }
  const why = reasons?.find(({ rule, verdict }) => rule === 'outage' && verdict === 'reject')?.detail
  if (!why || message.attempts.some((attempt) => attempt.outcome === `outage: ${why}`)) return undefined
  return record(start, `outage: ${why}`, { retryAt: instant(later), error: { code: 'unavailable', message: why } })
}

// ── is it still true ─────────────────────────────────────────────────────────────────────────

/** How long a re-check may take. */
const askMs = milliseconds('10s')

/** Asks each send's re-check about its own facts. What is over is not told; what nobody can say goes by the purpose. */
async function stillTrue(start: Start, patron: Patron | undefined): Promise<Settled | undefined> {
  const { engine, message, signal, at } = start
  const sends = sendsOf(message)
  const answers = await Promise.all(sends.map((send) => answerOf(engine, send, patron, signal)))
  if (signal.aborted) return { outcome: { release: true } }
  const over = sends.filter((_, index) => answers[index] === 'no').map(({ key }) => key)
  if (over.length > 0) {
    const rest = over.length < sends.length ? [againJob(engine, message.key, 'relevance', over)] : []
    const what = rest.length > 0 ? `${over.length} of ${sends.length} are over, the rest is told anew` : 'it is over'
    return record(start, `cancelled: relevance: ${what}`, { done: true }, { state: 'cancelled' }, [], rest)
  }
  const { unchecked = 'send' } = engine.options.purposes[message.purpose] ?? {}
  if (unchecked === 'send' || !answers.includes('unknown')) return undefined
  const why = 'relevance: nobody can say whether it is still true'
  const error = { code: 'unavailable', message: why } as const
  if (unchecked === 'wait' && tries(message) < mostAttempts)
    return record(start, why, { retryAt: instant(Date.parse(at) + backoff(message)), error })
  return fail(start, new PrmError(error.code, why), record(start, `${why}; left to a person`, { dead: true, error }))
}

function sendsOf({ sends = [] }: Message): readonly Send[] {
  return sends as unknown as readonly Send[]
}

async function answerOf(
  engine: Engine,
  { recheck, about = [] }: Send,
  patron: Patron | undefined,
  signal: AbortSignal,
): Promise<'yes' | 'no' | 'unknown'> {
  if (recheck === undefined) return 'yes'
  const facts = await factsOf(engine, about)
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  let silent = (): void => undefined
  const silence = new Promise<'unknown'>((resolve) => {
    silent = () => resolve('unknown')
    either.addEventListener('abort', silent)
    if (either.aborted) silent() // an event that is over is not heard
  })
  const timer = setTimeout(() => stop.abort(), askMs)
  try {
    const ask: Recheck | undefined = engine.options.rechecks?.[recheck]
    const answer = ask?.({ about: facts, signal: either, ...(patron && { patron }) })
    const said = await Promise.race([answer, silence])
    return said === 'yes' || said === 'no' ? said : 'unknown'
  } catch (error) {
    engine.options.log?.('warn', 'A re-check threw.', {
      recheck,
      error: error instanceof Error ? error.name : 'unknown',
    })
    return 'unknown'
  } finally {
    clearTimeout(timer)
    either.removeEventListener('abort', silent) // it would be kept for as long as the whole run
  }
}

/** Where the patron is reached now: a number that changed since the decision belongs to somebody else. */
function addressNow(message: Message, channel: Channel, patron: Patron | undefined): Message['to'] | undefined {
  if (!patron) return message.to
  const addresses = reachable(patron).filter((address) => channel.schemes.includes(address.scheme) && dialable(address))
  return addresses.find((address) => sameAddress(address, message.to)) ?? addresses[0]
}

// ── what became of it ────────────────────────────────────────────────────────────────────────

async function accepted(start: Start, receipt: Receipt, said: string): Promise<Settled> {
  const { id, from, state, code, means } = receipt
  const { via } = start.message
  start.engine.silent.delete(via)
  if (start.engine.paused.delete(via)) start.engine.emit('adapter', { id: via, state: 'ready' })
  await isBack(start.engine, via, start.at)
  const changes: Partial<Message> = { state, ...(id && { providerId: id }), ...(from && { from }) }
  const puts = means ? [put('consent', await refusal(start, means))] : []
  const asks = id !== undefined && engineAsks(start) && (state === 'accepted' || state === 'sent')
  const { key, notBefore } = start.message
  const jobs = asks ? [askJob(key, start.at)] : otherWay(start.engine, start.message, means)
  const late = lateJobs(key, notBefore, start.at)
  return record(start, `${said}${state}${code ? ` (${code})` : ''}`, { done: true }, changes, puts, [...jobs, ...late])
}

/** Without a public URL nobody reports to us, so we ask. */
function engineAsks({ engine, channel }: Start): boolean {
  return engine.options.url === undefined && channel.find !== undefined
}

function askJob(key: string, runAt: Instant): Job {
  return { key: `ask:${key}`, name: 'ask', runAt, payload: { key } }
}

function end(start: Begun, state: 'expired' | 'cancelled', outcome: string): Settled {
  return record(start, outcome, { done: true }, { state })
}

async function refused(start: Start, thrown: unknown, said: string): Promise<Settled> {
  const { message, at } = start
  // What is not our error may have been thrown after the request went out.
  const error = PrmError.is(thrown)
    ? thrown
    : new PrmError('unknown', 'The adapter threw something that is no PrmError.', { cause: thrown })
  const outcome = `${said}${error.code}: ${error.message}`
  const reason = { code: error.code, message: error.message }
  const later = (ms: number): Outcome => ({ retryAt: instant(Date.parse(at) + ms), error: reason })
  if (setUp.has(error.code)) return pause(start, error, outcome)
  await heard(start, error)
  switch (error.code) {
    case 'blocked':
      return record(start, outcome, { done: true }, { state: 'rejected' }, [
        put('consent', await refusal(start, 'blocked')),
      ])
    case 'undeliverable':
      return record(
        start,
        outcome,
        { done: true },
        { state: 'undelivered' },
        [put('consent', await refusal(start, 'undeliverable'))],
        otherWay(start.engine, message, 'undeliverable'),
      )
    case 'rate_limited':
      return record(start, outcome, later(waitOf(error, message)))
    case 'unavailable':
      if (tries(message) < mostAttempts) return record(start, outcome, later(waitOf(error, message)))
      return fail(start, error, record(start, outcome, { dead: true, error: reason }))
    // `contract`: the request went out, and what came back tells nothing.
    case 'unknown':
    case 'contract':
      return record(start, `unknown: ${outcome}`, later(lookMs(start.channel) * longer(message, 0)), {
        state: 'unknown',
      })
    default:
      return fail(start, error, record(start, outcome, { dead: true, error: reason }, { state: 'rejected' }))
  }
}

/** A dead letter, and somebody is told. */
function fail({ engine, lease }: Start, error: PrmError, settled: Settled): Settled {
  const after = (): void => {
    settled.after?.()
    engine.emit('failed', { job: lease.job, error, dead: true })
  }
  return { ...settled, after }
}

/** Calls that wait for a provider that is down would take every slot, and hold up what goes by another. */
async function heard(start: Start, error: PrmError): Promise<void> {
  const { engine, message, at } = start
  const { silent } = engine
  const { via } = message
  // That it is too busy says neither that it is down nor that it is back.
  if (error.code === 'rate_limited') return
  // What breaks its shape may be the page of whoever stands in for it, and says nothing of what was called.
  const why = error.code === 'contract' ? 'unknown' : error.code
  if (why !== 'unavailable' && why !== 'unknown') {
    silent.delete(via)
    return isBack(engine, via, at)
  }
  const last = Date.parse(at)
  const known = silent.get(via)
  const { count, since } = known && last - known.last < recentMs ? known : { count: 0, since: last }
  silent.set(via, { count: count + 1, since, last })
  if (count + 1 >= mostSilent) leaveAlone(start, error)
  const long = count + 1 >= fewSilent && last - since >= pauseMs
  if (long || count + 1 >= mostSilent) await isDown(engine, via, instant(since), why)
}

function leaveAlone({ engine, message, at }: Start, { message: why }: PrmError): void {
  const news = (engine.paused.get(message.via) ?? 0) <= Date.parse(at)
  engine.paused.set(message.via, Date.parse(at) + pauseMs)
  if (news) engine.emit('adapter', { id: message.via, state: 'paused', why })
}

async function pause(start: Start, error: PrmError, outcome: string): Promise<Settled> {
  const { engine, message, at } = start
  leaveAlone(start, error)
  const last = Date.parse(at)
  engine.silent.set(message.via, { count: 0, since: last, ...engine.silent.get(message.via), last })
  await isDown(engine, message.via, at, error.code)
  return record(start, outcome, {
    retryAt: instant(Date.parse(at) + pauseMs),
    error: { code: error.code, message: error.message },
  })
}

function refusal({ engine, message }: Start, means: 'undeliverable' | 'blocked'): Promise<Consent> {
  return refusalBy(engine, message.to, means, message.via, { source: 'prm', key: message.key })
}

/** As the provider says, if it says something sensible: a second to a week. */
function waitOf({ retryAfterMs = Number.NaN }: PrmError, message: Message): number {
  if (!(retryAfterMs >= 0 && retryAfterMs <= milliseconds('7d'))) return backoff(message)
  return Math.max(retryAfterMs, 1_000)
}

/** Waiting for somebody's set-up, or for a rate, is no try. */
function tries({ attempts }: Message): number {
  return attempts.filter(({ outcome }) => !/(^|: )(config|auth|forbidden|rate_limited|outage): /.test(outcome)).length
}

function backoff(message: Message): number {
  return Math.min(milliseconds('5s') * 2 ** Math.min(message.attempts.length, 10), milliseconds('15m'))
}

/** The one way out: what this start came to, and the message as it is now, in the job's own transaction. */
function record(
  start: Begun,
  outcome: string,
  settle: Outcome,
  changes: Partial<Message> = {},
  puts: readonly Put[] = [],
  jobs: readonly Job[] = [],
): Settled {
  const { state } = { ...start.message, ...changes }
  if ('retryAt' in settle && state === 'planned' && isLate(start.message, Date.parse(settle.retryAt) + nearMs)) {
    const other = otherWay(start.engine, start.message, 'deadline')
    if (other.length > 0)
      return record(start, `${outcome}; ${goesOn}`, { done: true }, { state: 'cancelled' }, [], other)
  }
  const unsent = changes.state === 'cancelled' || changes.state === 'expired'
  const maybe = unsent && start.mayHaveGone
  const message: Message = {
    ...start.message,
    ...changes,
    ...(maybe && { state: 'unknown' }),
    attempts: [...start.message.attempts, { at: start.at, outcome: maybe ? `not sent again: ${outcome}` : outcome }],
  }
  const over = 'done' in settle || 'dead' in settle
  return {
    outcome: settle,
    batches: [
      {
        put: [put('message', message), ...puts],
        jobs: [...jobs, ...backJobs(start.engine, message, 'dead' in settle)],
      },
    ],
    ...(over && { after: () => start.engine.emit('settled', message) }),
  }
}

// ── an unknown outcome ───────────────────────────────────────────────────────────────────────

/** Until it is asked for first: what was taken mostly shows soon, and only that it was not has to wait for `settle`. */
function lookMs(channel: Channel): number {
  return Math.min(settleMs(channel), 60_000) / 4
}

/** How often it was started and may have gone. */
function unknowns({ attempts }: Message): number {
  return attempts.filter(({ outcome }) => outcome.startsWith('unknown')).length
}

/** Each time twice as long, up to some hours. */
function longer(message: Message, but: number): number {
  return 2 ** Math.min(Math.max(unknowns(message) - but, 0), 8)
}

/**
 * A start without an outcome: was it taken? The provider is asked, and sends again only when it says `absent` after a
 * settling time. Where nobody can say, the purpose decides: resend and show it, or leave it to a person.
 */
async function settleUnknown(start: Start): Promise<Settled> {
  const { engine, message, channel, at } = start
  if (unknowns(message) >= (channel.limits.idempotent ? mostAttempts : mostUnknown))
    return leave(start, 'It was sent again and again, and each time nobody could say whether it went.')
  if (channel.limits.idempotent) return sendNow({ ...start, mayHaveGone: true }, 'sent again with the same key: ')
  if (!channel.find) {
    if (engine.options.purposes[message.purpose]?.unknown === 'resend')
      return sendNow({ ...start, mayHaveGone: true }, 'sent again, since nobody can say whether it went: ')
    return leave(start, 'Nobody can say whether this message went, and its purpose leaves that to a person.')
  }
  try {
    const found = await look(start, channel.find)
    if (typeof found === 'object') return accepted(start, found, 'found: ')
    const since = [...message.attempts].reverse().find((attempt) => attempt.outcome.startsWith('unknown'))?.at ?? at
    const settled = Date.parse(since) + settleMs(channel) * longer(message, 1)
    if (found === 'absent' && Date.parse(at) >= settled) return sendNow(start, 'it had not gone, sent again: ')
    const again = found === 'absent' ? Math.max(settled, Date.parse(at) + 100) : Date.parse(at) + backoff(message)
    return askAgain(start, `${found}: asked whether it went`, again)
  } catch (error) {
    const why = PrmError.is(error)
      ? `${error.code}: ${error.message}`
      : 'the adapter threw something that is no PrmError'
    const outcome = `could not ask whether it went: ${why}`
    if (PrmError.is(error) && setUp.has(error.code)) return pause(start, error, outcome)
    return askAgain(start, outcome, Date.parse(at) + backoff(message))
  }
}

function askAgain(start: Start, outcome: string, at: number): Settled {
  if (tries(start.message) >= mostAttempts)
    return leave(start, 'The provider was asked many times whether this message went, and does not say.')
  return record(start, outcome, { retryAt: instant(at), error: { code: 'unknown' } })
}

function leave(start: Start, why: string): Settled {
  const error = new PrmError('unknown', why)
  const dead: Outcome = { dead: true, error: { code: error.code, message: error.message } }
  return fail(start, error, record(start, 'unknown: left to a person', dead))
}

/**
 * How far a provider's clock may be from ours: who looks in the wrong minutes finds nothing, and sends a second text. What
 * we sent in those minutes is `taken`, so that only an equal text to that address of which this store knows nothing (of
 * another program, of somebody erased, of a message left unknown) is mistaken for this one; whoever is reached there has
 * then read these words.
 */
const skewMs = milliseconds('15m')

/** Between the earliest and the latest of `times`: our clock may have been put back meanwhile. */
async function look(
  { engine, signal, message, at }: Start,
  find: NonNullable<Channel['find']>,
  times: readonly Instant[] = [message.notBefore, at, ...message.attempts.map((attempt) => attempt.at)],
): Promise<Receipt | 'absent' | 'unsure'> {
  const { key, providerId, to, content, via } = message
  const all = times.map((time) => Date.parse(time))
  const [from, until] = [instant(Math.min(...all) - skewMs), instant(Math.max(...all) + skewMs)]
  const taken = await takenIds(engine, message, from)
  const query = { key, to, from, until, content, taken, ...(providerId && { id: providerId }) }
  return inTime(() => find(query, engine.context(via, signal)))
}

/**
 * What may have gone without this store's knowing is looked up before it goes: what was due before a gap's end, and what was
 * decided since then, until so many of a kind in a row had not gone that enough is known.
 */
async function goneBefore(start: Start): Promise<Settled | undefined> {
  const { engine, channel, at } = start
  const first = await lookedUpFirst(start)
  if (!channel.find || !first) return undefined
  const { from, until, way, patient } = first
  const later = (ms: number): Settled => ({ outcome: { release: true, runAt: instant(Date.parse(at) + ms) } })
  let found: Receipt | 'absent' | 'unsure'
  try {
    // What went since the gap's end is known here: an equal text may be of another, even of another program.
    found = await look(start, channel.find, [from, instant(Math.min(Date.parse(at), Date.parse(until) + askableMs))])
  } catch (error) {
    // Whoever may send, but not look, sends; a set-up that is wrong is told by the call.
    if (!patient || !PrmError.is(error) || !passing.has(error.code)) return undefined
    return later(Math.min(Math.max(error.retryAfterMs || 0, heldMs), askableMs))
  }
  if (found === 'unsure') return patient ? later(heldMs) : undefined
  if (typeof found === 'object') {
    engine.fresh.set(way, 0)
    return accepted(start, found, 'found, though it was new to this store: ')
  }
  const fresh = (engine.fresh.get(way) ?? 0) + 1
  engine.fresh.set(way, fresh)
  if (fresh === freshEnough) await noteKnown(engine, way, until)
  return undefined
}
/** From when on it may have gone, until the end of which gap; and whether who does not say is waited for: nothing waits for ever. */
async function lookedUpFirst({
  engine,
  message,
  channel,
  at,
}: Start): Promise<
  { readonly from: Instant; readonly until: Instant; readonly way: Way; readonly patient: boolean } | undefined
> {
  const { only } = engine.options
  const { via, to, notBefore, decision } = message
  if (!channel.find || (only && !only.includes(to.value))) return undefined
  const { all, known } = await engine.gaps()
  const counted = all.filter((gap) => counts(gap, channel, at))
  const after = counted.some((gap) => notBefore >= gap.at)
  const decided = after ? (await engine.scope.get('decision', decision))?.value : undefined
  const wayAt = (gap: Gap): Way =>
    notBefore < gap.at ? `${via} planned` : `${via} told ${decided?.about[0]?.source ?? ''}`
  // What was decided before a gap, and was not due in it, did not go in it.
  const may = counted.filter((gap) => {
    const way = wayAt(gap)
    const enough = gap.at <= (known[way] ?? '') || (engine.fresh.get(way) ?? 0) >= freshEnough
    return !enough && (notBefore < gap.at || !decided || decided.at > gap.from)
  })
  const [first, last] = [may[0], may.at(-1)]
  if (!first || !last) return undefined
  // From when it could be asked first: a host may be begun every few minutes.
  const since = (may.find((gap) => notBefore < gap.at) ?? last).noted
  const most = Date.parse(notBefore < last.at && notBefore > since ? notBefore : since) + askableMs
  const patient = Date.parse(at) < most && !isLate(message, Date.parse(at))
  // No further back than is remembered what went: else an equal text of then would be taken for this one.
  const from = instant(Math.max(Date.parse(first.from), Date.parse(at) - durationOf(engine.options.keep) + skewMs))
  return { from, until: last.at, way: wayAt(last), patient }
}
const freshEnough = 50
/** What may be otherwise in a while, and how long that is waited for. */
const passing: ReadonlySet<string> = new Set(['unavailable', 'rate_limited', 'unknown'])
const askableMs = milliseconds('1h')

/**
 * What the provider took from us for this address under other keys: a family gets the same text twice, rightly. What went by an
 * adapter that is none here may have gone by this one under its former name.
 */
async function takenIds(engine: Engine, message: Message, from: Instant): Promise<readonly string[]> {
  const since = instant(Date.parse(from) - milliseconds('30d'))
  const mayBeHere = (via: string): boolean => via === message.via || !engine.options.adapters[via]?.channel
  const ids: string[] = []
  for await (const other of engine.scope.find('message', { address: message.to, since }))
    if (mayBeHere(other.via) && other.key !== message.key && other.providerId) ids.push(other.providerId)
  return ids
}

// ── asking for states ────────────────────────────────────────────────────────────────────────

/** How long after it was handed over a message is asked for: many routes never say more than `sent`. */
const asks: readonly number[] = ['30s', '2m', '10m', '1h', '6h'].map((wait) => milliseconds(wait as '30s'))

const sweepMs = milliseconds('1h')
/** How long after its decision a message is asked for of which no final report came; then it is left as it is. */
const ages: readonly number[] = [reportMs, ...['2d', '7d', '30d'].map((age) => milliseconds(age as '2d'))]
/** And what was handed over long after. */
const lateAsks = ages.slice(1).map((age, at) => age - (ages[at] as number))

export function sweepJob(runAt: Instant): Job {
  return { key: 'sweep', name: 'sweep', group: 'sweep', runAt, payload: null }
}

/** Looks by state, once an hour, for what has come to such an age since it looked last: handing over pays nothing for it. */
export async function sweep(engine: Engine): Promise<Settled> {
  const to = engine.now().getTime()
  const last = (await engine.scope.get('cursor', 'sweep'))?.value.value
  const from = typeof last === 'string' ? Date.parse(last) : to
  const jobs: Job[] = []
  for (const age of from < to ? ages : [])
    for (const state of ['accepted', 'sent']) {
      const window = { since: instant(from - age), until: instant(to - age) }
      for await (const { key } of engine.scope.find('message', { state, ...window }))
        jobs.push({ ...askJob(key, instant(to)), payload: { key, once: true } })
    }
  const cursor = put('cursor', { id: 'sweep', value: instant(to) })
  return { outcome: { release: true, runAt: instant(to + sweepMs) }, batches: [{ put: [cursor], jobs }] }
}

/** Asks the provider what became of a message, where no report can reach us, or none came. */
export async function ask(engine: Engine, lease: Lease, signal: AbortSignal): Promise<Settled> {
  const { key, once, late } = lease.job.payload as { key: string; once?: true; late?: true }
  const message = (await engine.scope.get('message', key))?.value
  const channel = message && engine.options.adapters[message.via]?.channel
  if (late && (message?.state === 'planned' || message?.state === 'unknown'))
    return { outcome: { release: true, runAt: instant(engine.now().getTime() + reportMs) } }
  if (!message?.providerId || !channel?.find || (message.state !== 'accepted' && message.state !== 'sent'))
    return { outcome: { done: true } }
  const rest = engine.paused.get(message.via) ?? 0
  if (rest > engine.now().getTime()) return { outcome: { release: true, runAt: instant(rest) } }
  const wait = once ? undefined : (late ? lateAsks : asks)[lease.attempt - 1]
  const later: Outcome =
    wait === undefined
      ? { done: true }
      : { retryAt: instant(engine.now().getTime() + wait), error: { code: 'unknown' } }
  const { providerId, to, content, notBefore } = message
  const ctx = engine.context(message.via, signal)
  const query = { key, id: providerId, to, from: notBefore, until: now(engine), content, taken: [] }
  const { find } = channel
  const found = await inTime(() => find(query, ctx)).catch((error: unknown) => {
    ctx.log('warn', 'What became of a message could not be asked.', {
      code: PrmError.is(error) ? error.code : 'unknown',
    })
    return undefined
  })
  if (typeof found !== 'object') return { outcome: later }
  const puts = [
    put('message', { ...message, state: found.state }),
    ...(found.means
      ? [put('consent', await refusalBy(engine, to, found.means, message.via, { source: 'prm', key }))]
      : []),
  ]
  const last = found.state !== 'accepted' && found.state !== 'sent'
  return {
    outcome: last ? { done: true } : later,
    batches: [
      {
        put: puts,
        jobs: [...otherWay(engine, message, found.means), ...backJobs(engine, { ...message, state: found.state })],
      },
    ],
    after: () => engine.emit('reported', { ...message, state: found.state }),
  }
}
