import { afterEach, describe, expect, test } from 'vitest'
import { outreach, type RunOptions } from '../src/index.ts'
import { keptOf } from '../src/state.ts'
import { key, library, patron, phoneOf, type Town, town } from './town.ts'

let here: Town
afterEach(() => here.close())

const many = (count: number): string => Array.from({ length: count }, (_, n) => patron(n)).join('\n')
async function approved(count: number, more: Parameters<Town['order']>[1] = {}): Promise<string> {
  const file = here.file()
  await here.bulk.plan(here.order(many(count), more), { out: file })
  await here.bulk.approve(file, { by: 'Bea Second' })
  return file
}
const canary = { size: 10, watch: '10m' } as const
const now: RunOptions = { once: true, canary }
/** What a stop leaves that is killed after its first commit. */
async function killedStop(file: string): Promise<void> {
  const { prm } = here
  const killed = { ...prm, cancel: () => Promise.reject(new Error('killed')) }
  await expect(outreach({ prm: killed, store: prm.store, library, key }).stop(file)).rejects.toThrow('killed')
}
const kept = async (file: string) =>
  (await keptOf(here.prm.store.scope(library.id), (await here.bulk.show(file)).state.hash)).kept
/** Resolves once whoever runs has looked so often how things stand, since this was called. */
async function looked(times: number): Promise<void> {
  const from = looks
  await expect.poll(() => looks - from, { timeout: 20_000 }).toBeGreaterThanOrEqual(times)
}
let looks = 0
/** Runs are counted by how often they look. */
function running(file: string, options: RunOptions): ReturnType<Town['bulk']['run']> {
  const { store } = here.prm
  const scope: typeof store.scope = (of) => {
    const inner = store.scope(of)
    return {
      ...inner,
      async get(kind, id) {
        const row = await inner.get(kind, id)
        if (kind === 'cursor' && id.startsWith('outreach:')) looks++
        return row
      },
    }
  }
  return outreach({ prm: here.prm, store: { ...store, scope }, library, key }).run(file, options)
}
const says = (n: number, basis: 'stop' | 'complaint') =>
  here.prm.recordConsent({ address: { scheme: 'tel', value: phoneOf(n) }, purpose: '*', state: 'denied', basis })

describe('the canary', () => {
  test('goes first and is watched; then the rest goes', async () => {
    here = await town()
    const file = await approved(30)
    const first = await here.bulk.run(file, now)
    expect(first).toMatchObject({
      summary: { sent: 10, waiting: 20 },
      state: { standing: 'canary' },
      next: '2026-11-24T18:10:00.000Z',
    })
    await here.prm.advance('9m')
    expect((await here.bulk.run(file, now)).summary.sent).toBe(10)
    await here.prm.advance('1m')
    expect(await here.bulk.run(file, now)).toMatchObject({
      summary: { sent: 30, waiting: 0 },
      state: { standing: 'done' },
    })
  })

  test.each([
    [
      'bounces',
      'could not be reached',
      async () => {
        for (const n of [0, 1, 2]) here.provider.refuse(phoneOf(n), 21614)
      },
    ],
    ['opt-outs', 'opted out', async () => Promise.all([0, 1, 2].map((n) => says(n, 'stop')))],
    ['a complaint', 'complained', async () => says(3, 'complaint')],
  ])('stops the run for %s', async (what, words, happen) => {
    here = await town()
    const file = await approved(30)
    if (what === 'bounces') await happen()
    await here.bulk.run(file, now)
    if (what !== 'bounces') await happen()
    await here.prm.advance('10m')
    const { state, summary } = await here.bulk.run(file, now)
    expect(state).toMatchObject({ standing: 'stopped', why: expect.stringContaining(words) })
    expect(summary.sent + summary.failed).toBe(10)
    await expect(here.bulk.run(file, now)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(words),
    })
    // A person may go on all the same, and says so.
    await here.bulk.resume(file, { by: 'Bea Second' })
    const after = await here.bulk.run(file, { ...now, stopAt: { bounces: 1, complaints: 1, optOuts: 1 } })
    expect(after.state.standing).toBe('done')
    expect(here.provider.messages().length).toBeGreaterThan(20)
  })

  test('is watched no longer than there is a rest', async () => {
    here = await town()
    expect((await here.bulk.run(await approved(10), now)).state.standing).toBe('done')
  })
})

