import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Adapter,
  type Address,
  type Awaitable,
  type Batch,
  type Channel,
  type Code,
  type Consent,
  type Content,
  createPrm,
  type Decision,
  type Delivery,
  type Duration,
  type Feed,
  type FeedPage,
  type Instant,
  type Interaction,
  type Job,
  type Json,
  type Library,
  type LookupQuery,
  type Message,
  messageDelivery,
  messageReceived,
  notice,
  type Options,
  type OptOutEntry,
  type Outbound,
  type PatronUpdate,
  type Price,
  type Prm,
  PrmError,
  type PrmEvents,
  type Receipt,
  type Scope,
  type Send,
  type Store,
  type Webhook,
} from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { milliseconds } from '../packages/core/src/time/instants.ts'

/** A provider in memory: takes texts, can be told to misbehave, and remembers what it took. */
export interface FakeSms extends Adapter {
  readonly channel: Channel
  readonly webhook: Webhook
  readonly taken: (Outbound & { readonly id: string })[]
  /** The next calls fail with these codes, in order; `hang` takes the message and then fails with `unknown`. */
  readonly faults: (Code | 'hang' | 'throw')[]
  /** Answers `unsure` this often before it tells. */
  unsure: number
  calls: number
  /** What it says of a message it is asked for. */
  state: Delivery
  /** What `find` was asked. */
  readonly sought: LookupQuery[]
  /** The next look-ups fail with these. */
  readonly findFaults: Code[]
  /** What it was told to delete, and how the next of these fail. */
  readonly removed: string[]
  readonly removeFaults: Code[]
  /** What its block list was told, and how the next of these fail. */
  readonly told: OptOutEntry[]
  readonly blockFaults: Code[]
  /** How long a provider says to wait. */
  retryAfterMs: number | undefined
  /** Runs once a message is taken, before its sender hears of it. */
  onTaken: (message: Outbound & { readonly id: string }) => Awaitable<void>
}

export function fakeSms(
  options: {
    readonly find?: boolean
    readonly remove?: boolean
    readonly block?: boolean
    readonly exposure?: Channel['exposure']
    readonly medium?: Channel['medium']
    readonly schemes?: Channel['schemes']
    readonly limits?: Partial<Channel['limits']>
    readonly senders?: NonNullable<Channel['senders']>
    readonly price?: Price
  } = {},
): FakeSms {
  const taken: FakeSms['taken'] = []
  const faults: FakeSms['faults'] = []
  const find = async (query: LookupQuery): Promise<Receipt | 'absent' | 'unsure'> => {
    fake.sought.push(query)
    const fault = fake.findFaults.shift()
    if (fault) throw new PrmError(fault, `The provider said ${fault}.`)
    if (fake.unsure > 0) {
      fake.unsure--
      return 'unsure'
    }
    const found = query.id
      ? taken.find((one) => one.id === query.id)
      : taken.find(
          (one) =>
            one.to.value === query.to.value &&
            one.content.text === query.content.text &&
            !query.excludeProviderIds.includes(one.id),
        )
    return found ? { id: found.id, state: fake.state, raw: null } : 'absent'
  }
  const fake: FakeSms = {
    spec: 1,
    kind: 'fake',
    version: '1.0.0',
    emits: [messageReceived, messageDelivery],
    taken,
    faults,
    unsure: 0,
    calls: 0,
    state: 'sent',
    sought: [],
    findFaults: [],
    removed: [],
    removeFaults: [],
    told: [],
    blockFaults: [],
    retryAfterMs: undefined,
    onTaken: () => undefined,
    channel: {
      medium: options.medium ?? 'sms',
      schemes: options.schemes ?? ['tel'],
      exposure: options.exposure ?? 'glanceable',
      senders: options.senders ?? [{ address: { scheme: 'tel', value: '+12125550100' } }],
      limits: { idempotent: false, ...options.limits },
      measure: ({ text }: Content, to) => ({
        units: Math.ceil(text.length / 160),
        unit: 'part',
        warnings: [],
        ...(options.price && { cost: options.price }),
        ...(text.length > 1_600 && { tooLong: true }),
        ...(to?.value === '+442079460000' && { unreachable: 'a landline' }),
      }),
      async send(message) {
        fake.calls++
        const fault = faults.shift()
        if (fault && fault !== 'hang' && fault !== 'throw')
          throw new PrmError(
            fault,
            `The provider said ${fault}.`,
            fake.retryAfterMs === undefined ? {} : { retryAfterMs: fake.retryAfterMs },
          )
        const id = `F${taken.length + 1}`
        taken.push({ ...message, id })
        await fake.onTaken({ ...message, id })
        if (fault === 'hang') throw new PrmError('unknown', 'No answer came.')
        if (fault === 'throw') throw new TypeError('a bug of the adapter')
        return { id, state: 'accepted', raw: null }
      },
      ...(options.find !== false && { lookup: find }),
      ...(options.block && {
        async setOptOut(said: OptOutEntry) {
          fake.told.push(said)
          const fault = fake.blockFaults.shift()
          if (fault) throw new PrmError(fault, `The provider said ${fault}.`)
        },
      }),
      ...(options.remove !== false && {
        async remove(id: string) {
          const fault = fake.removeFaults.shift()
          if (fault) throw new PrmError(fault, `The provider said ${fault}.`)
          fake.removed.push(id)
          const index = taken.findIndex((one) => one.id === id)
          if (index >= 0) taken.splice(index, 1)
        },
      }),
    },
    webhook: {
      async receive(request, ctx) {
        if (request.headers.get('signature') !== 'right') throw new PrmError('signature', 'The signature is wrong.')
        const facts = (await request.json().catch(() => undefined)) as Interaction[] | undefined
        if (!Array.isArray(facts)) throw new PrmError('invalid', 'This is no list of facts.')
        return { interactions: facts.map((fact) => ({ ...fact, source: ctx.id })) }
      },
    },
  }
  return fake
}

