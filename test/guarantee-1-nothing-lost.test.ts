import { type Interaction, notice, PrmError } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, test } from 'vitest'
import {
  breakable,
  Clock,
  factsOf,
  fakeFeed,
  hold,
  jobsOf,
  keyOf,
  otherPhone,
  person,
  phone,
  scopeOf,
  springfield,
  storeFile,
  texted,
  webhook,
} from './fake.ts'

describe('a fact and the work it promises', () => {
  test('are stored together, before anybody hears of them', async () => {
    const store = breakable()
    const { prm } = springfield({ store })
    const recorded: Interaction[] = []
    prm.on('recorded', (fact) => recorded.push(fact))
    store.before = () => expect(recorded).toEqual([])
    const { recorded: fresh } = await prm.record([hold(1, 'c1')])
    expect(fresh).toEqual([{ source: 'ils', key: hold(1, 'c1').key }])
    expect(recorded.map(({ key }) => key)).toEqual([hold(1, 'c1').key])
    expect(store.commits).toHaveLength(1)
    expect((await factsOf(store)).map(({ key }) => key)).toEqual([hold(1, 'c1').key])
    expect((await jobsOf(store)).map(({ name, payload }) => ({ name, payload }))).toEqual([
      { name: 'flow:tell', payload: { source: 'ils', key: hold(1, 'c1').key } },
    ])
  })

  test('are promised once for each flow that asks for this type, and for no other', async () => {
    const { prm, store } = springfield()
    prm.flow('count', notice, async () => {})
    await prm.record([hold(1, 'c1'), texted('m1', 'hello')])
    expect((await jobsOf(store)).map(({ name }) => name).sort()).toEqual(['flow:count', 'flow:tell'])
  })

  test('are both missing when the commit fails, and both there when it is tried again', async () => {
    const store = breakable()
    const { prm } = springfield({ store })
    store.broken = true
    await expect(prm.record([hold(1, 'c1')])).rejects.toThrow()
    expect(await factsOf(store)).toEqual([])
    expect(await jobsOf(store)).toEqual([])
    store.broken = false
    expect((await prm.record([hold(1, 'c1')])).recorded).toHaveLength(1)
    expect(await jobsOf(store)).toHaveLength(1)
  })

  test('are all missing when one fact of several cannot be stored', async () => {
    const { prm, store } = springfield()
    await expect(prm.record([hold(1, 'c1'), { ...hold(2, 'c1'), key: '\0' }])).rejects.toThrow()
    expect(await factsOf(store)).toEqual([])
    expect(await jobsOf(store)).toEqual([])
  })
})

describe('a fact without a key', () => {
  const nameless = (title: string): Interaction => ({ ...hold(1, 'c1', { title }), key: '' })

  test('is refused where the host tells it', async () => {
    const { prm, store } = springfield()
    await expect(prm.record([nameless('A')])).rejects.toMatchObject({ code: 'invalid', field: 'key' })
    expect(await factsOf(store)).toEqual([])
  })

  test('is kept as a dead fact where an adapter tells it, each apart from the others', async () => {
    const { prm, store, ils } = springfield()
    ils.batches = [{ interactions: [nameless('A'), nameless('B'), nameless('A'), hold(2, 'c1')] }]
    expect((await prm.pull('ils')).interactions).toBe(3)
    expect((await factsOf(store, 'interaction.rejected')).map(({ data }) => (data as { why: string }).why)).toEqual([
      expect.stringMatching(/^notice: key must be a text/),
      expect.stringMatching(/^notice: key must be a text/),
    ])
    expect(await factsOf(store)).toHaveLength(1)
  })
})

describe('a webhook', () => {
  test('is answered 503 while the store fails, and what it tells is stored when it comes again', async () => {
    const store = breakable()
    const { prm } = springfield({ store })
    store.broken = true
    const refused = await prm.handle(webhook([texted('m1', 'hello')]))
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await factsOf(store, 'message.received')).toEqual([])
    store.broken = false
    expect((await prm.handle(webhook([texted('m1', 'hello')]))).status).toBe(200)
    expect(await factsOf(store, 'message.received')).toHaveLength(1)
  })

  test('is not answered before its commit is through', async () => {
    const store = breakable()
    const { prm } = springfield({ store })
    const commit = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    store.before = () => {
      asked.resolve()
      return commit.promise
    }
    let answered = false
    const answer = prm.handle(webhook([texted('m1', 'hello')])).then((response) => {
      answered = true
      return response
    })
    await asked.promise
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    expect(answered).toBe(false)
    commit.resolve()
    expect((await answer).status).toBe(200)
  })
})

