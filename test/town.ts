import {
  type Adapter,
  type Address,
  type Channel,
  type Consent,
  createPrm,
  type Decision,
  type Duration,
  type Instant,
  type Library,
  type Message,
  type Patron,
  type PatronUpdate,
  type Prm,
  type Purpose,
  type Recheck,
  type Send,
  type Store,
  type Template,
} from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { replay } from '../packages/core/src/host/replay.ts'
import type { Engine } from '../packages/core/src/runtime/engine.ts'
import { patronId } from '../packages/core/src/runtime/names.ts'
import {
  all,
  Clock,
  card,
  type FakeFeed,
  type FakeSms,
  fakeFeed,
  fakeSms,
  library,
  messageOf,
  phone,
  scopeOf,
  tel,
  templates,
} from './fake.ts'

export const mail = (value: string): Address => ({ scheme: 'mailto', value })
/** The id of whoever is first met under this card. */
export const idOf = (cardNumber: string): string =>
  patronId({ options: { library } } as unknown as Engine, card(cardNumber))

export interface Town {
  readonly prm: Prm<{ readonly [id: string]: Adapter }, string, string, string>
  readonly sms: FakeSms
  readonly email: FakeSms
  readonly phone: FakeSms
  readonly ils: FakeFeed
  readonly store: Store
  readonly clock: Clock
  readonly failed: { readonly error: Error }[]
  readonly settled: Message[]
  run(): Promise<{ readonly waiting: number; readonly next?: Instant }>
  advance(by: Duration): Promise<void>
  /** What a source says of people. */
  meet(...people: PatronUpdate[]): Promise<void>
  patron(cardNumber: string): Promise<Patron | undefined>
  send(key: string, more?: Partial<Send>): Promise<Decision>
  say(state: Consent['state'], purpose: string, more?: Partial<Consent>): Promise<void>
  message(key: string): Promise<Message | undefined>
  /** What went out, by whichever way, oldest first. */
  told(): readonly (readonly [string, string])[]
  /** That the decision comes out again from what it was made of. */
  replayed(decision: Decision): Promise<Pick<Decision, 'outcome' | 'reasons'>>
}

const service = { basis: 'service', class: 'service' } as const

/** A library with texts, mail and calls, whose rules are up to the test. */
export function town(
  given: {
    readonly purposes?: { readonly [name: string]: Partial<Purpose> }
    readonly library?: Partial<Library>
    readonly templates?: { readonly [name: string]: Template }
    readonly rechecks?: { readonly [name: string]: Recheck }
    readonly at?: Instant
    /** From which mail goes. */
    readonly senders?: NonNullable<Channel['senders']>
    readonly store?: Store
    readonly clock?: Clock
    readonly log?: (...said: readonly unknown[]) => void
  } = {},
): Town {
  const { store = sqlite({ memory: true }), clock = new Clock(given.at) } = given
  const sms = fakeSms()
  const { senders } = given
  const email = fakeSms({ medium: 'email', schemes: ['mailto'], exposure: 'private', ...(senders && { senders }) })
  const voice = fakeSms({ medium: 'voice' })
  const order: (readonly [string, string])[] = []
  for (const [id, fake] of Object.entries({ sms, email, phone: voice }))
    fake.onTaken = ({ to }) => void order.push([id, to.value])
  const ils = fakeFeed()
  const { library: more, purposes = {} } = given
  const prm = createPrm({
    library: { ...library, ...more },
    adapters: { sms, email, phone: voice, ils },
    store,
    purposes: {
      pickup: service,
      news: { ...service, class: 'promotional' },
      ...Object.fromEntries(Object.entries(purposes).map(([name, one]) => [name, { ...service, ...one }])),
    },
    templates: { ...templates, ...given.templates },
    ...(given.rechecks && { rechecks: given.rechecks }),
    ...(given.log && { log: given.log }),
    now: clock.now,
    publicUrl: 'https://library.example/prm',
  } as never) as unknown as Town['prm']
  const failed: Town['failed'] = []
  const settled: Message[] = []
  prm.on('jobFailed', (one) => failed.push(one))
  prm.on('message', (one) => settled.push(one))
  const run = () => prm.run({ once: true })
  return {
    prm,
    sms,
    email,
    phone: voice,
    ils,
    store,
    clock,
    failed,
    settled,
    run,
    async advance(by) {
      clock.advance(by)
      await run()
    },
    async meet(...people) {
      ils.batches = [{ interactions: [], people }]
      await prm.pull('ils')
      ils.batches = []
    },
    patron: async (cardNumber) => (await scopeOf(store).get('patron', idOf(cardNumber)))?.value,
    send: (key, more = {}) =>
      prm.send({ to: tel(phone), purpose: 'pickup', content: { text: 'Your hold is ready.' }, key, ...more }),
    async say(state, purpose, more = {}) {
      const at = clock.now().toISOString()
      const id = `${state} ${purpose} ${at} ${more.address?.value ?? ''}`
      const value = { id, address: tel(phone), purpose, state, basis: 'request', at, by: 'desk', ...more } as const
      await scopeOf(store).commit([{ put: [{ kind: 'consent', value }] }])
    },
    message: (key) => messageOf(store, key),
    told: () => order,
    replayed: (decision) => replay({ scope: scopeOf(store) } as Engine, decision),
  }
}

export const decisionsIn = (one: Town): Promise<Decision[]> => all(scopeOf(one.store).find('decision', {}))
