import { PrmError } from '@prm/core'
import { describe, expect, test } from 'vitest'
import { context } from './context.ts'
import { later, library, rig, start, wren } from './rig.ts'

const times = (visits: readonly string[], what: string) => visits.filter((one) => one === what).length

describe('a session', () => {
  test('is begun once, for all that is asked', async () => {
    const { simulator, look, answer } = await rig()
    const to = simulator.post(wren, `@${library} hello`)
    await Promise.all([look(), look(), answer(to, 'Hello')])
    await look()
    expect(times(simulator.visits(), 'createSession')).toBe(1)
    expect(times(simulator.visits(), 'refreshSession')).toBe(0)
  })

  test('that has expired is refreshed by one call, for which the others wait; nothing is posted twice', async () => {
    const { simulator, look, answer } = await rig()
    const to = simulator.post(wren, `@${library} hello`)
    await look()
    for (let n = 1; n <= 3; n++) {
      simulator.expire()
      const looks = await Promise.all([look(), look(), answer(to, 'Hello', { key: `answer ${n}` }), look()])
      expect(looks.map((one) => ('error' in one ? one.error : undefined))).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
      ])
      expect(times(simulator.visits(), 'refreshSession')).toBe(n)
    }
    expect(simulator.received().length).toBe(3)
    expect(times(simulator.visits(), 'createSession')).toBe(1)
  })

  test('that cannot be refreshed any more is begun anew', async () => {
    const { simulator, look } = await rig()
    await look()
    simulator.expire(true)
    expect((await look()).error).toBeUndefined()
    expect(simulator.visits().slice(-5)).toEqual([
      'listNotifications',
      'refreshSession',
      'createSession',
      'listNotifications',
      'searchPosts',
    ])
  })

  test('that expires at once is an error, and no loop', async () => {
    const { simulator, look } = await rig()
    simulator.fault('expired-token', 20)
    expect((await look()).error).toMatchObject({ code: 'auth', vendor: { status: 400, code: 'ExpiredToken' } })
    expect(simulator.visits()).toEqual(['createSession', 'listNotifications', 'refreshSession', 'listNotifications'])
  })

  test('whose refreshing fails for a while is still there afterwards', async () => {
    let broken = true
    const { simulator, look } = await rig({
      fetch: async (input, init) => {
        if (broken && (input as Request).url.includes('refreshSession')) return new Response('', { status: 503 })
        return fetch(input, init)
      },
    })
    await look()
    simulator.expire()
    expect((await look()).error).toMatchObject({ code: 'unavailable' })
    broken = false
    expect((await look()).error).toBeUndefined()
    expect(times(simulator.visits(), 'createSession')).toBe(1)
  })

  test('is not asked for more often than is allowed, and after that not before it is again', async () => {
    const { simulator, adapter, clock, look } = await rig()
    const attempts: unknown[] = []
    for (let n = 0; n < 31; n++) {
      simulator.expire(true)
      attempts.push((await look()).error)
    }
    expect(attempts.slice(0, 30)).toEqual(Array(30).fill(undefined))
    expect(attempts[30]).toMatchObject({ code: 'rate_limited', retryAfterMs: 300_000, vendor: { status: 429 } })
    const asked = simulator.visits().length
    clock.now = later(start, 4)
    const error = await adapter.channel
      .remove?.(`at://${simulator.did}/app.bsky.feed.post/3n32wqcitc522`, context({ now: () => new Date(clock.now) }))
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'rate_limited', retryAfterMs: 60_000 })
    expect(simulator.visits().slice(asked)).toEqual(['deleteRecord', 'refreshSession'])
    clock.now = later(start, 6)
    expect((await look()).error).toBeUndefined()
  })

  test.each([
    ['a wrong password', 'AuthenticationRequired', undefined],
    ['an account that was taken down', 'AccountTakedown', 'takendown'],
    ['a suspended account', 'AccountTakedown', 'suspended'],
  ])('of %s is refused with its reason, and no secret', async (_, code, status) => {
    const { simulator, look } = await rig(status ? {} : { appPassword: 'not-the-right-one' })
    if (status) simulator.account(library, status)
    const { error } = await look()
    expect(error).toMatchObject({ code: 'auth', vendor: { code }, message: expect.stringContaining(code) })
    expect(PrmError.is(error) && error.message).not.toMatch(/not-the-right|alder/)
    expect(simulator.visits()).toEqual(['createSession'])
  })

  test('of an account that is suspended meanwhile ends with its reason, and is not begun again and again', async () => {
    const { simulator, look, answer } = await rig()
    const to = simulator.post(wren, `@${library} hello`)
    await look()
    const before = simulator.visits().length
    simulator.account(library, 'suspended')
    expect((await look()).error).toMatchObject({ code: 'auth', vendor: { code: 'AccountTakedown' } })
    await expect(answer(to, 'Hello')).rejects.toMatchObject({ code: 'auth', vendor: { code: 'AccountTakedown' } })
    expect(simulator.visits().slice(before)).toEqual(['listNotifications', 'getPosts'])
    simulator.account(library, undefined)
    await answer(to, 'Hello')
    expect(simulator.received().length).toBe(1)
  })

  test('of a deactivated account posts nothing', async () => {
    const { simulator, answer } = await rig()
    const to = simulator.post(wren, `@${library} hello`)
    simulator.account(library, 'deactivated')
    await expect(answer(to, 'Hello')).rejects.toMatchObject({ code: 'auth', vendor: { code: 'AccountDeactivated' } })
    expect(simulator.received()).toEqual([])
  })

  test('that one caller calls off is not lost for the next', async () => {
    const { simulator, adapter, look } = await rig()
    const stop = new AbortController()
    const batches = adapter.feed.pull(undefined, context({ signal: stop.signal }))[Symbol.asyncIterator]()
    const first = batches.next().catch((error: unknown) => error)
    stop.abort()
    expect(await first).toMatchObject({ code: 'unavailable' })
    expect((await look()).error).toBeUndefined()
    expect(simulator.visits().length).toBeGreaterThan(0)
  })
})

