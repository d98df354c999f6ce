import { describe, expect, test } from 'vitest'
import { alder, all, both, breaking, card, id, thrown } from './context.ts'

const posts = (calls: readonly { method: string; path: string }[]) =>
  calls.filter(({ method, path }) => method === 'POST' && path === '/api/v1/holds')

describe.each(both)('holds, on %s', (release) => {
  test.each([
    [{ status: null }, 'waiting'],
    [{ status: null, suspended: true }, 'suspended'],
    [{ status: 'T' }, 'in-transit'],
    [{ status: 'P' }, 'processing'],
    [{ status: 'W' }, 'ready'],
    [{ status: 'X' }, 'processing'],
  ] as const)('%o is %s', async (fields, state) => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.hold({ hold_id: 3002, patron_id: 1002, ...fields })
    expect((await all(koha.circulation.holds(id(1002), ctx))).map((hold) => hold.state)).toEqual([state])
  })

  test('the same date is when to collect by at the desk, and something else before', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.hold({ hold_id: 3002, patron_id: 1001, expiration_date: '2027-06-30' })
    const [ready, waiting] = await all(koha.circulation.holds(card('23529000010001'), ctx))
    expect(ready).toMatchObject({
      id: '3001',
      pickup: { is: 'value', value: 'ELM' },
      collectBy: { is: 'value', value: '2026-11-30' },
    })
    expect(waiting).toMatchObject({ id: '3002', collectBy: { is: 'empty' } })
    expect(ready?.title.is).toBe(release === 'today' ? 'value' : 'unavailable')
  })

  test('are not those of a patron whose id holds this one, and more than a page of them', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.patron({ patron_id: 21001 })
    for (let n = 0; n < 230; n++) simulator.hold({ hold_id: 4000 + n, patron_id: n % 2 ? 21001 : 1002 })
    expect((await all(koha.circulation.holds(id(1001), ctx))).map((hold) => hold.id)).toEqual(['3001'])
    expect(await all(koha.circulation.holds(id(1002), ctx))).toHaveLength(115)
  })
})

describe.each(both)('place, on %s', (release) => {
  test('gives the number of the hold', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    const placed = await koha.circulation.place(id(1001), { bib: '103', pickup: 'OAK', until: '2027-03-01' }, ctx)
    expect(placed).toEqual({ ok: true, hold: expect.any(String) })
    const hold = placed.ok ? simulator.town.holds.get(Number(placed.hold)) : undefined
    expect(hold).toMatchObject({
      patron_id: 1001,
      biblio_id: 103,
      pickup_library_id: 'OAK',
      expiration_date: '2027-03-01',
    })
  })

  test.each([
    [{ expiry_date: '2026-11-23' }, 'card-expired', 'expired'],
    [{ patron_card_lost: true }, 'card-lost', 'card_lost'],
    [{ restricted: true }, 'restricted', 'restricted'],
    [{ incorrect_address: true }, 'not-allowed', 'bad_address'],
  ] as const)('%o is refused as %s before anything is asked for', async (fields, why, text) => {
    const { koha, simulator, ctx } = await alder({ release })
    Object.assign(simulator.town.patrons.get(1001) ?? {}, fields)
    expect(await koha.circulation.place(id(1001), { bib: '103', pickup: 'ELM' }, ctx)).toEqual({
      ok: false,
      reason: why,
      text,
    })
    expect(posts(simulator.calls())).toEqual([])
  })

  test('the same title twice is refused, also where Koha would take it', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    const wanted = { bib: '103', pickup: 'ELM' }
    expect(await koha.circulation.place(id(1001), wanted, ctx)).toMatchObject({ ok: true })
    expect(await koha.circulation.place(id(1001), wanted, ctx)).toMatchObject({ ok: false, reason: 'duplicate' })
    expect(posts(simulator.calls())).toHaveLength(1)
  })

  test('on an item: the same item twice is refused, another of the title is not', async () => {
    const { koha, ctx, simulator } = await alder({ release })
    const placed = await koha.circulation.place(id(1002), { item: '503', pickup: 'ELM' }, ctx)
    expect(placed).toMatchObject({ ok: true })
    expect(await koha.circulation.place(id(1002), { item: '503', pickup: 'ELM' }, ctx)).toMatchObject({
      reason: 'duplicate',
    })
    expect([...simulator.town.holds.values()].at(-1)).toMatchObject({ item_id: 503, biblio_id: 103 })
  })

  test('an id that is no number, and a hold on nothing, are refused by name', async () => {
    const { koha, ctx } = await alder({ release })
    const error = async (wanted: object) => thrown(koha.circulation.place(id(1001), { pickup: 'ELM', ...wanted }, ctx))
    expect(await error({ bib: 'b103' })).toMatchObject({ code: 'invalid', field: 'bib' })
    expect(await error({ item: 'i7' })).toMatchObject({ code: 'invalid', field: 'item' })
    expect(await error({})).toMatchObject({ code: 'invalid', field: 'bib' })
  })

  test('a library that is none: invalid, naming pickup', async () => {
    const { koha, ctx } = await alder({ release })
    const error = await thrown(koha.circulation.place(id(1001), { bib: '103', pickup: 'FIR' }, ctx))
    expect(error).toMatchObject({ code: 'invalid', field: 'pickup' })
  })

  test.each([
    ['server-error', 'unavailable'],
    ['html', 'unknown'],
  ] as const)('after %s it is read back, and where nothing was placed it is %s', async (fault, code) => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.faultAt(fault, /^POST .*holds$/)
    const error = await thrown(koha.circulation.place(id(1001), { bib: '103', pickup: 'ELM' }, ctx))
    expect(error.code).toBe(code)
    expect(posts(simulator.calls())).toHaveLength(1)
    expect(simulator.town.holds.size).toBe(1)
  })

  test('a lost answer is read back, and nothing is placed twice', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.faultAt('reset-after-accept', /^(POST|DELETE) /)
    expect(await koha.circulation.place(id(1001), { bib: '103', pickup: 'ELM' }, ctx)).toMatchObject({ ok: true })
    expect(posts(simulator.calls())).toHaveLength(1)
    expect([...simulator.town.holds.values()].filter(({ biblio_id }) => biblio_id === 103)).toHaveLength(1)
  })

  test('without the permission: forbidden', async () => {
    const { koha, ctx } = await alder({ release, permissions: ['borrowers', 'circulate'] })
    expect((await thrown(koha.circulation.place(id(1001), { bib: '103', pickup: 'ELM' }, ctx))).code).toBe('forbidden')
  })
})

