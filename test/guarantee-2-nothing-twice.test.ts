import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Decision, type Interaction, notice } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, test } from 'vitest'
import {
  all,
  breakable,
  Clock,
  card,
  decisionsOf,
  factsOf,
  fakeFeed,
  hold,
  jobsOf,
  keyOf,
  member,
  messageOf,
  messagesOf,
  otherPhone,
  person,
  phone,
  plain,
  type Springfield,
  scopeOf,
  springfield,
  storeFile,
  tel,
  texted,
  webhook,
} from './fake.ts'

/** Time goes on a little whenever somebody looks. */
class Ticking extends Clock {
  override readonly now = (): Date => {
    this.ms += 20
    return new Date(this.ms)
  }
}

/** Two hosts at work on one store. */
function twoHosts(given: { readonly quietly?: boolean } = {}): readonly Springfield[] {
  const [store, clock] = [sqlite({ memory: true }), new Clock()]
  return [1, 2].map(() => springfield({ store, clock, ...given }))
}

describe('one fact key', () => {
  test('is one fact and one run of its flow, however often it is told', async () => {
    const { prm, run, store } = springfield({ quietly: true })
    const ran: string[] = []
    prm.flow('tell', notice, async ({ event }) => void ran.push(event.key))
    expect((await prm.record([hold(1, 'c1'), hold(1, 'c1', { title: 'Another' })])).recorded).toHaveLength(1)
    expect((await prm.record([hold(1, 'c1')])).recorded).toEqual([])
    await run()
    expect((await prm.record([hold(1, 'c1')])).recorded).toEqual([])
    await run()
    expect(ran).toEqual([hold(1, 'c1').key])
    expect((await factsOf(store)).map(({ data }) => (data as { items: object[] }).items)).toEqual([
      [{ id: '1', title: 'A Secret History', collectBy: '2026-12-24' }],
    ])
  })

  test('is two facts where two sources use it', async () => {
    const { prm } = springfield()
    expect((await prm.record([hold(1, 'c1'), { ...hold(1, 'c1'), source: 'desk' }])).recorded).toHaveLength(2)
  })

  test('told by two hosts at once runs its flow once', async () => {
    const hosts = twoHosts({ quietly: true })
    const ran: string[] = []
    for (const { prm } of hosts) prm.flow('tell', notice, async ({ event }) => void ran.push(event.key))
    const fresh = await Promise.all(hosts.map(({ prm }) => prm.record([hold(1, 'c1')])))
    expect(fresh.flatMap((one) => one.recorded)).toHaveLength(1)
    await Promise.all(hosts.map(({ run }) => run()))
    expect(ran).toHaveLength(1)
  })

  test('delivered again by a webhook is answered 200 and changes nothing', async () => {
    const { prm, store, repeated } = springfield()
    for (let time = 0; time < 3; time++) expect((await prm.handle(webhook([texted('m1', 'hello')]))).status).toBe(200)
    expect(await factsOf(store, 'message.received')).toHaveLength(1)
    expect(repeated.map(({ status }) => status)).toEqual(['pending', 'pending'])
  })
})

