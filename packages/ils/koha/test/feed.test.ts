import type { Context, FeedPage, Interaction, Json, Notice } from '@prm/core'
import { describe, expect, test } from 'vitest'
import { koha } from '../src/index.ts'
import { type Alder, alder, both, breaking, context, id, now, place, thrown } from './context.ts'

async function pull({ koha }: Pick<Alder, 'koha'>, ctx: Context, cursor?: Json): Promise<FeedPage[]> {
  const found: FeedPage[] = []
  for await (const batch of koha.feed.pull(cursor, ctx)) found.push(batch)
  return found
}
const facts = (batches: readonly FeedPage[]) =>
  batches.flatMap(({ interactions }) => interactions) as Interaction<'notice', Notice>[]
const keys = (batches: readonly FeedPage[]) => facts(batches).map(({ key }) => key)
const later = (days: number) => context({ now: () => new Date(now.getTime() + days * 86_400_000) })

describe.each(both)('the feed, on %s', (release) => {
  test('tells holds at the desk, and loans that are due soon or overdue, with whom they are for', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.loan({ checkout_id: 2002, patron_id: 1002, item_id: 503, due_date: '2026-11-22T23:59:00-06:00' })
    simulator.loan({ checkout_id: 2003, patron_id: 1002, due_date: '2026-12-09T23:59:00-06:00' })
    simulator.loan({ checkout_id: 2004, patron_id: 1002, due_date: '2026-06-01T23:59:00-05:00' })
    simulator.hold({ hold_id: 3002, patron_id: 1002, status: 'T' })
    simulator.hold({ hold_id: 3003, patron_id: 1002 })
    simulator.hold({ hold_id: 3004, patron_id: 1002, status: 'W', cancellation_date: '2026-11-24' })
    const batches = await pull({ koha }, ctx)
    const title = (title: string) => (release === 'today' ? { title } : {})
    const barcode = (barcode: string) => (release === 'today' ? { barcode } : {})
    expect(facts(batches)).toEqual([
      {
        key: 'hold-ready 3001 2026-11-23',
        type: 'notice',
        source: 'koha',
        at: '2026-11-23',
        who: id(1001),
        branch: 'ELM',
        data: {
          kind: 'hold-ready',
          subjectKey: 'hold:koha:3001',
          items: [{ id: '502', collectBy: '2026-11-30', ...title('A Garden in Winter') }],
          pickup: 'ELM',
        },
      },
      {
        key: 'due-soon 2001 2026-11-26',
        type: 'notice',
        source: 'koha',
        who: id(1001),
        branch: 'ELM',
        data: {
          kind: 'due-soon',
          subjectKey: 'loan:koha:2001',
          items: [{ id: '501', due: '2026-11-26', ...title('The Tall Ship'), ...barcode('3900010101') }],
        },
      },
      {
        key: 'overdue 2002 2026-11-22',
        type: 'notice',
        source: 'koha',
        who: id(1002),
        branch: 'ELM',
        data: {
          kind: 'overdue',
          level: 1,
          subjectKey: 'loan:koha:2002',
          items: [{ id: '503', due: '2026-11-22', ...title('Rivers of the North'), ...barcode('3900010103') }],
        },
      },
    ])
    expect(batches.flatMap(({ people = [] }) => people)).toMatchObject([
      {
        at: id(1001),
        also: [
          { scheme: 'ils', realm: 'koha/card', value: '23529000010001' },
          { scheme: 'ils', realm: 'koha/user', value: 'ada' },
          { scheme: 'tel', value: '+12125550134' },
          { scheme: 'mailto', value: 'ada@mail.example' },
        ],
        name: 'Ada Pine',
        locale: 'en',
        branch: 'ELM',
        blocks: [],
      },
      { at: id(1002), name: 'Ben Rowan' },
    ])
  })

  test('tells nothing twice, in another process either, and the same under the same key when its cursor is lost', async () => {
    const { koha: first, simulator, ctx } = await alder({ release })
    const once = await pull({ koha: first }, ctx)
    const second = koha({ ...simulator.credentials, ...place, baseUrl: simulator.url })
    expect(await pull({ koha: second }, ctx, once.at(-1)?.cursor)).toEqual([])
    expect(facts(await pull({ koha: second }, ctx))).toEqual(facts(once))
  })

  test('tells a loan again once it was renewed and is due soon again', async () => {
    const { koha, ctx } = await alder({ release })
    const [first] = await pull({ koha }, ctx)
    await koha.circulation.renew(id(1001), '2001', ctx)
    const renewed = await pull({ koha }, ctx, first?.cursor)
    expect(keys(renewed)).toEqual([])
    expect(renewed).toHaveLength(1) // it is told no more, and so forgotten
    expect(renewed[0]?.cursor).toHaveLength(1)
    expect(await pull({ koha }, ctx, renewed[0]?.cursor)).toEqual([])
    expect(keys(await pull({ koha }, later(21), renewed[0]?.cursor))).toEqual(['due-soon 2001 2026-12-17'])
  })

  test('one loan is due soon first and overdue later', async () => {
    const { koha, ctx } = await alder({ release })
    const [first] = await pull({ koha }, ctx)
    const days = [1, 2, 3]
    let cursor = first?.cursor
    const told: string[][] = []
    for (const day of days) {
      const batches = await pull({ koha }, later(day), cursor)
      cursor = batches.at(-1)?.cursor ?? cursor
      told.push(keys(batches))
    }
    expect(told).toEqual([[], [], ['overdue 2001 2026-11-26']])
  })

  test('many are told in batches, and from the cursor of any nothing is missed', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    for (let n = 0; n < 120; n++)
      simulator.hold({ hold_id: 4000 + n, patron_id: 1002, status: 'W', waiting_date: '2026-11-24' })
    const batches = await pull({ koha }, ctx)
    expect(batches.map(({ interactions }) => interactions.length)).toEqual([50, 50, 22])
    for (const [index, { cursor }] of batches.entries()) {
      const rest = keys(await pull({ koha }, ctx, cursor))
      expect(rest).toEqual(keys(batches.slice(index + 1)))
    }
  })

  test('what is collected while the pages are read hides no other hold', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    for (let n = 0; n < 250; n++)
      simulator.hold({ hold_id: 4000 + n, patron_id: 1002, status: 'W', waiting_date: '2026-11-24' })
    let pages = 0
    simulator.after((_, path) => {
      if (path === '/api/v1/holds' && ++pages === 1) for (let n = 0; n < 9; n++) simulator.town.holds.delete(4000 + n)
    })
    const told = keys(await pull({ koha }, ctx))
    for (let n = 9; n < 250; n++) expect(told).toContain(`hold-ready ${4000 + n} 2026-11-24`)
  })

  test('a hold whose patron is gone is bad, and the others are told', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.hold({ hold_id: 3002, patron_id: 77, status: 'W', waiting_date: '2026-11-24' })
    const batches = await pull({ koha }, ctx)
    expect(batches.flatMap(({ rejected = [] }) => rejected)).toEqual([
      { source: 'hold-ready 3002 2026-11-24', reason: 'Koha shows no patron to it.' },
    ])
    expect(keys(batches)).toHaveLength(2)
    // Koha may not have shown the patron for a moment only.
    simulator.patron({ patron_id: 77 })
    const again = await pull({ koha }, ctx, batches.at(-1)?.cursor)
    expect(keys(again)).toEqual(['hold-ready 3002 2026-11-24'])
    expect(await pull({ koha }, ctx, again.at(-1)?.cursor)).toEqual([])
  })

  test('a guardian is told of, and none is told as none', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.patron({ patron_id: 1010, guarantor_id: 1001 })
    simulator.hold({ hold_id: 3002, patron_id: 1010, status: 'W' })
    const relations = async () => {
      const people = (await pull({ koha }, ctx)).flatMap(({ people = [] }) => people)
      return [1001, 1010].map((who) => people.find(({ at }) => at.value === String(who))?.relations)
    }
    const old = release === '19.11'
    expect(await relations()).toEqual(old ? [[], [{ kind: 'guardian', at: id(1001) }]] : [undefined, undefined])
    Object.assign(simulator.town.patrons.get(1010) ?? {}, { guarantor_id: null })
    // A release that keeps guardians elsewhere says nothing of them.
    expect(await relations()).toEqual(old ? [[], []] : [undefined, undefined])
  })

  test('one record that Koha breaks on keeps the others from nothing', async () => {
    const fetch = breaking(/GET .*\/(kohasuomi\/patrons\/1001|checkouts\/2001)\?/)
    const { koha, simulator, ctx } = await alder({ release, plugins: ['rest-di'] }, { fetch })
    simulator.hold({ hold_id: 3002, patron_id: 1002, status: 'W', waiting_date: '2026-11-24' })
    const batches = await pull({ koha }, ctx)
    expect(keys(batches)).toHaveLength(3)
    const [ada, ben] = batches.flatMap(({ people = [] }) => people)
    expect([ada?.at, ada?.preferences, ben?.at]).toEqual([id(1001), undefined, id(1002)])
    expect(ben?.preferences).toBeDefined()
  })

  test('a cursor holds nothing of anybody', async () => {
    const { koha, ctx } = await alder({ release })
    const [{ cursor } = { cursor: null }] = await pull({ koha }, ctx)
    expect(cursor).toEqual([expect.stringMatching(/^[\w+/]{10}$/), expect.stringMatching(/^[\w+/]{10}$/)])
  })

  test('Koha down: it says so, and nothing is forgotten', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    const [{ cursor } = { cursor: null }] = await pull({ koha }, ctx)
    simulator.fault('server-error', 9)
    expect((await thrown(pull({ koha }, ctx, cursor))).code).toBe('unavailable')
    for (let n = 0; n < 9; n++) simulator.faultAt('server-error', /checkouts$/)
    expect((await thrown(pull({ koha }, ctx, cursor))).code).toBe('unavailable')
  })
})

