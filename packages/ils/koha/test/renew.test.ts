import { describe, expect, test } from 'vitest'
import { alder, both, card, id, thrown } from './context.ts'

describe.each(both)('renew, on %s', (release) => {
  const posts = (calls: readonly { method: string; path: string }[]) =>
    calls.filter(({ method, path }) => method === 'POST' && path.includes('/renewal'))

  test('asks first, and gives the new day', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    expect(await koha.circulation.renew?.(card('23529000010001'), '2001', ctx)).toEqual({ ok: true, due: '2026-12-17' })
    expect(simulator.calls().map(({ path }) => path)).toContain('/api/v1/checkouts/2001/allows_renewal')
    expect(posts(simulator.calls())).toHaveLength(1)
  })

  test.each([
    ['on_reserve', 'on-hold'],
    ['too_many', 'too-many'],
    ['too_soon', 'too-soon'],
    ['auto_renew', 'automatic'],
    ['auto_too_soon', 'automatic'],
    ['restriction', 'restricted'],
    ['overdue', 'overdue'],
    ['too_much_owing', 'debt'],
    ['auto_account_expired', 'card-expired'],
    ['item_denied_renewal', 'not-allowed'],
    ['moon_in_aries', 'other'],
  ] as const)('refused with %s it is %s, and nothing is posted', async (deny, why) => {
    const { koha, simulator, ctx } = await alder({ release })
    Object.assign(simulator.town.loans.get(2001) ?? {}, { deny })
    expect(await koha.circulation.renew?.(id(1001), '2001', ctx)).toEqual({ ok: false, reason: why, text: deny })
    expect(posts(simulator.calls())).toEqual([])
  })

  test('refused only when it is posted: somebody was quicker', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.after((_, path) => {
      if (path.endsWith('allows_renewal')) simulator.hold({ patron_id: 1002, biblio_id: 101 })
    })
    expect(await koha.circulation.renew?.(id(1001), '2001', ctx)).toEqual({
      ok: false,
      reason: 'on-hold',
      text: 'on_reserve',
    })
  })

  test('of a loan that is another’s, returned or none: not_found, and nothing is posted', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.loan({ checkout_id: 2002, patron_id: 1001, checkin_date: '2026-11-20' })
    for (const [who, loan] of [
      [1002, '2001'],
      [1001, '2002'],
      [1001, '77'],
      [1001, '../patrons/1001'],
    ] as const)
      expect((await thrown(Promise.resolve(koha.circulation.renew?.(id(who), loan, ctx)))).code).toBe('not_found')
    expect(posts(simulator.calls())).toEqual([])
  })

  test.each(['reset-after-accept', 'oversize-body', 'html', 'server-error'] as const)(
    'after a lost answer (%s) it is read back, and posted once',
    async (fault) => {
      const { koha, simulator, ctx } = await alder({ release })
      const taken = fault === 'reset-after-accept' || fault === 'oversize-body'
      simulator.faultAt(fault, /^POST .*renewal$/)
      const call = Promise.resolve(koha.circulation.renew?.(id(1001), '2001', ctx))
      if (taken) expect(await call).toEqual({ ok: true, due: '2026-12-17' })
      // What a proxy answered may still be at work behind it; what Koha itself ended is over.
      else expect((await thrown(call)).code).toBe(fault === 'html' ? 'unknown' : 'unavailable')
      expect(posts(simulator.calls())).toHaveLength(1)
      expect(simulator.town.loans.get(2001)?.renewals_count).toBe(taken ? 1 : 0)
    },
  )

  test('what lands behind a proxy that gave up is waited for a little', async () => {
    const { koha: _, simulator, ctx } = await alder({ release })
    let late: Promise<unknown> = Promise.resolve()
    const slow: typeof fetch = async (...request) => {
      const asked = new Request(...request)
      if (!/renewal$/.test(asked.url) || asked.method !== 'POST') return fetch(asked)
      late = new Promise((done) => setTimeout(() => done(fetch(asked)), 700))
      return new Response('', { status: 504 })
    }
    const { koha } = await alder({ release }, { ...simulator.credentials, baseUrl: simulator.url, fetch: slow })
    expect(await koha.circulation.renew(id(1001), '2001', ctx)).toEqual({ ok: true, due: '2026-12-17' })
    await late
    expect(posts(simulator.calls())).toHaveLength(1)
  })

  test('Koha down: unavailable, and what was never sent is not in doubt', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    await simulator.close()
    expect((await thrown(Promise.resolve(koha.circulation.renew?.(id(1001), '2001', ctx)), 'b7c1f09a')).code).toBe(
      'unavailable',
    )
  })

  test('Koha down after it was posted: unknown, and never posted again', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.faultAt('reset-after-accept', /^POST .*renewal$/)
    simulator.after((_, path) => {
      if (path.endsWith('allows_renewal')) for (let n = 0; n < 9; n++) simulator.faultAt('server-error', /^GET .*2001$/)
    })
    expect((await thrown(Promise.resolve(koha.circulation.renew?.(id(1001), '2001', ctx)))).code).toBe('unknown')
    expect(posts(simulator.calls())).toHaveLength(1)
  })

  test('without the permission: forbidden, no refusal of the patron’s', async () => {
    const { koha, ctx } = await alder({ release, permissions: ['borrowers'] })
    expect((await thrown(Promise.resolve(koha.circulation.renew?.(id(1001), '2001', ctx)))).code).toBe('forbidden')
  })
})