describe('one send key', () => {
  test('is one message, and is answered with the first decision', async () => {
    const { prm, sms, run, decided, advance } = springfield()
    const first = await prm.send(plain('a'))
    await advance('1h')
    const again = await prm.send(plain('a', { content: { text: 'Something else.' } }))
    expect(again).toEqual(first)
    await run()
    expect(sms.taken.map(({ content }) => content.text)).toEqual(['Your hold is ready.'])
    expect(decided).toHaveLength(1)
  })

  test('is one message when many ask at once', async () => {
    const { prm, sms, run, decided, store } = springfield()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => prm.send(plain('a', { content: { text: `Text ${at}` } }))),
    )
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1)
    await run()
    expect(sms.taken).toHaveLength(1)
    expect(decided).toHaveLength(1)
    expect(await messagesOf(store)).toHaveLength(1)
  })

  test('is one message in one page of sendAll and across pages, with an answer for each', async () => {
    const { prm, sms, run } = springfield()
    const sends = Array.from({ length: 1_100 }, (_, at) =>
      plain(at % 2 === 0 ? 'a' : 'b', { to: tel(at % 2 === 0 ? phone : otherPhone) }),
    )
    const decisions = await all(prm.sendAll(sends))
    expect(decisions.map(({ key }) => key)).toEqual(sends.map(({ key }) => key))
    await run()
    expect(sms.taken.map(({ key }) => key).sort()).toEqual(['a', 'b'])
  })

  test('is one message when two hosts send it at once, and both hear the same decision', async () => {
    const hosts = twoHosts()
    const keys = Array.from({ length: 40 }, (_, at) => `k${at}`)
    const answers = await Promise.all(
      hosts.map(({ prm }, host) =>
        Promise.all(keys.map((key) => prm.send(plain(key, { content: { text: `from ${host}` } })))),
      ),
    )
    expect(answers[0]).toEqual(answers[1])
    await Promise.all(hosts.map(({ run }) => run()))
    const taken = hosts.flatMap(({ sms }) => sms.taken.map(({ key }) => key))
    expect(taken.sort()).toEqual([...keys].sort())
  })

  test('is one message when two processes with one store file send it at once, and both hear the same decision', async () => {
    const path = storeFile()
    const script = fileURLToPath(new URL('sender.ts', import.meta.url))
    const told = await Promise.all(
      [1, 2].map(async () => {
        const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@prm/source', script, path, '50'])
        return JSON.parse(stdout) as { readonly decisions: readonly Decision[]; readonly taken: readonly string[] }
      }),
    )
    expect(told[0]?.decisions).toEqual(told[1]?.decisions)
    expect(told.flatMap(({ taken }) => taken).sort()).toEqual(Array.from({ length: 50 }, (_, at) => `k${at}`).sort())
  }, 30_000)

  test('that is decided against is decided once a page', async () => {
    const { prm, decided } = springfield()
    const nobody = plain('a', { to: card('nobody') })
    expect(await all(prm.sendAll([nobody, nobody]))).toHaveLength(2)
    expect(decided.map(({ outcome }) => outcome)).toEqual([{ send: false, rule: 'address' }])
  })

  test('that was decided against is decided again, and told once', async () => {
    const { prm, sms, run, decided } = springfield()
    const send = { to: card('c1'), purpose: 'pickup', content: { text: 'Ready.' }, key: 'a' } as const
    expect((await prm.send(send)).outcome).toEqual({ send: false, rule: 'address' })
    expect((await prm.send(send)).outcome).toEqual({ send: false, rule: 'address' })
    expect((await prm.send({ ...send, to: tel(phone) })).outcome.send).toBe(true)
    expect((await prm.send(send)).outcome.send).toBe(true)
    await run()
    expect(sms.taken).toHaveLength(1)
    expect(decided.map(({ outcome }) => outcome.send)).toEqual([false, false, true])
  })

  test('that is tried without doing it stores nothing', async () => {
    const { prm, sms, run, store } = springfield()
    expect((await prm.send(plain('a', { dryRun: true }))).outcome.send).toBe(true)
    expect(await decisionsOf(store)).toEqual([])
    expect(await jobsOf(store)).toEqual([])
    await run()
    expect(sms.taken).toEqual([])
  })
})

describe('a page of sends', () => {
  test('with one that is wrong decides none of them', async () => {
    const { prm, store } = springfield()
    const sends = [plain('a'), plain('b', { purpose: 'none' as 'pickup' }) as never, plain('c')]
    await expect(all(prm.sendAll(sends))).rejects.toMatchObject({ code: 'invalid', field: 'purpose' })
    await new Promise(setImmediate)
    expect(await decisionsOf(store)).toEqual([])
  })
})