describe('pause, resume and stop', () => {
  test('hold in every process that has the store, and nothing goes meanwhile', async () => {
    here = await town()
    const file = await approved(30)
    await here.bulk.run(file, now)
    expect(await here.bulk.pause(file, { by: 'Cid' })).toMatchObject({ standing: 'paused', by: 'Cid' })
    await here.prm.advance('1d')
    expect(await here.bulk.run(file, now)).toMatchObject({ summary: { sent: 10 }, state: { standing: 'paused' } })
    expect((await here.bulk.show(file)).state.standing).toBe('paused')
    expect(await here.bulk.resume(file)).toMatchObject({ standing: 'canary' })
    expect((await here.bulk.run(file, now)).summary.sent).toBe(30)
    await expect(here.bulk.pause(file)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('a paused run waits for its resume, and a stopped one ends', async () => {
    here = await town()
    const file = await approved(30)
    const options: RunOptions = { canary: { size: 5, watch: '0ms' }, stopAt: {} }
    await here.bulk.run(file, { ...now, canary: { size: 5, watch: '1d' } })
    await here.bulk.pause(file)
    const waiting = running(file, options)
    await looked(4)
    expect(here.provider.messages()).toHaveLength(5)
    await here.bulk.stop(file, { why: 'the wrong Sunday' })
    expect(await waiting).toMatchObject({
      summary: { sent: 5, waiting: 25 },
      state: { standing: 'stopped', why: 'the wrong Sunday' },
    })
  })

  test('a pause between two pages holds the rest', async () => {
    here = await town()
    const file = await approved(1_500)
    const { included } = (await here.bulk.show(file)).plan.summary
    const paused = running(file, { canary: { size: 5, watch: '0ms' } })
    while (here.provider.messages().length < 20) await new Promise((resolve) => setTimeout(resolve, 5))
    await here.bulk.pause(file)
    await looked(2) // by then nothing more is promised
    const backlog = () => here.prm.store.scope(library.id).backlog(['deliver'])
    await expect.poll(async () => (await backlog()).waiting, { timeout: 20_000 }).toBe(0)
    await looked(2)
    const sent = here.provider.messages().length
    expect(sent).toBeLessThan(included - 250) // no more than was promised by then
    await here.bulk.stop(file)
    expect((await paused).summary).toMatchObject({ sent, waiting: included - sent })
  })

  test('a stop cancels what was promised and is not handed over, says how many, and a resume sends it after all', async () => {
    here = await town()
    const file = await approved(30)
    await here.bulk.run(file, { once: true, canary: { size: 5, watch: '0ms' }, deliver: false })
    await here.prm.run({ once: true }) // five have gone
    await here.bulk.run(file, { once: true, canary: { size: 5, watch: '0ms' }, deliver: false })
    expect(here.provider.messages()).toHaveLength(5)
    const stopped = await here.bulk.stop(file, { by: 'Cid', why: 'the wrong Sunday' })
    expect(stopped).toMatchObject({ standing: 'stopped', gone: 5, cancelled: 25, underWay: 0, waiting: 0 })
    await here.prm.advance('1d')
    expect(here.provider.messages()).toHaveLength(5)
    const told = await here.bulk.report(file)
    expect(told.summary).toMatchObject({ sent: 5, failed: 0, waiting: 0, excluded: 0, cancelled: 25 })
    expect(told.outcomes).toContainEqual({ outcome: 'cancelled: the run was stopped', medium: 'sms', people: 25 })
    expect(told.outcomes.reduce((sum, { people }) => sum + people, 0)).toBe(30)
    expect((await here.bulk.reconcile(file)).sent).toEqual([{ currency: 'USD', micros: 5 * 7_900, minor: 4 }])
    await here.bulk.resume(file)
    expect((await here.bulk.report(file)).summary).toMatchObject({ sent: 5, waiting: 25 })
    expect((await here.bulk.run(file, now)).summary).toMatchObject({ sent: 30, waiting: 0 })
    const to = here.provider.messages().map(({ to }) => to)
    expect([to.length, new Set(to).size]).toEqual([30, 30])
  })

  test('a second stop counts what the first resume sent, and cancels the rest of that', async () => {
    here = await town()
    const file = await approved(12)
    const some: RunOptions = { once: true, canary: { size: 2, watch: '0ms' }, deliver: false }
    await here.bulk.run(file, some)
    expect(await here.bulk.stop(file)).toMatchObject({ gone: 0, cancelled: 2, waiting: 10 })
    await here.bulk.resume(file)
    await here.bulk.run(file, some)
    await here.prm.run({ once: true })
    await here.bulk.run(file, some)
    expect(await here.bulk.stop(file)).toMatchObject({ gone: 2, cancelled: 10, waiting: 0 })
    await here.bulk.resume(file)
    await here.bulk.run(file, now)
    const to = here.provider.messages().map(({ to }) => to)
    expect([to.length, new Set(to).size]).toEqual([12, 12])
  })

  test('what another operator promises while it is stopped does not go', async () => {
    here = await town()
    const file = await approved(600)
    const { included } = (await here.bulk.show(file)).plan.summary
    const running = here.bulk.run(file, { canary: { size: 5, watch: '0ms' } })
    while (here.provider.messages().length < 20) await new Promise((resolve) => setTimeout(resolve, 5))
    const stopped = await here.bulk.stop(file, { why: 'a typo' })
    const ended = await running
    await here.prm.run({ once: true })
    const { summary } = await here.bulk.report(file)
    const { sent, failed, waiting, excluded, cancelled = 0 } = summary
    expect(ended.state).toMatchObject({ standing: 'stopped', why: 'a typo' })
    expect([sent, failed, excluded, sent + waiting + cancelled]).toEqual([
      here.provider.messages().length,
      0,
      0,
      included,
    ])
    expect(sent).toBeLessThanOrEqual(stopped.gone + stopped.underWay)
    expect(cancelled).toBeGreaterThanOrEqual(stopped.cancelled)
  })

  test('a pause is no way out of a stop: two operators who ask at once have it stopped, and a resume sends the rest', async () => {
    here = await town()
    const file = await approved(12)
    await here.bulk.run(file, { once: true, canary: { size: 2, watch: '0ms' }, deliver: false })
    await here.bulk.stop(file)
    await expect(here.bulk.pause(file)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/stop/),
    })
    expect((await here.bulk.show(file)).state.standing).toBe('stopped')
    await here.bulk.resume(file)
    expect((await here.bulk.run(file, { once: true, canary: { watch: '0ms' } })).summary.sent).toBe(12)
  })

  test('a stop that is killed before it cancels is made good by the resume: what was promised goes as one of the rest', async () => {
    here = await town()
    const file = await approved(12)
    const some: RunOptions = { once: true, canary: { size: 4, watch: '0ms' }, deliver: false }
    await here.bulk.run(file, some)
    await killedStop(file)
    await here.bulk.resume(file)
    expect(await here.bulk.stop(file)).toMatchObject({ standing: 'stopped', gone: 0, underWay: 0, waiting: 12 })
    await here.prm.advance('1d')
    expect(here.provider.messages()).toEqual([])
    await here.bulk.resume(file)
    await here.bulk.run(file, { once: true, canary: { watch: '0ms' } })
    const to = here.provider.messages().map(({ to }) => to)
    expect([to.length, new Set(to).size]).toEqual([12, 12])
  })

  test('what may have gone, and is not sent again after a stop, is for a person: the run that is resumed ends', async () => {
    here = await town({ limits: { idempotent: true } })
    const { prm } = here
    const file = await approved(3)
    await here.bulk.run(file, { once: true, deliver: false })
    const clock = () => prm.context('sms').now()
    const until = new AbortController()
    const killed = async () => {
      until.abort()
      return { outcome: { retryAt: clock().toISOString(), error: 'killed' } }
    }
    const how = { concurrency: 1, libraries: [library.id], now: clock }
    await prm.store.work(['deliver'], killed, { ...how, signal: until.signal })
    expect(await here.bulk.stop(file)).toMatchObject({ cancelled: 2, underWay: 1 })
    await prm.run({ once: true })
    expect(await here.bulk.stop(file)).toMatchObject({ gone: 1, cancelled: 2, underWay: 0 })
    await here.bulk.resume(file)
    const ran = await here.bulk.run(file, { once: true, canary: { watch: '0ms' } })
    expect(ran).toMatchObject({ summary: { sent: 2, failed: 1, waiting: 0 }, state: { standing: 'done' } })
    expect((await here.bulk.report(file)).outcomes).toContainEqual({ outcome: 'unknown', medium: 'sms', people: 1 })
  })

  test('cannot be asked of what has not begun', async () => {
    here = await town()
    const file = await approved(3)
    for (const what of ['pause', 'resume', 'stop'] as const)
      await expect(here.bulk[what](file)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('a signal ends a run at once, and another run goes on from there', async () => {
    here = await town()
    const file = await approved(30)
    const stopped = new AbortController()
    const running = here.bulk.run(file, { signal: stopped.signal, canary: { size: 5, watch: '1h' } })
    await expect.poll(async () => (await kept(file))?.watched, { timeout: 20_000 }).toBeDefined()
    stopped.abort()
    await expect(running).rejects.toThrow()
    const sent = here.provider.messages().length
    expect(sent).toBe(5)
    await here.prm.advance('1h')
    expect((await here.bulk.run(file, now)).summary.sent).toBe(30)
    expect(here.provider.messages()).toHaveLength(30)
  })
})

test('the patron is known afterwards, with the zone and the consent that the list tells, and why they were written to', async () => {
  here = await town()
  const file = here.file()
  await here.bulk.plan(here.order(patron(1, { timezone: 'America/Denver' })), { out: file })
  await here.bulk.approve(file, { by: 'Bea Second' })
  await here.bulk.run(file, now)
  const [known] = await here.prm.patrons({ scheme: 'tel', value: phoneOf(1) })
  expect(known).toMatchObject({ name: 'Ann 1', timeZone: 'America/Denver', branch: 'MAIN' })
  const { plan } = await here.bulk.show(file)
  expect((await here.prm.explain(`outreach:${plan.id}:2`)).text).toContain('The patron agreed.')
})

test('no key, job or evidence that is made of a list has an id of it: that may be a card or a mailbox', async () => {
  here = await town()
  const file = here.file()
  const list = `ann@example.org,Ann,${phoneOf(1)},,,,,,,,yes`
  await here.bulk.plan(here.order(list), { out: file })
  await here.bulk.approve(file, { by: 'Bea Second' })
  const keys = new Set<string>()
  here.provider.refuse(phoneOf(1), 21608) // so that a dead letter stays of it
  await here.bulk.run(file, now)
  for await (const { kind, value } of here.prm.store.scope('springfield').export())
    if (kind !== 'patron') keys.add(JSON.stringify(value))
  expect([...keys].some((row) => row.includes('outreach:'))).toBe(true)
  expect([...keys].filter((row) => /"(key|id|evidence)":"?[^"]*ann@example/.test(row))).toEqual([])
})

test('a list makes nobody twice: who is known at a number stays who they are', async () => {
  here = await town()
  const card = { scheme: 'ils', realm: 'ils/card', value: '77' } as const
  await here.prm.record([], [{ at: card, also: [{ scheme: 'tel', value: phoneOf(1) }], name: 'Ann of the ILS' }])
  const file = await approved(3)
  await here.bulk.run(file, now)
  const known = await here.prm.patrons({ scheme: 'tel', value: phoneOf(1) })
  expect(known.map(({ name }) => name)).toEqual(['Ann of the ILS'])
  expect(here.provider.messages()).toHaveLength(3)
})

test('progress is told, with a rate and an end', async () => {
  here = await town()
  const told: string[] = []
  const file = here.file()
  await here.bulk.plan(here.order(many(5)), {
    out: file,
    onProgress: ({ what, done, total }) => told.push(`${what} ${done}/${total}`),
  })
  await here.bulk.approve(file, { by: 'Bea Second' })
  await here.bulk.run(file, { ...now, onProgress: ({ what, done, total }) => told.push(`${what} ${done}/${total}`) })
  expect(told).toEqual(expect.arrayContaining(['plan 5/5', 'check 5/5', 'run 5/5']))
})

describe('who is erased after the plan was made', () => {
  const tel = (n: number) => ({ scheme: 'tel', value: phoneOf(n) })
  const texts = (n: number) => here.provider.messages().filter(({ to }) => to === phoneOf(n)).length
  async function erased(n: number): Promise<void> {
    for (const { id } of await here.prm.patrons(tel(n))) await here.prm.erase(id)
    await here.prm.erase(tel(n))
  }
  async function summaryOf(file: string) {
    const { summary, outcomes } = await here.bulk.report(file)
    const { sent, failed, waiting, excluded } = summary
    return { sent, failed, waiting, excluded, erased: outcomes.find((one) => one.outcome === 'erased since')?.people }
  }

  test('is written to by it neither first nor again, nor met anew; a new list writes to them', async () => {
    here = await town()
    const file = await approved(30)
    await here.bulk.run(file, now)
    expect([texts(3), texts(20)]).toEqual([1, 0])
    await erased(3) // who was sent theirs with the canary
    await here.prm.advance('1m') // and whose copy is deleted there
    await erased(20)
    expect(await summaryOf(file)).toEqual({ sent: 9, failed: 0, waiting: 19, excluded: 0, erased: 2 })
    expect([texts(3), texts(20)]).toEqual([0, 0])
    await here.prm.advance('11m')
    const { summary, state } = await here.bulk.run(file, now)
    expect(state.standing).toBe('done')
    expect(summary).toMatchObject({ sent: 28, failed: 0, waiting: 0, excluded: 0, erased: 2 })
    expect(await summaryOf(file)).toEqual({ sent: 28, failed: 0, waiting: 0, excluded: 0, erased: 2 })
    expect([texts(3), texts(20)]).toEqual([0, 0])
    for (const n of [3, 20]) expect(await here.prm.patrons(tel(n))).toEqual([])

    const second = here.file('second.ndjson')
    const templates = [{ text: '{{ library }}: {{ name }}, we open on Mondays too. Reply STOP to end.' }]
    await here.bulk.plan(here.order([patron(3), patron(20)].join('\n'), { templates }), { out: second })
    await here.bulk.approve(second, { by: 'Bea Second' })
    await here.bulk.run(second, now)
    expect([texts(3), texts(20)]).toEqual([1, 1])
  })

  test('is not written to by a run that begins only then', async () => {
    here = await town()
    const file = await approved(4)
    await here.prm.advance('1m')
    await erased(2)
    const { summary } = await here.bulk.run(file, now)
    expect(summary).toMatchObject({ sent: 3, waiting: 0, excluded: 0, erased: 1 })
    expect(texts(2)).toBe(0)
  })

  test('and while the store is told of them, is erased from it again', async () => {
    here = await town()
    const file = await approved(4)
    const { prm } = here
    const slow: typeof prm = {
      ...prm,
      as: (actor) => ({
        ...prm.as(actor),
        async record(facts, people) {
          await erased(2)
          return prm.as(actor).record(facts, people)
        },
      }),
    }
    const { summary } = await outreach({ prm: slow, store: prm.store, library, key }).run(file, now)
    expect(summary).toMatchObject({ sent: 3, waiting: 0, excluded: 0, erased: 1 })
    expect(texts(2)).toBe(0)
    expect(await prm.patrons(tel(2))).toEqual([])
  })
})
