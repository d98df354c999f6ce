import { describe, expect, test } from 'vitest'
import { alder, both, context } from './context.ts'

describe.each(both)('check, on %s', (release) => {
  test('names each capability', async () => {
    const { koha, ctx, simulator } = await alder({ release, plugins: ['rest-di'] })
    const said = await koha.check(ctx)
    expect(Object.fromEntries(said.map(({ what, ok }) => [what, ok]))).toEqual({
      'directory.find': true,
      'directory.preferences': true,
      'directory.write': 'unknown',
      'circulation.loans': true,
      'circulation.holds': true,
      'circulation.charges': true,
      catalogue: release === 'today',
      'circulation.renew': 'unknown',
      'circulation.place': 'unknown',
    })
    expect(said[0]?.detail).toContain(release === 'today' ? '20.05 or later' : 'before 20.05')
    expect(simulator.received()).toEqual([])
  })

  test('names the permission that is missing', async () => {
    const permissions = ['borrowers.list_borrowers', 'borrowers.edit_borrowers']
    const { koha, ctx } = await alder({ release, permissions, plugins: ['rest-di'] })
    const said = await koha.check(ctx)
    const detail = (what: string) => said.find((one) => one.what === what)?.detail
    expect(detail('directory.preferences')).toContain('borrowers: view_borrower_infos_from_any_libraries')
    expect(detail('circulation.loans')).toContain('circulate: circulate_remaining_permissions')
    expect(detail('circulation.charges')).toContain('updatecharges: remaining_permissions')
    if (release === 'today') expect(detail('catalogue')).toContain('permission catalogue')
    expect(said.find(({ what }) => what === 'circulation.holds')?.ok).toBe(true)
  })

  test('who may not even list patrons is told that alone', async () => {
    const { koha, ctx } = await alder({ release, permissions: ['circulate'] })
    expect(await koha.check(ctx)).toEqual([
      {
        what: 'directory.find',
        ok: false,
        detail: 'The account lacks the permission borrowers: list_borrowers.',
        hint: expect.stringContaining('Set permissions'),
      },
    ])
  })

  test('a wrong secret is no, and a Koha that is down is not known', async () => {
    const { koha: wrong, ctx } = await alder({ release }, { clientSecret: 'not-the-secret' })
    expect(await wrong.check(ctx)).toMatchObject([{ what: 'directory.find', ok: false }])
    const { koha, simulator } = await alder({ release })
    await simulator.close()
    expect(await koha.check(ctx)).toMatchObject([{ what: 'directory.find', ok: 'unknown' }])
  })

  test('a Koha without a single patron is checked all the same', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.town.patrons.clear()
    const said = await koha.check(ctx)
    expect(said[0]?.ok).toBe(true)
  })
})

test('with webhook it says what the plugin needs', async () => {
  const { koha } = await alder({}, { webhook: { clientId: 'koha-alder', clientSecret: 'wh-93ab77e01c2d52d6' } })
  const said = await koha.check(context())
  expect(said.at(-1)).toMatchObject({ what: 'inlet.receive', detail: expect.stringContaining('/prm/koha/token') })
})