describe('a feed', () => {
  const batches = [{ interactions: [hold(1, 'c1')], people: [person('c1', phone)] }, { interactions: [hold(2, 'c1')] }]

  test('whose batch cannot be committed keeps its place, and does nothing after that yield', async () => {
    const store = breakable()
    const ils = fakeFeed(false)
    ils.batches = batches
    const { prm } = springfield({ store, ils })
    store.breaks = (some) =>
      some.some(({ put }) =>
        put?.some(({ kind, value }) => kind === 'cursor' && (value as { value: number }).value === 1),
      )
    await expect(prm.pull('ils')).rejects.toMatchObject({ code: 'unavailable' })
    expect(ils.committed).toEqual([0])
    expect((await scopeOf(store).get('cursor', 'ils'))?.value.value).toBe(0)
    expect((await factsOf(store)).map(({ key }) => key)).toEqual([hold(1, 'c1').key])
    store.breaks = () => false
    expect((await prm.pull('ils')).interactions).toBe(1)
    expect(ils.cursors).toEqual([undefined, 0])
    expect(ils.committed).toEqual([0, 1])
    expect(await factsOf(store)).toHaveLength(2)
  })

  test('stores its facts, people and cursor in one commit', async () => {
    const store = breakable()
    const ils = fakeFeed(false)
    ils.batches = batches.slice(0, 1)
    const { prm } = springfield({ store, ils })
    await prm.pull('ils')
    const kinds = store.commits.map((some) => some.flatMap(({ put = [] }) => put.map(({ kind }) => kind)))
    expect(kinds.filter((some) => some.length > 0)).toEqual([['patron', 'interaction', 'shared', 'cursor']])
  })

  test('that breaks off between two batches goes on after the last that was stored', async () => {
    const ils = fakeFeed(false)
    ils.batches = batches
    ils.failBefore = 1
    const { prm, store } = springfield({ ils })
    await expect(prm.pull('ils')).rejects.toMatchObject({ code: 'unavailable' })
    expect(await factsOf(store)).toHaveLength(1)
    ils.failBefore = undefined
    await prm.pull('ils')
    expect(ils.cursors).toEqual([undefined, 0])
    expect(await factsOf(store)).toHaveLength(2)
  })

  test('that two ask for at once answers both', async () => {
    const ils = fakeFeed()
    ils.batches = batches
    const { prm } = springfield({ ils })
    const [one, other] = await Promise.all([prm.pull('ils'), prm.pull('ils')])
    expect(one.interactions + other.interactions).toBe(2)
  })
})

describe('a flow', () => {
  test('that throws is tried again until it is through', async () => {
    const { prm, advance, run, failed } = springfield()
    let tries = 0
    prm.flow('shaky', notice, async () => {
      if (++tries < 3) throw new Error('not now')
    })
    await prm.record([hold(1, 'c1')])
    await run()
    expect(tries).toBe(1)
    await advance('1m')
    await advance('1m')
    await advance('1d')
    expect(tries).toBe(3)
    expect(failed.map(({ job }) => job.name)).toEqual(['flow:shaky', 'flow:shaky'])
  })

  test('that always throws ends as a dead letter that is kept, told, and can be tried again', async () => {
    const { prm, advance, run, failed, store } = springfield()
    let mended = false
    let done = 0
    prm.flow('broken', notice, async () => {
      if (!mended) throw new TypeError('Ada Lovelace')
      done++
    })
    await prm.record([hold(1, 'c1')])
    await run()
    for (let hour = 0; hour < 24; hour++) await advance('1h')
    const dead = await jobsOf(store, 'dead')
    expect(dead.map(({ key, error }) => ({ key, error }))).toEqual([
      {
        key: `flow:broken ils ${hold(1, 'c1').key}`,
        error: { code: 'unavailable', message: 'flow:broken threw TypeError.' },
      },
    ])
    expect(JSON.stringify(dead)).not.toContain('Ada')
    expect(failed.at(-1)).toMatchObject({ job: { name: 'flow:broken' }, error: { code: 'unavailable' }, dead: true })
    expect(failed.filter(({ dead: over }) => over)).toHaveLength(1)
    const tries = failed.length
    await advance('7d')
    expect(failed).toHaveLength(tries)
    mended = true
    expect(await scopeOf(store).redrive(dead.map(({ key }) => key))).toBe(1)
    await run()
    expect(done).toBe(1)
  })

  test('that throws holds up no other flow of the fact, nor the facts of others', async () => {
    const { prm, run, sms, ils } = springfield()
    prm.flow('broken', notice, async () => {
      throw new Error('always')
    })
    ils.batches = [
      { interactions: [hold(1, 'c1'), hold(2, 'c2')], people: [person('c1', phone), person('c2', otherPhone)] },
    ]
    await run()
    expect(sms.taken.map(({ to }) => to.value).sort()).toEqual([phone, otherPhone])
  })
})

