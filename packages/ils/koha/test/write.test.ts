import { describe, expect, test } from 'vitest'
import { alder, both, card, id, thrown } from './context.ts'

const restDi = { plugins: ['rest-di'] } as const

describe.each(both)('write, on %s', (release) => {
  test('changes these fields, and loses nothing of what a PUT replaces', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    const before = {
      ...simulator.patron({ patron_id: 1010, cardnumber: '400', staff_notes: 'likes maps', email: 'old@mail.example' }),
    }
    await koha.directory.write(card('400'), { email: 'new@mail.example', phone: '+12125550160' }, ctx)
    const { updated_on: _, ...after } = simulator.town.patrons.get(1010) ?? {}
    const { updated_on: __, ...wanted } = before
    expect(after).toEqual({ ...wanted, email: 'new@mail.example', sms_number: '+12125550160' })
  })

  test('puts a phone where the host says', async () => {
    const { koha, simulator, ctx } = await alder({ release }, { phoneField: 'mobile' })
    await koha.directory.write(id(1001), { phone: '+12125550160' }, ctx)
    expect(simulator.town.patrons.get(1001)).toMatchObject({ mobile: '+12125550160', sms_number: '(212) 555-0134' })
  })

  test('a field that Koha demands and the patron lacks is named, and nothing is invented', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.patron({ patron_id: 1010, surname: null, email: null })
    const error = await thrown(koha.directory.write(id(1010), { email: 'new@mail.example' }, ctx), 'new@mail.example')
    expect(error).toMatchObject({ code: 'invalid', field: 'surname' })
    expect(simulator.town.patrons.get(1010)).toMatchObject({ surname: null, email: null })
  })

  test('what staff saved since the patron was looked up stays', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.after((method, path) => {
      const looked = method === 'GET' && path === '/api/v1/patrons'
      if (looked) Object.assign(simulator.town.patrons.get(1001) ?? {}, { opac_notes: 'moved' })
    })
    await koha.directory.write(card('23529000010001'), { email: 'new@mail.example' }, ctx)
    expect(simulator.town.patrons.get(1001)).toMatchObject({ opac_notes: 'moved', email: 'new@mail.example' })
  })

  test('two writes at once do not undo each other', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    await Promise.all([
      koha.directory.write(id(1001), { email: 'new@mail.example' }, ctx),
      koha.directory.write(card('23529000010001'), { phone: '+12125550160' }, ctx),
    ])
    expect(simulator.town.patrons.get(1001)).toMatchObject({ email: 'new@mail.example', sms_number: '+12125550160' })
  })

  test.each([
    ['reset-after-accept', true],
    ['html', false],
    ['server-error', false],
  ] as const)('after a lost answer (%s) it is read back, and put once', async (fault, taken) => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.faultAt(fault, /^PUT /)
    const call = koha.directory.write(id(1001), { email: 'new@mail.example' }, ctx)
    if (taken) await call
    else expect((await thrown(call)).code).toBe(fault === 'html' ? 'unknown' : 'unavailable')
    expect(simulator.calls().filter(({ method }) => method === 'PUT')).toHaveLength(1)
    expect(simulator.town.patrons.get(1001)?.email).toBe(taken ? 'new@mail.example' : 'ada@mail.example')
  })

  test('nobody: not_found, and nothing is written', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    expect((await thrown(koha.directory.write(card('77'), { email: 'new@mail.example' }, ctx))).code).toBe('not_found')
    expect((await thrown(koha.directory.write(id(77), { email: 'new@mail.example' }, ctx))).code).toBe('not_found')
    expect(simulator.received()).toEqual([])
  })

  test('preferences without the plugin: unavailable with why', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    const [entry] = await koha.directory.find(id(1001), ctx)
    expect(entry?.preferences).toEqual({ is: 'unavailable', reason: expect.stringContaining('koha-plugin-rest-di') })
    const error = await thrown(koha.directory.write(id(1001), { preferences: { '*': ['sms'] } }, ctx))
    expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining('koha-plugin-rest-di') })
    await koha.directory.find(id(1002), ctx)
    // Not asked for each patron.
    expect(simulator.calls().filter(({ path }) => path.includes('/contrib/')).length).toBeLessThanOrEqual(2)
  })
})

test('an old Koha that breaks on a missing address: the field is named', async () => {
  const { koha, simulator, ctx } = await alder({ release: '19.11' })
  simulator.patron({ patron_id: 1010, address: null })
  const error = await thrown(koha.directory.write(id(1010), { email: 'new@mail.example' }, ctx))
  expect(error).toMatchObject({ code: 'invalid', field: 'address' })
})

test('a card number that was given twice meanwhile: conflict', async () => {
  const { koha, simulator, ctx } = await alder()
  simulator.patron({ patron_id: 1010, cardnumber: '23529000010001' })
  expect((await thrown(koha.directory.write(id(1010), { email: 'new@mail.example' }, ctx))).code).toBe('conflict')
})

test('a field that a release lets nobody write is left out, and the rest is written', async () => {
  const { koha, simulator, ctx } = await alder()
  const shown = simulator.town.patrons.get(1001) ?? {}
  const strict: typeof fetch = async (...request) => {
    const response = await fetch(...request)
    if (!new URL(response.url).pathname.endsWith('/patrons/1001') || response.status !== 200) return response
    return Response.json({ ...((await response.json()) as object), self_renewal_available: true })
  }
  const { koha: other } = await alder({}, { baseUrl: simulator.url, ...simulator.credentials, fetch: strict })
  await other.directory.write(id(1001), { email: 'new@mail.example' }, ctx)
  expect(koha.kind).toBe('koha')
  expect(shown.email).toBe('new@mail.example')
})

