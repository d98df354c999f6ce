import { describe, expect, test } from 'vitest'
import { alder, all, both, card, id, mail, thrown, user } from './context.ts'

describe.each(both)('loans, on %s', (release) => {
  test('are those that are out, with a day where Koha says 23:59', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.loan({ checkout_id: 2002, patron_id: 1001, item_id: 502, due_date: '2026-11-24T17:30:00-06:00' })
    simulator.loan({ checkout_id: 2003, patron_id: 1001, checkin_date: '2026-11-20' })
    simulator.loan({ checkout_id: 2004, patron_id: 1002 })
    const found = await all(koha.circulation.loans(card('23529000010001'), ctx))
    expect(found.map(({ id, item, due }) => ({ id, item, due }))).toEqual([
      { id: '2001', item: '501', due: '2026-11-26' },
      { id: '2002', item: '502', due: '2026-11-24T23:30:00.000Z' },
    ])
  })

  test('are not those of a patron whose id holds this one', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.patron({ patron_id: 21001 })
    simulator.loan({ checkout_id: 2002, patron_id: 21001 })
    expect((await all(koha.circulation.loans(id(1001), ctx))).map((loan) => loan.id)).toEqual(['2001'])
  })

  test('of nobody: not_found; of several: conflict; of no patron of this Koha: invalid', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.patron({ userid: 'twin' })
    simulator.patron({ userid: 'Twin' })
    const code = async (who: Parameters<typeof koha.circulation.loans>[0]) =>
      (await thrown(all(koha.circulation.loans(who, ctx)), who.value)).code
    expect(await code(card('999'))).toBe('not_found')
    expect(await code(user('twin'))).toBe('conflict')
    expect(await code(mail('ada@mail.example'))).toBe('invalid')
    expect(await code({ scheme: 'ils', realm: 'sierra/card', value: '23529000010001' })).toBe('invalid')
  })

  test('a token that ends between two pages is had again', async () => {
    const { koha, simulator, ctx } = await alder({ release, callsPerToken: 3 })
    for (let n = 0; n < 350; n++) simulator.loan({ checkout_id: 4000 + n, patron_id: 1002 })
    expect(await all(koha.circulation.loans(id(1002), ctx))).toHaveLength(350)
    expect(simulator.calls().filter(({ status }) => status === 401).length).toBeGreaterThan(0)
  })

  test('what is returned while the pages are read hides no other loan', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    for (let n = 0; n < 250; n++) simulator.loan({ checkout_id: 4000 + n, patron_id: 1002 })
    let pages = 0
    simulator.after((_, path) => {
      // After the first page five of it go, and the rest moves up; as many come at the end, so that no count tells.
      if (path !== '/api/v1/checkouts' || simulator.calls().at(-1)?.status !== 200 || ++pages !== 1) return
      for (let n = 0; n < 5; n++) {
        simulator.town.loans.delete(4000 + n)
        simulator.loan({ checkout_id: 4300 + n, patron_id: 1002 })
      }
    })
    const found = (await all(koha.circulation.loans(id(1002), ctx))).map(({ id }) => Number(id))
    expect(found).toHaveLength(new Set(found).size)
    for (let n = 5; n < 250; n++) expect(found).toContain(4000 + n)
  })

  test('a server that gives fewer at a time than it was asked for is read to its end', async () => {
    const { koha, simulator, ctx } = await alder({ release, mostPerPage: 7 })
    for (let n = 0; n < 20; n++) simulator.loan({ checkout_id: 4000 + n, patron_id: 1002 })
    expect(await all(koha.circulation.loans(id(1002), ctx))).toHaveLength(20)
  })
})

test('others’ loans are left out also where this path takes no `_match`', async () => {
  const { simulator, ctx } = await alder()
  simulator.patron({ patron_id: 21001 })
  simulator.loan({ checkout_id: 2002, patron_id: 21001 })
  const strict: typeof fetch = async (...request) => {
    const { url } = request[0] as Request
    const odd = [{ message: 'Malformed query string', path: '/query/_match' }]
    return url.includes('_match') ? Response.json({ errors: odd, status: 400 }, { status: 400 }) : fetch(...request)
  }
  const { koha } = await alder({}, { ...simulator.credentials, baseUrl: simulator.url, fetch: strict })
  expect((await all(koha.circulation.loans(id(1001), ctx))).map((loan) => loan.id)).toEqual(['2001'])
})

test('a release that does not embed what is asked for is asked without, once and for all', async () => {
  const { simulator, ctx } = await alder()
  let refused = 0
  const plain: typeof fetch = async (...request) => {
    const { headers } = request[0] as Request
    if (!headers.has('x-koha-embed')) return fetch(...request)
    refused++
    return Response.json({ error: 'Embedding objects is not allowed on this endpoint.' }, { status: 400 })
  }
  const { koha } = await alder({}, { ...simulator.credentials, baseUrl: simulator.url, fetch: plain })
  for (let n = 0; n < 2; n++) {
    const [loan] = await all(koha.circulation.loans(id(1001), ctx))
    expect(loan).toMatchObject({ id: '2001', title: { is: 'unavailable' } })
  }
  expect(refused).toBe(1)
})

test('titles come with the loans of a new Koha, and an old one does not tell them', async () => {
  const titles = async (release: (typeof both)[number]) => {
    const { koha, ctx } = await alder({ release })
    return (await all(koha.circulation.loans(id(1001), ctx))).map(({ title }) => title)
  }
  expect(await titles('today')).toEqual([{ is: 'value', value: 'The Tall Ship' }])
  expect(await titles('19.11')).toEqual([{ is: 'unavailable', reason: expect.stringContaining('no titles') }])
})