describe('a feed that tells all it has each time', () => {
  test('says of each fact whether it was told or is open, and tells none twice', async () => {
    const { ils, sms, run, repeated, advance } = springfield()
    ils.batches = [{ interactions: [hold(1, 'c1'), hold(2, 'c2', { pickup: 'East' })], people: [person('c1', phone)] }]
    await run()
    expect(repeated).toEqual([])
    await advance('1h')
    expect(repeated.map(({ interaction, status }) => [interaction.key, status])).toEqual([
      [hold(1, 'c1').key, 'sent'],
      [hold(2, 'c2').key, 'retried'],
    ])
    await advance('1h')
    expect(sms.taken).toHaveLength(1)
  })

  test('calls a fact open while nothing is decided about it', async () => {
    const { prm, ils, repeated } = springfield()
    ils.batches = [{ interactions: [hold(1, 'c1')] }]
    await prm.pull('ils')
    await prm.pull('ils')
    expect(repeated.map(({ status }) => status)).toEqual(['pending'])
  })

  test('has a row decided again once the phone came, and tells it once', async () => {
    const { prm, ils, sms, run, advance } = springfield()
    ils.batches = [{ interactions: [hold(1, 'c1')] }]
    await run()
    expect((await prm.explain(keyOf(hold(1, 'c1')))).decision.outcome).toEqual({ send: false, rule: 'address' })
    ils.batches = [{ interactions: [hold(1, 'c1')], people: [person('c1', phone)] }]
    await advance('1d')
    await advance('1d')
    await advance('1d')
    expect(sms.taken.map(({ to }) => to.value)).toEqual([phone])
    expect((await prm.explain(keyOf(hold(1, 'c1')))).decision.outcome.send).toBe(true)
  })

  test('has a row decided again as it is now, not as it was first told', async () => {
    const { prm, ils, sms, run, advance } = springfield()
    ils.batches = [
      { interactions: [hold(1, 'c1', { medium: 'voice', pickup: 'West' })], people: [person('c1', phone)] },
    ]
    await run()
    expect((await prm.explain(keyOf(hold(1, 'c1')))).decision.outcome).toEqual({ send: false, rule: 'channel' })
    ils.batches = [{ interactions: [hold(1, 'c1', { medium: 'sms', pickup: 'East' })], people: [person('c1', phone)] }]
    await advance('1d')
    await advance('1d')
    expect(sms.taken.map(({ content }) => content.text)).toEqual(['1 to collect at East.'])
  })

  test('that says only what changed has no row decided again', async () => {
    const ils = fakeFeed(false)
    const { run, decided, prm } = springfield({ ils })
    ils.batches = [{ interactions: [hold(1, 'c1')] }]
    await run()
    await prm.record([hold(1, 'c1')])
    ils.batches = [{ interactions: [] }, { interactions: [hold(1, 'c1')], people: [person('c1', phone)] }]
    await run()
    expect(decided).toHaveLength(1)
  })

  test('read by two hosts at once tells nobody twice', async () => {
    const hosts = twoHosts()
    const cards = Array.from({ length: 30 }, (_, at) => `c${at}`)
    for (const { ils } of hosts)
      ils.batches = [
        {
          interactions: cards.map((one, at) => hold(at, one)),
          people: cards.map((one, at) => person(one, `+1212555${1000 + at}`)),
        },
      ]
    await Promise.all(hosts.map(({ run }) => run()))
    await Promise.all(hosts.map(({ advance }) => advance('1m')))
    const taken = hosts.flatMap(({ sms }) => sms.taken.map(({ to }) => to.value))
    expect(taken.sort()).toEqual(cards.map((_, at) => `+1212555${1000 + at}`).sort())
  })
})

describe('two sources that see one hold', () => {
  test('make one message', async () => {
    const { prm, sms, run } = springfield()
    await prm.record([{ ...hold(1, 'c1'), who: tel(phone) }])
    await run()
    await prm.record([{ ...hold(1, 'c1'), who: tel(phone), source: 'desk', key: 'x' }])
    await run()
    const { decision } = await prm.explain('desk x')
    expect(decision.outcome).toEqual({ send: false, rule: 'duplicate' })
    expect(decision.reasons.at(-1)?.ref).toEqual({ source: 'prm', key: keyOf(hold(1, 'c1')) })
    expect(sms.taken).toHaveLength(1)
  })

  test('at one moment make one message, and each source hears what became of it', async () => {
    const { prm, sms, run, store } = springfield()
    const both = ['ils', 'desk'].map((source) => ({ ...hold(1, 'c1'), who: tel(phone), source }))
    await prm.record([...both, { ...hold(2, 'c1'), who: tel(phone) }])
    await run()
    expect(sms.taken.map(({ content }) => content.text)).toEqual(['2 to collect at Main.'])
    const decisions = await decisionsOf(store)
    const [told, other] = [
      decisions.find(({ outcome }) => outcome.send),
      decisions.find(({ outcome }) => !outcome.send),
    ]
    expect(told?.keys).toHaveLength(2)
    expect(other?.outcome).toEqual({ send: false, rule: 'duplicate' })
    expect(told?.keys).toContain(other?.reasons.at(-1)?.ref?.key)
  })

  test('make two where one speaks of another date', async () => {
    const { prm, sms, run } = springfield()
    await prm.record([{ ...hold(1, 'c1'), who: tel(phone) }])
    await run()
    await prm.record([{ ...hold(1, 'c1', { collectBy: '2026-12-31' }), who: tel(phone), source: 'desk' }])
    await run()
    expect(sms.taken).toHaveLength(2)
  })
})