describe('with koha-plugin-rest-di', () => {
  test('preferences are told by kind and medium', async () => {
    const { koha, ctx } = await alder(restDi)
    const [entry] = await koha.directory.find(id(1001), ctx)
    expect(entry?.preferences).toEqual({
      is: 'value',
      value: {
        'due-soon': ['email'],
        'hold-ready': ['sms', 'email'],
        'check-in': [],
        'check-out': [],
        'due-today': ['sms'],
      },
    })
  })

  test('and written, with all the rest as it was', async () => {
    const { koha, simulator, ctx } = await alder(restDi)
    const before = structuredClone(simulator.town.preferences.get(1001))
    await koha.directory.write(id(1001), { preferences: { 'due-soon': ['sms', 'voice'] } }, ctx)
    expect(simulator.town.preferences.get(1001)).toEqual({
      ...before,
      Advance_Notice: {
        ...(before?.Advance_Notice as object),
        transport_types: { email: false, sms: true, phone: true },
      },
    })
  })

  test('what Koha does not send so, or does not know, is refused by name', async () => {
    const { koha, simulator, ctx } = await alder(restDi)
    const refused = async (preferences: { [kind: string]: string[] }) =>
      thrown(koha.directory.write(id(1001), { preferences }, ctx))
    expect(await refused({ 'check-in': ['print'] })).toMatchObject({ code: 'invalid', field: 'preferences.check-in' })
    expect(await refused({ newsletter: ['email'] })).toMatchObject({ code: 'invalid', field: 'preferences.newsletter' })
    expect(simulator.received()).toEqual([])
  })

  test('fields go alone: what staff save meanwhile stays', async () => {
    const { koha, simulator, ctx } = await alder(restDi)
    await koha.directory.write(id(1001), { email: 'new@mail.example' }, ctx)
    expect(simulator.received().map(({ raw }) => raw)).toEqual([
      { method: 'PATCH', path: '/contrib/kohasuomi/patrons/1001', body: { email: 'new@mail.example' } },
    ])
  })

  test('a patron who is merged away between two calls is gone, and the plugin is not', async () => {
    const { koha, simulator, ctx } = await alder(restDi)
    const gone = (patron_id: number) => {
      simulator.patron({ patron_id })
      let first = true
      simulator.after((_, path) => {
        if (first && path.endsWith(`/v1/patrons/${patron_id}`)) first = !simulator.town.patrons.delete(patron_id)
      })
      return id(patron_id)
    }
    expect((await koha.directory.find(gone(1010), ctx))[0]?.preferences).toMatchObject({ is: 'unavailable' })
    for (const change of [{ email: 'new@mail.example' }, { preferences: { '*': ['sms'] } }])
      expect((await thrown(koha.directory.write(gone(1011), change, ctx))).code).toBe('not_found')
    expect((await koha.directory.find(id(1001), ctx))[0]?.preferences.is).toBe('value')
    await koha.directory.write(id(1001), { email: 'new@mail.example' }, ctx)
    expect(simulator.received().map(({ raw }) => raw)).toMatchObject([{ method: 'PATCH' }])
  })

  test('nothing is written where some of it cannot be', async () => {
    const { koha, simulator, ctx } = await alder(restDi)
    for (const preferences of [{ newsletter: ['email'] }, { 'check-in': ['print'] }]) {
      const change = { email: 'new@mail.example', preferences }
      expect((await thrown(koha.directory.write(id(1001), change, ctx))).code).toBe('invalid')
    }
    expect(simulator.received()).toEqual([])
    const { koha: bare, simulator: other } = await alder()
    const change = { email: 'new@mail.example', preferences: { '*': ['sms'] } }
    expect((await thrown(bare.directory.write(id(1001), change, ctx))).code).toBe('unavailable')
    expect(other.received()).toEqual([])
  })

  test('without the permission they are unavailable, and the permission is named', async () => {
    const { koha, ctx } = await alder({ ...restDi, permissions: ['borrowers.list_borrowers'] })
    const [entry] = await koha.directory.find(id(1001), ctx)
    const why = 'The account lacks the permission borrowers: view_borrower_infos_from_any_libraries.'
    expect(entry?.preferences).toEqual({ is: 'unavailable', reason: why })
  })
})

describe.each(both)('list, on %s', (release) => {
  test('gives all, by filters of Koha’s, and asks for no preferences', async () => {
    const { koha, simulator, ctx } = await alder({ release, ...restDi })
    for (let n = 0; n < 130; n++) simulator.patron({ patron_id: 5000 + n, category_id: 'J' })
    simulator.patron({ category_id: 'JX' })
    const found = []
    for await (const entry of koha.directory.list({ category_id: 'J' }, ctx)) found.push(entry)
    expect(found).toHaveLength(130)
    expect(found[0]?.preferences).toMatchObject({ is: 'unavailable' })
    expect(simulator.calls().some(({ path }) => path.includes('/contrib/'))).toBe(false)
  })

  test('by q where it is known', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.patron({ patron_id: 5000, category_id: 'J' })
    const list = async () => {
      const found = []
      for await (const { identities } of koha.directory.list({ q: { category_id: ['J', 'K'] } }, ctx))
        found.push(identities[0]?.value)
      return found
    }
    if (release === 'today') expect(await list()).toEqual(['5000'])
    else expect(await thrown(list())).toMatchObject({ code: 'unsupported', field: 'q' })
  })
})
