import { describe, expect, test } from 'vitest'
import { alder, all, breaking, thrown } from './context.ts'

describe('today', () => {
  test.each([
    ['9780306406157', '101', ['9780306406157']],
    ['978-0-306-40615-7', '101', ['9780306406157']],
    ['0306406152', '101', ['9780306406157']],
    ['9781861972712', '102', ['9781861972712']], // kept in both its forms
    ['9783161484100', '103', ['9783161484100']], // kept with hyphens
    ['3-16-148410-x', '103', ['9783161484100']],
  ])('a record is found by the ISBN %s, however it is kept', async (isbn, id, isbns) => {
    const { koha, ctx } = await alder()
    expect(await koha.catalogue.byIsbn(isbn, ctx)).toEqual([expect.objectContaining({ id, isbns })])
  })

  test('what only looks like it is not it, and all that have it are found', async () => {
    const { koha, ctx, simulator } = await alder()
    const add = (biblio_id: number, isbn: string | null) =>
      simulator.town.biblios.set(biblio_id, { biblio_id, title: `Book ${biblio_id}`, author: null, isbn })
    add(104, '9790306406155') // the same nine digits
    add(105, '0-306-40615-2 (pbk.)')
    add(106, null)
    const found = await koha.catalogue.byIsbn('9780306406157', ctx)
    expect(found.map(({ id }) => id)).toEqual(['101', '105'])
    expect(found[1]).toEqual({ id: '105', title: 'Book 105', isbns: ['9780306406157'] })
    expect(await koha.catalogue.byIsbn('9780000000002', ctx)).toEqual([])
    const wrong = await thrown(koha.catalogue.byIsbn('978', ctx))
    expect([wrong.code, wrong.field]).toEqual(['invalid', 'isbn13'])
  })

  test.each([
    [{}, 'available'],
    [{ not_for_loan_status: -1 }, 'not-for-loan'],
    [{ not_for_loan_status: '0', effective_not_for_loan_status: 2 }, 'not-for-loan'], // by its type
    [{ damaged_status: 1 }, 'damaged'],
    [{ lost_status: '2' }, 'lost'],
    [{ withdrawn: 1, lost_status: 1 }, 'withdrawn'],
    [{ checked_out_date: '2026-12-09' }, 'on-loan'],
    [{ checked_out_date: '2026-12-09', lost_status: 1 }, 'lost'],
  ])('a copy with %j is %s', async (fields, state) => {
    const { koha, ctx, simulator } = await alder()
    Object.assign(simulator.town.items.get(501) ?? {}, fields)
    const due = 'checked_out_date' in fields && { due: '2026-12-09' }
    expect(await koha.catalogue.availability('101', ctx)).toEqual([
      { branch: 'ELM', state, callNumber: 'FIC 101', ...due },
    ])
  })

  test('what waits for somebody at the desk, or is on its way there, is not on the shelf', async () => {
    const { koha, ctx, simulator } = await alder()
    const states = async () => (await koha.catalogue.availability('102', ctx)).map(({ state }) => state)
    expect(await states()).toEqual(['on-hold'])
    Object.assign(simulator.town.holds.get(3001) ?? {}, { status: 'T' })
    expect(await states()).toEqual(['in-transit'])
    Object.assign(simulator.town.holds.get(3001) ?? {}, { status: null })
    expect(await states()).toEqual(['available'])
  })

  test('every copy of a record is told, across pages, and a record that is not there is not found', async () => {
    const { koha, ctx, simulator } = await alder({ mostPerPage: 2 })
    for (let item_id = 601; item_id < 606; item_id++)
      simulator.town.items.set(item_id, { item_id, biblio_id: 101, home_library_id: 'OAK', holding_library_id: null })
    const copies = await koha.catalogue.availability('101', ctx)
    expect(copies.map(({ branch }) => branch)).toEqual(['ELM', 'OAK', 'OAK', 'OAK', 'OAK', 'OAK'])
    for (const id of ['999', '1/../101'])
      expect((await thrown(koha.catalogue.availability(id, ctx))).code).toBe('not_found')
  })

  test('new records since a moment, by its day in the library', async () => {
    const { koha, ctx, simulator } = await alder()
    Object.assign(simulator.town.biblios.get(101) ?? {}, { creation_date: '2026-11-18' })
    Object.assign(simulator.town.biblios.get(102) ?? {}, { creation_date: '2026-11-19' })
    const added = await all(koha.catalogue.added('2026-11-20T03:00:00.000Z', ctx)) // the evening of the 19th there
    expect(added.map(({ id }) => id)).toEqual(['102', '103'])
  })

  test('who may not is forbidden, and a Koha that is down has not "nothing"', async () => {
    const { koha, ctx } = await alder({ permissions: ['borrowers'] })
    for (const call of [koha.catalogue.byIsbn('9780306406157', ctx), koha.catalogue.availability('101', ctx)])
      expect((await thrown(call)).code).toBe('forbidden')
    const down = await alder({}, { fetch: breaking(/\/biblios/) })
    expect((await thrown(down.koha.catalogue.byIsbn('9780306406157', ctx))).code).toBe('unavailable')
  })
})

test('a release without a list of records, and an old one, say so', async () => {
  const between = await alder({}, { fetch: breaking(/\/biblios\?/, 404) })
  const old = await alder({ release: '19.11' })
  for (const { koha, ctx } of [between, old]) {
    const error = await thrown(koha.catalogue.byIsbn('9780306406157', ctx))
    expect([error.code, error.message]).toEqual(['unsupported', expect.stringContaining('This release')])
    await expect(all(koha.catalogue.added('2026-11-20T03:00:00.000Z', ctx))).rejects.toMatchObject({
      code: 'unsupported',
    })
  }
  const items = old.koha.catalogue.availability('101', old.ctx)
  await expect(items).rejects.toMatchObject({ code: 'unsupported' })
  expect(old.simulator.calls().filter(({ path }) => path.includes('biblios'))).toEqual([])
})