test('a patron whom an old Koha breaks on is bad until it shows them', async () => {
  const broken = await alder({ release: '19.11' }, { fetch: breaking(/GET .*\/patrons\/1001$/) })
  broken.simulator.hold({ hold_id: 3002, patron_id: 1002, status: 'W', waiting_date: '2026-11-24' })
  const batches = await pull(broken, broken.ctx)
  expect(keys(batches)).toEqual(['hold-ready 3002 2026-11-24'])
  const whole = koha({ ...broken.simulator.credentials, ...place, baseUrl: broken.simulator.url })
  expect(keys(await pull({ koha: whole }, broken.ctx, batches.at(-1)?.cursor))).toHaveLength(2)
})

test('a loan of hours is overdue from its minute on, a loan of days after its day', async () => {
  const { koha, simulator, ctx } = await alder()
  simulator.town.holds.clear()
  simulator.town.loans.clear()
  simulator.loan({ checkout_id: 2002, patron_id: 1002, due_date: '2026-11-24T08:59:00-06:00' })
  simulator.loan({ checkout_id: 2003, patron_id: 1002, due_date: '2026-11-24T09:01:00-06:00' })
  simulator.loan({ checkout_id: 2004, patron_id: 1002, due_date: '2026-11-24T23:59:00-06:00' })
  const [batch] = await pull({ koha }, ctx)
  const told = (batch?.interactions ?? []).map(({ key }) => key.split(' ', 2).join(' '))
  expect(told).toEqual(['overdue 2002', 'due-soon 2003', 'due-soon 2004'])
})

test('what is due soon is as the host says, of the library’s own day', async () => {
  const { koha, simulator } = await alder({}, { dueSoonDays: 1 })
  simulator.town.holds.clear()
  const at = (moment: string) => context({ now: () => new Date(moment) })
  expect(keys(await pull({ koha }, at('2026-11-25T05:59:00.000Z')))).toEqual([])
  expect(keys(await pull({ koha }, at('2026-11-25T06:01:00.000Z')))).toEqual(['due-soon 2001 2026-11-26'])
})

test('preferences come with the people, where the plugin is', async () => {
  const { koha, ctx } = await alder({ plugins: ['rest-di'] })
  const [batch] = await pull({ koha }, ctx)
  expect(batch?.people?.[0]?.preferences).toMatchObject({ 'hold-ready': ['sms', 'email'] })
})