describe('a host that dies', () => {
  test('between a fact and its flow is followed by one that runs it', async () => {
    const path = storeFile()
    const clock = new Clock()
    const first = springfield({ store: sqlite({ file: path }), clock })
    await first.prm.record([hold(1, 'c1')])
    await first.prm.close()
    const ran: string[] = []
    const second = springfield({ store: sqlite({ file: path }), clock, quietly: true })
    second.prm.flow('tell', notice, async ({ event }) => void ran.push(event.key))
    await second.run()
    expect(ran).toEqual([hold(1, 'c1').key])
    await second.prm.close()
  })

  test('in the middle of a flow loses nothing once its lease is over', async () => {
    const path = storeFile()
    const machine = new Clock()
    const store = sqlite({ file: path, clock: machine.now })
    const first = springfield({ store, clock: machine, quietly: true })
    const started = Promise.withResolvers<void>()
    const stuck = Promise.withResolvers<void>()
    first.prm.flow('tell', notice, () => {
      started.resolve()
      return stuck.promise
    })
    await first.prm.record([hold(1, 'c1')])
    const dying = first.run()
    await started.promise

    const ran: string[] = []
    const second = springfield({ store: sqlite({ file: path, clock: machine.now }), clock: machine, quietly: true })
    second.prm.flow('tell', notice, async ({ event }) => void ran.push(event.key))
    expect((await second.run()).waiting).toBe(1)
    expect(ran).toEqual([])
    await second.advance('31s')
    expect(ran).toEqual([hold(1, 'c1').key])
    stuck.resolve()
    await dying
    await first.prm.close()
    await second.prm.close()
  })

  test('between a decision and its delivery is followed by one that delivers', async () => {
    const path = storeFile()
    const clock = new Clock()
    const first = springfield({ store: sqlite({ file: path }), clock })
    first.ils.batches = [{ interactions: [hold(1, 'c1')], people: [person('c1', phone)] }]
    await first.prm.run({ once: true, deliver: false })
    expect(first.decided.map(({ key }) => key)).toEqual([keyOf(hold(1, 'c1'))])
    await first.prm.close()
    const second = springfield({ store: sqlite({ file: path }), clock })
    await second.run()
    expect(second.sms.taken).toHaveLength(1)
    expect(first.sms.taken).toHaveLength(0)
    await second.prm.close()
  })
})

test('asking a feed now leaves its schedule alone, also when the scheduled turn fails in between', async () => {
  const { prm, ils, store } = springfield()
  const feed = ils.feed.pull
  let turns = 0
  Object.assign(ils.feed, {
    pull: (...asked: Parameters<typeof feed>) => {
      if (turns++ === 0) throw new PrmError('unavailable', 'The folder is away.')
      return feed(...asked)
    },
  })
  const schedule = {
    key: 'pull:ils',
    name: 'pull:ils',
    group: 'feed ils',
    runAt: '2026-11-24T10:00:00.000Z',
    payload: { id: 'ils', every: true },
  }
  await scopeOf(store).commit([{ jobs: [schedule] }])
  await prm.pull('ils')
  expect(turns).toBe(2)
  expect((await jobsOf(store, 'waiting')).map(({ key }) => key)).toContain('pull:ils')
})