/** A source that tells what it is given, in batches, as often as it is asked. */
export interface FakeFeed extends Adapter {
  readonly feed: Feed
  batches: { readonly interactions: readonly Interaction[]; readonly people?: readonly PatronUpdate[] }[]
  /** What ran after each batch was committed. */
  readonly committed: number[]
  /** Where it was asked to go on from, each time. */
  readonly cursors: (Json | undefined)[]
  /** Awaited after each batch was committed. */
  between: () => Awaitable<void>
  /** Thrown before this batch, if set. */
  failBefore: number | undefined
}

export function fakeFeed(repeats = true): FakeFeed {
  const fake: FakeFeed = {
    spec: 1,
    kind: 'fake-feed',
    version: '1.0.0',
    emits: [notice],
    batches: [],
    committed: [],
    cursors: [],
    failBefore: undefined,
    between: () => undefined,
    feed: {
      every: '30s',
      repeats,
      async *pull(cursor: Json | undefined): AsyncIterable<FeedPage> {
        fake.cursors.push(cursor)
        for (const [index, batch] of fake.batches.entries()) {
          if (!repeats && typeof cursor === 'number' && index <= cursor) continue
          if (fake.failBefore === index) throw new PrmError('unavailable', 'The source is down.')
          yield { ...batch, cursor: index }
          fake.committed.push(index)
          await fake.between()
        }
      },
    },
  }
  return fake
}

export const card = (value: string): Address => ({ scheme: 'ils', realm: 'ils/card', value })
export const tel = (value: string): Address => ({ scheme: 'tel', value })

/** A hold that is ready, as a notice file tells it. */
export function hold(
  id: number,
  cardNumber: string,
  more: {
    readonly title?: string
    readonly collectBy?: string
    readonly medium?: string
    readonly pickup?: string
    readonly branch?: string
  } = {},
): Interaction {
  const { title = 'A Secret History', collectBy = '2026-12-24', medium, pickup = 'Main', branch } = more
  return {
    key: `hold-ready ${id} ${collectBy}`,
    type: 'notice',
    source: 'ils',
    who: card(cardNumber),
    data: {
      kind: 'hold-ready',
      subjectKey: `hold:ils:${id}`,
      items: [{ id: String(id), title, collectBy }],
      pickup,
      ...(medium && { medium }),
    },
    ...(branch && { branch }),
  }
}

export const person = (cardNumber: string, phone?: string, more: Partial<PatronUpdate> = {}): PatronUpdate => ({
  at: card(cardNumber),
  also: phone ? [tel(phone)] : [],
  ...more,
})

export const library = {
  id: 'springfield',
  name: 'Springfield Library',
  timeZone: 'America/Chicago',
  locale: 'en',
  region: 'US',
  quietHours: { from: '21:00', to: '08:00' },
} as const
export const purposes = {
  pickup: { basis: 'service', class: 'service' },
  news: { basis: 'consent', class: 'promotional' },
  urgent: { basis: 'service', class: 'service', quietHours: 'ignore', onUnknownOutcome: 'resend' },
} as const
/** Ten in the morning in Springfield, outside quiet hours. */
export const morning = '2026-11-24T16:00:00.000Z'

