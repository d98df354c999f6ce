import { describe, expect, test } from 'vitest'
import { koha } from '../src/index.ts'
import { alder, both, id, place, thrown } from './context.ts'

const basic = { user: 'prm-service', password: 'correct-horse-7' }

describe.each(both)('who we are, on %s', (release) => {
  test('one token serves many calls, and one that is refused is had anew', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    const tokens = () => simulator.calls().filter(({ path }) => path.endsWith('/oauth/token')).length
    await Promise.all([koha.directory.find(id(1001), ctx), koha.directory.find(id(1002), ctx)])
    await koha.directory.find(id(1001), ctx)
    expect(tokens()).toBe(1)
    simulator.fault('expired-token')
    expect(await koha.directory.find(id(1001), ctx)).toHaveLength(1)
    expect(tokens()).toBe(2)
  })

  test('a write is repeated after a refused token, since it was not taken', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.faultAt('expired-token', /^POST .*renewal$/)
    expect(await koha.circulation.renew(id(1001), '2001', ctx)).toMatchObject({ ok: true })
    expect(simulator.town.loans.get(2001)?.renewals_count).toBe(1)
  })

  test('a wrong client: auth', async () => {
    const { koha, ctx } = await alder({ release }, { clientSecret: 'not-the-secret' })
    expect((await thrown(koha.directory.find(id(1001), ctx), 'not-the-secret')).code).toBe('auth')
  })

  test('OAuth switched off, 400 there: config', async () => {
    const { koha, ctx } = await alder({ release, oauth: false })
    expect((await thrown(koha.directory.find(id(1001), ctx), 'b7c1f09a')).code).toBe('config')
  })

  test('user and password, and a wrong password: auth, whether it is 401 or 403 there', async () => {
    const { koha: right, simulator, ctx } = await alder({ release, ...basic })
    expect(await right.directory.find(id(1001), ctx)).toHaveLength(1)
    const wrong = koha({ ...place, user: basic.user, password: 'wrong-horse-7', baseUrl: simulator.url })
    expect((await thrown(wrong.directory.find(id(1001), ctx), 'wrong-horse-7', basic.user)).code).toBe('auth')
    expect(simulator.calls().at(-1)?.status).toBe(release === 'today' ? 401 : 403)
  })

  test('Basic switched off: config', async () => {
    const { simulator, ctx } = await alder({ release })
    const adapter = koha({ ...place, ...basic, baseUrl: simulator.url })
    expect((await thrown(adapter.directory.find(id(1001), ctx))).code).toBe('config')
  })

  test('a missing permission is forbidden, with Basic too', async () => {
    const { koha, ctx } = await alder({ release, ...basic, permissions: ['circulate'] })
    expect((await thrown(koha.directory.find(id(1001), ctx))).code).toBe('forbidden')
  })

  test('a page of HTML instead of an answer: contract, and nobody is not what it says', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.fault('html', 20)
    expect((await thrown(koha.directory.find(id(1001), ctx))).code).toBe('contract')
  })

  test('a proxy that has enough: rate_limited, with the time to wait', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.fault('rate-limited-seconds')
    expect(await thrown(koha.directory.find(id(1001), ctx))).toMatchObject({ code: 'rate_limited', retryAfterMs: 2000 })
  })
})

test('nothing of Koha’s at the URL: config', async () => {
  const { simulator, ctx } = await alder()
  const adapter = koha({ ...place, ...simulator.credentials, baseUrl: `${simulator.url}/somewhere` })
  expect((await thrown(adapter.directory.find(id(1001), ctx))).code).toBe('config')
})

describe('the config', () => {
  const right = { ...place, baseUrl: 'https://staff.library.example', clientId: 'a', clientSecret: 'b-secret-b' }
  const field = (change: object): string => {
    try {
      koha({ ...right, ...change })
    } catch (error) {
      expect(String(error)).not.toContain('b-secret-b')
      return (error as { field?: string }).field ?? ''
    }
    return 'none'
  }
  test('is refused naming the field', () => {
    expect(field({})).toBe('none')
    expect(field({ baseUrl: 'https://staff.library.example/api/v1' })).toBe('baseUrl')
    expect(field({ baseUrl: 'staff.library.example' })).toBe('baseUrl')
    expect(field({ clientSecret: undefined })).toBe('clientId')
    expect(field({ user: 'x', password: 'y' })).toBe('clientId')
    expect(field({ clientId: undefined, clientSecret: undefined, user: 'x' })).toBe('clientId')
    expect(field({ currency: 'dollars' })).toBe('currency')
    expect(field({ timeZone: 'Chicago' })).toBe('timeZone')
    expect(field({ region: 'XX' })).toBe('region')
    expect(field({ token: 'z' })).toBe('token')
  })
})
