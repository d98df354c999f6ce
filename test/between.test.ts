import type { Consent, Outbound, Purpose, Template } from '@prm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Clock, card, library, person, reported, tel, texted, webhook } from './fake.ts'
import { decisionsIn, idOf, mail, type Town, town } from './town.ts'

// Whatever happens between a decision and its release: what goes is right at the moment at which it goes.

const phones = ['+12125550101', '+12125550102', '+12125550103']
const [ada, bob, child] = ['ada', 'bob', 'child']
const purposes = {
  pickup: { media: ['sms', 'email'], fallback: ['undeliverable', 'no-address', 'deadline'], minor: 'guardian' },
  urgent: { quietHours: 'ignore', minor: 'guardian' },
  news: { class: 'promotional', minor: 'guardian' },
  capped: { frequencyCap: { max: 1, per: '1d' }, minor: 'guardian' },
} as const satisfies { readonly [name: string]: Partial<Purpose> }
const keys: Template = (data: { readonly k: string } | readonly { readonly k: string }[]) => ({
  text: [data]
    .flat()
    .map(({ k }) => k)
    .join(' '),
})

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const hours = maybe(fc.integer({ min: 1, max: 40 }))
const event = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      is: fc.constant('send' as const),
      to: fc.constantFrom(ada, bob, child),
      purpose: fc.constantFrom('pickup', 'urgent', 'news', 'capped'),
      digest: fc.boolean(),
      ends: hours,
      begins: hours,
      campaign: maybe(fc.constantFrom('b1', 'b2')),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('move' as const),
      who: fc.constantFrom(ada, bob, child),
      phone: maybe(fc.constantFrom(...phones)),
      zone: maybe(fc.constantFrom('America/New_York', 'Pacific/Honolulu')),
      mailbox: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('guardian' as const), who: fc.constantFrom(ada, bob) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('stop' as const),
      at: fc.constantFrom(...phones),
      scope: maybe(fc.constantFrom('pickup', 'promotional')),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('start' as const), at: fc.constantFrom(...phones) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      is: fc.constant('time' as const),
      by: fc.constantFrom('1s' as const, '10m' as const, '1h' as const, '5h' as const, '13h' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constant('fault' as const),
      code: fc.constantFrom(
        'unavailable' as const,
        'rate_limited' as const,
        'undeliverable' as const,
        'hang' as const,
        'auth' as const,
        'invalid' as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('cancel' as const), campaign: fc.constantFrom('b1', 'b2') }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('report' as const), of: fc.nat(20), bad: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('over' as const), what: fc.nat(30) }) },
)
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never
type Of<Is extends Event['is']> = Extract<Event, { is: Is }>

function isNight(ms: number, timeZone: string): boolean {
  const hour = Number(new Intl.DateTimeFormat('en', { timeZone, hour: 'numeric', hourCycle: 'h23' }).format(ms))
  return hour >= 21 || hour < 8
}

/** A town, and beside it what a bystander knows: what speaks against a text at the moment at which it is taken. */
class Bystander {
  readonly wrong: string[] = []
  readonly sent = new Map<string, Of<'send'> & { readonly at: number; readonly about: string }>()
  readonly taken = new Map<string, string[]>()
  readonly over = new Set<string>()
  readonly failed = new Set<string>()
  readonly #stops = new Map<string, Set<string>>()
  readonly #bad = new Set<string>()
  readonly #cancelled = new Set<string>()
  readonly #people = new Map<string, Omit<Of<'move'>, 'is'>>()
  readonly #clock: Clock
  #guardian = ada as string
  readonly town: Town