/** A clock that the test moves. */
export class Clock {
  ms: number
  readonly now = (): Date => new Date(this.ms)
  constructor(at: Instant = morning) {
    this.ms = Date.parse(at)
  }
  advance(by: Duration): void {
    this.ms += milliseconds(by)
  }
}

/** A store whose commits fail while `broken`, or where `breaks` says so. */
export interface Breakable extends Store {
  broken: boolean
  /** Nothing can be found in it. */
  unreadable: boolean
  breaks: (batches: readonly Batch[]) => boolean
  /** What was asked to be committed. */
  readonly commits: (readonly Batch[])[]
  /** Awaited before each commit. */
  before: (batches: readonly Batch[]) => Awaitable<void>
  /** Awaited after each commit, before whoever asked for it hears. */
  after: (batches: readonly Batch[]) => Awaitable<void>
}

export function breakable(store: Store = sqlite({ memory: true })): Breakable {
  const wrapped: Breakable = {
    broken: false,
    unreadable: false,
    breaks: () => false,
    commits: [],
    before: () => undefined,
    after: () => undefined,
    work: (names, run, options) => store.work(names, run, options),
    close: () => store.close(),
    scope(library) {
      const scope = store.scope(library)
      return {
        ...scope,
        async *find(kind, query) {
          if (wrapped.unreadable) throw new Error('The disk is gone.')
          yield* scope.find(kind, query)
        },
        async commit(batches) {
          wrapped.commits.push(batches)
          if (wrapped.broken || wrapped.breaks(batches)) throw new Error('The disk is full.')
          await wrapped.before(batches)
          const written = await scope.commit(batches)
          await wrapped.after(batches)
          return written
        },
      }
    },
  }
  return wrapped
}

interface Templates {
  pickup(data: readonly { readonly pickup: string }[]): Content
  plain(data: { readonly text: string }): Content
  long(data: readonly { readonly text: string }[]): Content
}
/** What a hold is told with: one line for all that one person collects at one place. */
export const templates: Templates = {
  pickup: (data) => ({
    text: `${data.length} to collect at ${data[0]?.pickup}.`,
  }),
  plain: (data) => ({ text: data.text }),
  long: (data) => ({ text: data.map(({ text }) => text).join(' ') }),
}

export interface Springfield {
  readonly prm: Prm<Adapters, keyof typeof purposes, keyof Templates>
  readonly sms: FakeSms
  readonly ils: FakeFeed
  readonly store: Store
  readonly clock: Clock
  readonly repeated: PrmEvents['duplicate'][]
  readonly failed: PrmEvents['jobFailed'][]
  readonly decided: PrmEvents['decided'][]
  readonly settled: PrmEvents['message'][]
  /** Runs all that is due. */
  run(): Promise<{ readonly waiting: number; readonly next?: Instant }>
  /** Moves the clock, then runs all that is due. */
  advance(by: Duration): Promise<void>
}
type Adapters = { readonly sms: FakeSms; readonly ils: FakeFeed }

/**
 * A library whose ILS tells holds, texted in one message for each patron and place. Give it the store, adapters and clock
 * of another to be a second host, or the first after a restart.
 */
export function springfield(
  given: {
    readonly sms?: FakeSms
    readonly ils?: FakeFeed
    readonly store?: Store
    readonly clock?: Clock
    readonly library?: Partial<Library>
    readonly url?: string | undefined
    readonly allowlist?: readonly string[]
    readonly concurrency?: number
    readonly log?: NonNullable<Options<Adapters, 'pickup', 'pickup'>['log']>
    /** Without the flow that tells of holds. */
    readonly quietly?: boolean
    /** Other adapters. */
    readonly more?: { readonly [id: string]: Adapter }
    /** With a second channel, that calls. */
    readonly voice?: boolean
  } = {},
): Springfield {
  const {
    sms = fakeSms(),
    ils = fakeFeed(),
    store = sqlite({ memory: true }),
    clock = new Clock(),
    quietly = false,
    voice = false,
  } = given
  const { allowlist, concurrency, log } = given
  const url = 'url' in given ? given.url : 'https://library.example/prm'
  const prm = createPrm({
    library: { ...library, ...given.library },
    adapters: { sms, ils, ...given.more, ...(voice && { phone: fakeSms({ medium: 'voice' }) }) },
    store,
    purposes,
    templates: { ...templates },
    now: clock.now,
    ...(url && { publicUrl: url }),
    ...(allowlist && { allowlist }),
    ...(concurrency && { concurrency }),
    ...(log && { log }),
  })
  if (!quietly) tellHolds(prm)
  const seen = { repeated: [], failed: [], decided: [], settled: [] } as Pick<
    Springfield,
    'repeated' | 'failed' | 'decided' | 'settled'
  >
  prm.on('duplicate', (one) => seen.repeated.push(one))
  prm.on('jobFailed', (one) => seen.failed.push(one))
  prm.on('decided', (one) => seen.decided.push(one))
  prm.on('message', (one) => seen.settled.push(one))
  const run = () => prm.run({ once: true })
  return {
    ...seen,
    prm,
    sms,
    ils,
    store,
    clock,
    run,
    async advance(by) {
      clock.advance(by)
      await run()
    },
  }
}