describe('a digest', () => {
  const two = [hold(1, 'c1'), hold(2, 'c1')]
  const people = [person('c1', phone)]

  test('tells one patron of one kind at one place in one message', async () => {
    const { ils, sms, run, decided } = springfield()
    ils.batches = [
      {
        interactions: [...two, hold(3, 'c1', { pickup: 'East' }), hold(4, 'c2')],
        people: [...people, person('c2', otherPhone)],
      },
    ]
    await run()
    expect(sms.taken.map(({ to, content }) => [to.value, content.text]).sort()).toEqual([
      [phone, '1 to collect at East.'],
      [phone, '2 to collect at Main.'],
      [otherPhone, '1 to collect at Main.'],
    ])
    expect(decided.map(({ keys }) => keys.length).sort()).toEqual([1, 1, 2])
  })

  test('gathers members from several batches of the feed', async () => {
    const { ils, sms, run } = springfield()
    ils.batches = [
      { interactions: [hold(1, 'c1')], people },
      { interactions: [hold(2, 'c1')] },
      { interactions: [hold(3, 'c1')] },
    ]
    await run()
    expect(sms.taken.map(({ content }) => content.text)).toEqual(['3 to collect at Main.'])
  })

  test('gathers members from several batches also while workers run all the time', async () => {
    const clock = new Ticking()
    const { prm, ils, sms } = springfield({ clock, store: sqlite({ memory: true, poll: '1ms' }) })
    // Time enough for flow and digest to run, were they not to wait for the feed.
    ils.between = async () => {
      for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate)
    }
    ils.batches = Array.from({ length: 5 }, (_, at) => ({ interactions: [hold(at, 'c1')], people }))
    const stop = new AbortController()
    const told = Promise.withResolvers<void>()
    prm.on('message', () => told.resolve())
    const running = prm.run({ signal: stop.signal })
    await told.promise
    stop.abort()
    await running
    expect(sms.taken.map(({ content }) => content.text)).toEqual(['5 to collect at Main.'])
  })

  test('keeps everybody who joins at once', async () => {
    const { prm, sms, run } = springfield()
    await Promise.all(Array.from({ length: 20 }, (_, at) => prm.send(member(`k${at}`))))
    await run()
    expect(sms.taken.map(({ content }) => content.text)).toEqual(['20 to collect at Main.'])
  })

  test('asked for twice with the same key holds it once, as it was said last', async () => {
    const { prm, sms, run } = springfield()
    await prm.send(member('a'))
    const waits = await prm.send(member('a', { pickup: 'East' }))
    expect(waits.outcome).toEqual({ send: false, rule: 'digest' })
    await run()
    expect(sms.taken.map(({ content }) => content.text)).toEqual(['1 to collect at East.'])
    expect((await prm.send(member('a', { pickup: 'West' }))).outcome.send).toBe(true)
    await run()
    expect(sms.taken).toHaveLength(1)
  })

  test('loses nobody and doubles nobody who joins while it closes', async () => {
    const store = breakable()
    const { prm, sms, run } = springfield({ store })
    await prm.send(member('a'))
    let joined = false
    store.before = async (batches) => {
      if (joined || !batches.some(({ put }) => put?.some(({ kind }) => kind === 'decision'))) return
      joined = true
      await prm.send(member('b'))
    }
    await run()
    store.before = () => undefined
    await run()
    expect(joined).toBe(true)
    expect(sms.taken.map(({ content }) => content.text)).toEqual(['2 to collect at Main.'])
  })

  test('loses nobody who joins when it has closed but its job has not ended', async () => {
    const store = breakable()
    const { prm, sms, run } = springfield({ store })
    await prm.send(member('a'))
    let joined = false
    store.after = async (batches) => {
      if (joined || !batches.some(({ put }) => put?.some(({ kind }) => kind === 'decision'))) return
      joined = true
      await prm.send(member('b'))
    }
    await run()
    expect(await jobsOf(store)).toEqual([])
    expect(sms.taken.map(({ key }) => key)).toEqual(['a', 'b'])
  })

  test('whose members are partly refused tells the others, and decides against those alone', async () => {
    const { ils, sms, run, prm } = springfield()
    const dear = hold(1, 'c1', { collectBy: '2026-11-20' })
    ils.batches = [{ interactions: [dear, hold(2, 'c1'), hold(3, 'c1', { medium: 'voice' }), hold(4, 'c1')], people }]
    await run()
    expect(sms.taken.map(({ content }) => content.text)).toEqual(['2 to collect at Main.'])
    const why = async (fact: Interaction) => (await prm.explain(keyOf(fact))).decision
    expect((await why(dear)).outcome).toEqual({ send: false, rule: 'deadline' })
    expect((await why(hold(3, 'c1'))).outcome).toEqual({ send: false, rule: 'channel' })
    expect((await why(hold(2, 'c1'))).keys).toEqual([keyOf(hold(2, 'c1')), keyOf(hold(4, 'c1'))])
    expect((await why(hold(4, 'c1'))).key).toBe(keyOf(hold(2, 'c1')))
  })

  test('that is too long for one message becomes several, each member in one', async () => {
    const { prm, sms, run, store } = springfield({ quietly: true })
    const keys = Array.from({ length: 7 }, (_, at) => `k${at}`)
    for (const key of keys)
      await prm.send({
        to: tel(phone),
        purpose: 'pickup',
        content: { template: 'long', data: { text: `${key} `.padEnd(500, '.') } },
        key,
        digest: 'd',
      })
    await run()
    expect(sms.taken.length).toBeGreaterThan(1)
    for (const key of keys) expect(sms.taken.filter(({ content }) => content.text.includes(`${key} `))).toHaveLength(1)
    const decisions: readonly Decision[] = await decisionsOf(store)
    expect(decisions.flatMap((one) => one.keys).sort()).toEqual(keys)
    expect(sms.taken.every(({ content }) => content.text.length <= 1_600)).toBe(true)
  })

  test('of several sends about one fact tells them all, also in halves, and a later one about it too', async () => {
    const { prm, sms, run } = springfield({ quietly: true })
    await prm.record([hold(1, 'c1')], people)
    const keys = Array.from({ length: 5 }, (_, at) => `k${at}`)
    const text = (key: string) => ({ template: 'long', data: { text: `${key} `.padEnd(500, '.') } }) as const
    const about = [hold(1, 'c1')]
    for (const key of keys)
      await prm.send({ to: tel(phone), purpose: 'pickup', content: text(key), key, digest: 'd', about })
    await run()
    await prm.send(plain('later', { about }))
    await prm.send(plain('other', { about: [{ source: 'desk', key: 'none' }] }))
    await run()
    for (const key of keys) expect(sms.taken.filter(({ content }) => content.text.includes(`${key} `))).toHaveLength(1)
    expect(sms.taken.map(({ key }) => key).slice(-2)).toEqual(['later', 'other'])
  })

  test('of members that others told meanwhile tells the rest', async () => {
    const { prm, sms, run } = springfield()
    await prm.send(member('a'))
    await prm.send(member('b'))
    await prm.send(plain('a'))
    await run()
    expect(sms.taken.map(({ content }) => content.text).sort()).toEqual([
      '1 to collect at Main.',
      'Your hold is ready.',
    ])
  })

  test('tells the rest also where its first is told alone while it closes', async () => {
    const store = breakable()
    const { prm, sms, run } = springfield({ store })
    await prm.send(member('a'))
    await prm.send(member('b'))
    let told = false
    store.before = async (batches) => {
      if (told || !batches.some(({ put }) => put?.some(({ kind }) => kind === 'digest'))) return
      told = true
      await prm.send(plain('a'))
    }
    await run()
    store.before = () => undefined
    await run()
    expect(sms.taken.map(({ content }) => content.text).sort()).toEqual([
      '1 to collect at Main.',
      'Your hold is ready.',
    ])
    expect((await messageOf(store, 'a'))?.content.text).toBe('Your hold is ready.')
  })

  test('told again at the same moment stays told, for every member', async () => {
    const { prm, ils, sms, run, decided } = springfield()
    ils.batches = [{ interactions: two }]
    await run()
    ils.batches = [{ interactions: two, people }]
    await run()
    expect(sms.taken.map(({ content }) => content.text)).toEqual(['2 to collect at Main.'])
    for (const fact of two) expect((await prm.explain(keyOf(fact))).decision.outcome.send).toBe(true)
    const before = decided.length
    for (const fact of two)
      await prm.send({
        to: card('c1'),
        purpose: 'pickup',
        content: { template: 'pickup', data: { pickup: 'Main' } },
        key: keyOf(fact),
        digest: 'd',
      })
    await run()
    expect(decided).toHaveLength(before)
    expect(sms.taken).toHaveLength(1)
  })

  test('for a patron that nobody knows is refused when it is asked for', async () => {
    const { prm, store } = springfield()
    const send = {
      to: 'nobody',
      purpose: 'pickup',
      content: { template: 'pickup', data: { pickup: 'Main' } },
      key: 'a',
      digest: 'd',
    } as const
    await expect(prm.send(send)).rejects.toMatchObject({ code: 'invalid', field: 'to' })
    expect(await jobsOf(store)).toEqual([])
  })

  test('is worth something until the last of its matters is over, whether said as a day or as an instant', async () => {
    const { prm, run, store } = springfield()
    await prm.send(member('a', { expireAt: '2026-11-26T05:00:00.000Z' }))
    await prm.send(member('b', { expireAt: '2026-11-26' }))
    await prm.send(member('c', { expireAt: '2026-11-25T05:00:00.000Z' }))
    await run()
    expect((await messageOf(store, 'a'))?.expireAt).toBe('2026-11-27T06:00:00.000Z')
  })

  test('waits for none of its members until another is worthless', async () => {
    const { prm, run, sms, advance } = springfield()
    await prm.send(member('a', { expireAt: '2026-11-24T17:00:00.000Z' }))
    await prm.send(member('a2'))
    await prm.send(member('b', { notBefore: '2026-11-24T18:00:00.000Z', expireAt: '2026-11-24T20:00:00.000Z' }))
    await prm.send(member('c', { notBefore: '2026-11-24T17:00:00.000Z', expireAt: '2026-11-24T20:00:00.000Z' }))
    await run()
    await advance('2h')
    expect(sms.taken.map(({ key, content }) => [key, content.text])).toEqual([
      ['a', '2 to collect at Main.'],
      ['b', '2 to collect at Main.'],
    ])
  })

  test('has no end where one of its matters has none', async () => {
    const { prm, run, store } = springfield()
    await prm.send(member('a', { expireAt: '2026-11-26' }))
    await prm.send(member('b'))
    await prm.send(member('c', { expireAt: '2026-11-25' }))
    await run()
    expect(await messageOf(store, 'a')).not.toHaveProperty('expireAt')
  })

  test('goes by the wish of each member: who is called is not texted with the others', async () => {
    const { ils, run, prm } = springfield({ voice: true })
    ils.batches = [{ interactions: [hold(1, 'c1', { medium: 'sms' }), hold(2, 'c1', { medium: 'voice' })], people }]
    await run()
    const via = async (fact: Interaction) => (await prm.explain(keyOf(fact))).decision.outcome
    expect(await via(hold(1, 'c1'))).toMatchObject({ send: true, via: 'sms' })
    expect(await via(hold(2, 'c1'))).toMatchObject({ send: true, via: 'phone' })
  })

  test('is stored with its members and closed in one commit', async () => {
    const store = breakable()
    const { prm, run, ils, sms } = springfield({ store })
    ils.batches = [{ interactions: two, people }]
    await prm.pull('ils')
    store.breaks = (batches) => batches.some(({ put }) => put?.some(({ kind }) => kind === 'decision'))
    await run()
    expect(await decisionsOf(store)).toEqual([])
    expect(sms.taken).toEqual([])
    expect((await scopeOf(store).backlog(['digest'])).waiting).toBe(1)
  })
})

test('one source that tells one hold under two keys, by its webhook and by its feed, tells it once', async () => {
  const one = springfield()
  await one.prm.record([hold(1, '7')], [person('7', phone)])
  await one.run()
  await one.prm.record([{ ...hold(1, '7'), key: 'message 9001' }])
  await one.run()
  expect(one.sms.taken.length).toBe(1)
  expect((await one.prm.explain('ils message 9001')).decision.outcome).toEqual({ send: false, rule: 'duplicate' })
})

test('a digest waits half a minute for a flow that hangs, and no longer', async () => {
  const one = springfield({ quietly: true })
  const hung = Promise.withResolvers<void>()
  one.prm.flow('hangs', notice, () => hung.promise)
  await one.prm.record([hold(1, '7')], [person('7', phone)])
  const stop = new AbortController()
  const run = one.prm.run({ signal: stop.signal })
  await one.prm.send(member('a'))
  one.clock.advance('29s')
  await new Promise((resolve) => setTimeout(resolve, 600))
  expect(one.sms.taken).toEqual([])
  one.clock.advance('2s')
  await expect.poll(() => one.sms.taken.length).toBe(1)
  hung.resolve()
  stop.abort()
  await run
})