  constructor(at: string) {
    this.#clock = new Clock(at)
    const rechecks = {
      there: async ({ about }: { readonly about: readonly { readonly key: string }[] }) =>
        about.some(({ key }) => this.over.has(key)) ? ('no' as const) : ('yes' as const),
    }
    this.town = town({ clock: this.#clock, purposes, rechecks, templates: { keys } })
    for (const fake of [this.town.sms, this.town.email, this.town.phone]) {
      const { send } = fake.channel
      fake.onTaken = (message) => this.#look(message)
      Object.assign(fake.channel, {
        send: (message: Outbound, ctx: never) =>
          send(message, ctx).catch((error: { readonly code: string }) => {
            if (error.code === 'undeliverable') this.#bad.add(message.to.value)
            throw error
          }),
      })
    }
  }

  #look({ key, to, content }: Outbound): void {
    if (key.startsWith('stop ')) return
    for (const k of content.text.split(' ')) {
      const before = this.taken.get(k) ?? []
      this.taken.set(k, [...before, key])
      const send = this.sent.get(k)
      if (!send) continue
      const told = this.#people.get(send.to === child ? this.#guardian : send.to)
      const stops = this.#stops.get(to.value) ?? new Set()
      const now = this.#clock.ms
      const faults = {
        twice: !before.every((one) => this.failed.has(one)),
        'to somebody else': to.value !== told?.phone && !(told?.mailbox && to.value === `${told.who}@example.org`),
        'after a STOP': ['*', send.purpose, ...(send.purpose === 'news' ? ['promotional'] : [])].some((one) =>
          stops.has(one),
        ),
        'to a bad number': this.#bad.has(to.value),
        'at night': send.purpose !== 'urgent' && isNight(now, told?.zone ?? library.timeZone),
        late: !send.digest && send.ends !== undefined && now >= send.at + send.ends * 3_600_000,
        early: send.begins !== undefined && now < send.at + send.begins * 3_600_000,
        'though cancelled': this.#cancelled.has(send.campaign ?? ''),
        'though it is over': this.over.has(send.about),
      }
      for (const [what, is] of Object.entries(faults)) if (is) this.wrong.push(`${key}: ${k} went ${what}`)
    }
  }

  async meet(one: Omit<Of<'move'>, 'is'>): Promise<void> {
    this.#people.set(one.who, one)
    const also = [...(one.phone ? [tel(one.phone)] : []), ...(one.mailbox ? [mail(`${one.who}@example.org`)] : [])]
    const young = { birthDate: '2016-01-01', relations: [{ kind: 'guardian' as const, at: card(this.#guardian) }] }
    await this.town.meet(
      person(one.who, undefined, { also, timeZone: one.zone ?? null, ...(one.who === child && young) }),
    )
  }

  async happens(one: Event, n: number): Promise<void> {
    const { prm, sms, advance } = this.town
    const at = this.#clock.ms
    const word = (text: Consent['state'], number: string, scope?: string) =>
      prm.handle(webhook([texted(`t${n}`, text === 'denied' ? 'STOP' : 'START', number, scope ? { scope } : {})]))
    const later = (wait: number | undefined) => wait && new Date(at + wait * 3_600_000).toISOString()
    if (one.is === 'send') {
      const [k, about] = [`k${n}`, `f${n}`]
      await prm.record([{ key: about, type: 'note', source: 'ils', data: null }])
      this.sent.set(k, { ...one, at, about })
      const [expireAt, notBefore] = [later(one.ends), later(one.begins)]
      await this.town.send(k, {
        to: idOf(one.to),
        purpose: one.purpose,
        content: { template: 'keys', data: { k } },
        about: [{ source: 'ils', key: about }],
        recheck: 'there',
        ...(one.digest && { digest: 'd' }),
        ...(one.campaign && { campaign: one.campaign }),
        ...(expireAt && { expireAt }),
        ...(notBefore && { notBefore }),
      })
    } else if (one.is === 'move') await this.meet(one)
    else if (one.is === 'guardian') {
      this.#guardian = one.who
      const young = this.#people.get(child)
      if (young) await this.meet(young)
    } else if (one.is === 'stop') {
      this.#stops.set(one.at, (this.#stops.get(one.at) ?? new Set()).add(one.scope ?? '*'))
      await word('denied', one.at, one.scope)
    } else if (one.is === 'start') {
      this.#stops.delete(one.at)
      this.#bad.delete(one.at)
      await word('granted', one.at)
    } else if (one.is === 'time') await advance(one.by)
    else if (one.is === 'fault') sms.faults.push(one.code)
    else if (one.is === 'over') this.over.add(`f${one.what}`)
    else if (one.is === 'cancel') {
      this.#cancelled.add(one.campaign)
      await prm.cancel(one.campaign, 'it rains')
    } else {
      const went = [...this.taken.values()].flat()
      const key = went[one.of % went.length] ?? ''
      const message = await this.town.message(key)
      if (message?.via !== 'sms') return
      if (one.bad && message.state !== 'delivered') {
        this.failed.add(key)
        this.#bad.add(message.to.value)
      }
      const bad = { state: 'undelivered', addressStatus: 'undeliverable' }
      await prm.handle(webhook([reported(`r${n}`, key, one.bad ? bad : { state: 'delivered' })]))
    }
  }

  /** What is lost, or told otherwise than it was, once all has come to rest. */
  async rests(): Promise<void> {
    const { prm, sms, advance, message } = this.town
    sms.faults.length = 0
    for (let i = 0; i < 20; i++) await advance(i < 10 ? '1h' : '13h')
    const decisions = await decisionsIn(this.town)
    for (const { key } of decisions) if (!(await prm.replay(key)).same) this.wrong.push(`${key} replays otherwise`)
    for (const k of this.sent.keys()) {
      const of = decisions.filter((one) => one.keys.some((key) => key.replace(/( again)+$/, '') === k))
      const messages = await Promise.all(of.flatMap(({ outcome, key }) => (outcome.send ? [message(key)] : [])))
      if (of.length === 0) this.wrong.push(`${k} was never decided`)
      if (messages.some((one) => one?.state === 'planned')) this.wrong.push(`${k} waits for ever`)
    }
  }
}

test(
  'nothing goes to somebody else, after a STOP, at night, twice, early or late, and nothing is lost',
  { timeout: 120_000 },
  () =>
    // Around the night in which the clocks of Springfield are put back.
    fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 5, maxLength: 40 }),
        fc.integer({ min: 0, max: 47 }),
        async (events, hour) => {
          const one = new Bystander(new Date(Date.parse('2026-10-31T05:00:00.000Z') + hour * 3_600_000).toISOString())
          for (const [n, who] of [ada, bob, child].entries())
            await one.meet({ who, phone: phones[n], zone: undefined, mailbox: who === bob })
          for (const [n, what] of events.entries()) await one.happens(what, n)
          await one.rests()
          await one.town.prm.close()
          expect(one.wrong).toEqual([])
        },
      ),
      { numRuns: 40 },
    ),
)