describe('check', () => {
  const said = async (all: Awaited<ReturnType<typeof rig>>) =>
    Object.fromEntries(
      (await all.adapter.check(context())).map(({ what, ok, detail, hint }) => [what, [ok, `${detail} ${hint ?? ''}`]]),
    )

  test('says what works', async () => {
    const all = await rig((simulator) => ({ stream: { url: simulator.streamUrl() } }))
    all.simulator.labelBot()
    expect(await said(all)).toEqual({
      session: [true, expect.stringMatching(/app password/)],
      'account.status': [true, expect.any(String)],
      'account.bot': [true, expect.any(String)],
      'feed.notifications': [true, expect.any(String)],
      'feed.search': [true, expect.any(String)],
      'feed.stream': [true, expect.any(String)],
      'channel.send': [true, expect.stringContaining('tagged')],
    })
    await expect.poll(() => all.simulator.streams()).toBe(0)
    expect(times(all.simulator.visits(), 'createSession')).toBe(1)
  })

  test('says what does not', async () => {
    const all = await rig((simulator) => ({ stream: { url: simulator.streamUrl() }, answer: 'approved' }))
    all.simulator.account(library, 'deactivated')
    all.simulator.refuseStreams(9)
    const found = await said(all)
    expect(found).toMatchObject({
      'account.status': [false, expect.stringContaining('deactivated')],
      'account.bot': [false, expect.stringContaining('bot')],
      'feed.stream': [false, expect.any(String)],
      'channel.send': [false, expect.any(String)],
    })
  })

  test('says why nobody is let in, and asks no more', async () => {
    const all = await rig({ appPassword: 'not-the-right-one' })
    const found = await said(all)
    expect(Object.keys(found)).toEqual(['session'])
    expect(found.session).toEqual([false, expect.stringMatching(/AuthenticationRequired.*app password/)])
    expect(all.simulator.visits()).toEqual(['createSession'])
  })
})

test.each([
  ['identifier', { identifier: '@alder.example.org' }],
  ['identifier', { identifier: 'alder' }],
  ['appPassword', { appPassword: '' }],
  ['pseudonymKey', { pseudonymKey: 'short' }],
  ['queries[0].any', { queries: [{ name: 'a', any: [] }] }],
  ['queries', { queries: ['a', 'a'].map((name) => ({ name, any: ['x'] })) }],
  ['answer', { answer: 'all' as never }],
  ['languages', { languages: ['en', 'de', 'fr', 'es'] }],
  ['stream.url', { stream: { url: 'https://example.org' } }],
  ['stream.hold', { stream: { hold: '0s' as const } }],
  ['baseUrl', { baseUrl: 'ftp://example.org' }],
  ['every', { every: '10' as never }],
])('a wrong %s is refused by its name', async (field, more) => {
  await expect(rig(more)).rejects.toMatchObject({ code: 'config', field })
})