function tellHolds(prm: Springfield['prm']): void {
  prm.flow('tell', notice, async ({ event }) => {
    const { kind, pickup = '', items } = event.data
    const expireAt = items[0]?.collectBy
    await prm.send({
      to: event.who ?? card('nobody'),
      purpose: 'pickup',
      content: { template: 'pickup', data: { pickup, items: items.map(({ title = '' }) => ({ title })) } },
      key: `${event.source} ${event.key}`,
      about: [event],
      digest: `${kind} ${pickup}`,
      ...(expireAt && { expireAt }),
    })
  })
}

export const keyOf = (fact: Interaction): string => `${fact.source} ${fact.key}`
export const phone = '+12125550123'
export const otherPhone = '+12125550199'

/** A request as the fake provider would sign it. */
export function webhook(
  facts: unknown,
  { path = '/prm/sms', signature = 'right' }: { readonly path?: string; readonly signature?: string } = {},
): Request {
  const body = typeof facts === 'string' ? facts : JSON.stringify(facts)
  return new Request(`https://library.example${path}`, { method: 'POST', headers: { signature }, body })
}

export function texted(key: string, text: string, from: string = phone, more: object = {}): Interaction {
  const optOut = /^(stop|start)$/i.test(text) ? { optOut: text.toLowerCase() as 'stop' | 'start' } : {}
  return {
    key,
    type: 'message.received',
    source: 'sms',
    who: tel(from),
    data: { content: { text }, ...optOut, ...more },
  }
}

export function reported(key: string, about: string, data: object): Interaction {
  return {
    key,
    type: 'message.delivery',
    source: 'sms',
    about: { source: 'prm', key: about },
    data: { raw: 'x', ...data },
  }
}

export async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const row of rows) found.push(row)
  return found
}

/** A plain text to one number. */
export function plain(key: string, more: Partial<Sends> = {}): Sends {
  return { to: tel(phone), purpose: 'pickup', content: { text: 'Your hold is ready.' }, key, ...more }
}
/** One member of a digest. */
export function member(key: string, more: Partial<Sends> & { readonly pickup?: string } = {}): Sends {
  const { pickup = 'Main', ...rest } = more
  return plain(key, { content: { template: 'pickup', data: { pickup } }, digest: 'd', ...rest })
}
type Sends = Send<Adapters, keyof typeof purposes, keyof Templates>

/** What is stored for this library. */
export function scopeOf(store: Store): Scope {
  return store.scope(library.id)
}
export async function jobsOf(
  store: Store,
  state: 'waiting' | 'active' | 'dead' = 'waiting',
): Promise<(Job & { readonly error?: Json })[]> {
  const jobs = await all(scopeOf(store).jobs({ state }))
  return jobs.filter(({ name }) => name !== 'expire' && name !== 'sweep') // the house-keeping, which is always promised
}
export function factsOf(store: Store, type = 'notice'): Promise<Interaction[]> {
  return all(scopeOf(store).find('interaction', { type }))
}
export function messagesOf(store: Store): Promise<Message[]> {
  return all(scopeOf(store).find('message', {}))
}
export async function messageOf(store: Store, key: string): Promise<Message | undefined> {
  return (await scopeOf(store).get('message', key))?.value
}
export function decisionsOf(store: Store): Promise<Decision[]> {
  return all(scopeOf(store).find('decision', {}))
}
export function consentsOf(store: Store, number: string = phone): Promise<Consent[]> {
  return all(scopeOf(store).find('consent', { address: tel(number) }))
}
/** A store file of its own, gone with the machine's temporary files. */
export function storeFile(): string {
  return join(mkdtempSync(join(tmpdir(), 'prm-core-')), 'store.db')
}