describe('today’s Koha refuses a hold by its own rules', () => {
  test('too many, and debt', async () => {
    const { koha, simulator, ctx } = await alder()
    for (let n = 0; n < 5; n++) simulator.hold({ patron_id: 1002, biblio_id: 101 + (n % 2) })
    expect(await koha.circulation.place(id(1002), { bib: '103', pickup: 'ELM' }, ctx)).toEqual({
      ok: false,
      reason: 'too-many',
      text: 'tooManyReserves',
    })
    simulator.debit({ patron_id: 1001, amount_outstanding: 12.5 })
    expect(await koha.circulation.place(id(1001), { bib: '103', pickup: 'ELM' }, ctx)).toEqual({
      ok: false,
      reason: 'debt',
      text: 'debt_limit',
    })
  })
  test('and names what it does not know', async () => {
    const { koha, ctx } = await alder()
    const error = await thrown(koha.circulation.place(id(1001), { bib: '777', pickup: 'ELM' }, ctx))
    expect(error).toMatchObject({ code: 'invalid', field: 'bib' })
  })
})

describe.each(both)('cancel and suspend, on %s', (release) => {
  test('a hold is gone, and only its owner’s', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    expect((await thrown(koha.circulation.cancel(id(1002), '3001', ctx))).code).toBe('not_found')
    expect(simulator.town.holds.size).toBe(1)
    expect(await koha.circulation.cancel(id(1001), '3001', ctx)).toEqual({ ok: true })
    expect(simulator.town.holds.size).toBe(0)
  })

  test('a lost answer is read back', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.faultAt('reset-after-accept', /^(POST|DELETE) /)
    expect(await koha.circulation.cancel(id(1001), '3001', ctx)).toEqual({ ok: true })
    expect(simulator.calls().filter(({ method }) => method === 'DELETE')).toHaveLength(1)
  })

  test('a hold is suspended until a day, and resumed', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.hold({ hold_id: 3002, patron_id: 1001 })
    expect(await koha.ops.suspend(id(1001), '3002', '2027-01-15', ctx)).toEqual({ ok: true })
    expect(simulator.town.holds.get(3002)).toMatchObject({ suspended: true, suspended_until: '2027-01-15' })
    simulator.faultAt('reset-after-accept', /^(POST|DELETE) /)
    expect(await koha.ops.resume(id(1001), '3002', ctx)).toEqual({ ok: true })
    expect(simulator.town.holds.get(3002)).toMatchObject({ suspended: false })
    expect((await thrown(koha.ops.suspend(id(1002), '3002', undefined, ctx))).code).toBe('not_found')
  })

  test.each([
    [500, 'unavailable'],
    [504, 'unknown'],
  ] as const)('suspended already, until another day than Koha took (%s): %s', async (status, code) => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.hold({ hold_id: 3002, patron_id: 1001 })
    expect(await koha.ops.suspend(id(1001), '3002', '2027-01-15', ctx)).toEqual({ ok: true })
    const fetch = breaking(/^POST .*suspension$/, status)
    const { koha: lost } = await alder({}, { ...simulator.credentials, baseUrl: simulator.url, fetch })
    for (const until of ['2027-01-31', undefined])
      expect((await thrown(lost.ops.suspend(id(1001), '3002', until, ctx))).code).toBe(code)
    // A release may say it with a time.
    Object.assign(simulator.town.holds.get(3002) ?? {}, { suspended_until: '2027-01-31T00:00:00-06:00' })
    expect(await lost.ops.suspend(id(1001), '3002', '2027-01-31', ctx)).toEqual({ ok: true })
  })

  test('one that waits at the desk is not suspended: a refusal', async () => {
    const { koha, ctx } = await alder({ release })
    expect(await koha.ops.suspend(id(1001), '3001', undefined, ctx)).toMatchObject({ ok: false, reason: 'not-allowed' })
  })
})

test('a cancellation that Koha keeps as a request is none yet', async () => {
  const { koha: _, simulator, ctx } = await alder()
  const asking: typeof fetch = async (...request) => {
    const response = await fetch(...request)
    return response.status === 204 ? new Response('', { status: 202 }) : response
  }
  const { koha } = await alder({}, { ...simulator.credentials, baseUrl: simulator.url, fetch: asking })
  expect(await koha.circulation.cancel(id(1001), '3001', ctx)).toEqual({
    ok: false,
    reason: 'other',
    text: 'cancellation_requested',
  })
})
