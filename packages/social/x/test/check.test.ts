import { describe, expect, test } from 'vitest'
import { type XConfig, x } from '../src/index.ts'
import { rig } from './rig.ts'

describe('check', () => {
  test('says what works, what each query finds, and what that costs', async () => {
    const { simulator, adapter, context } = await rig()
    for (let n = 0; n < 14; n++) simulator.post({ text: `Alder Library ${n}` })
    const findings = await adapter.check(context())
    expect(findings.map(({ what, ok }) => [what, ok])).toEqual([
      ['budget', true],
      ['usage', true],
      ['feed.pull', true],
      ['channel.send', true],
      ['inlet.receive', 'unknown'],
    ])
    expect(findings[0]?.detail).toContain('at the prices of 2026-08-22')
    expect(findings[2]?.detail).toBe(
      "query name: 14 posts in 7 days: about 0.30 USD a month to read, and 9.00 USD to ask each again daily for 30 days, as X's terms want.",
    )
    expect(simulator.bill()).toBe(5_000) // one count
  })

  test('a query that the budget does not carry, and a budget that is used up', async () => {
    const { simulator, make, look, context } = await rig()
    for (let n = 0; n < 70; n++) simulator.post({ text: `Alder Library ${n}` })
    await look()
    const empty = await make({ budget: 350_000 }).check(context())
    expect(empty[1]).toMatchObject({ ok: 'unknown', detail: expect.stringContaining('The budget may be used up.') })
    // It would do to read, but not to ask again.
    const small = await make({ budget: 2_000_000 }).check(context())
    expect(small[2]).toMatchObject({ ok: false, hint: expect.stringContaining('narrower') })
  })

  test.each([
    ['unpaid', 'usage'],
    ['capped', 'feed.pull'],
    ['suspended', 'channel.send'],
  ] as const)('%s shows in %s', async (trouble, what) => {
    const { simulator, adapter, context } = await rig()
    simulator.trouble(trouble)
    expect((await adapter.check(context())).find((one) => one.what === what)).toMatchObject({ ok: false })
  })

  test('a token of another account, or none', async () => {
    const { make, context, simulator } = await rig()
    const other = make({ account: { id: '17', username: 'Other' } })
    expect((await other.check(context())).at(-2)).toMatchObject({ what: 'channel.send', ok: false })
    expect((await make({ userToken: undefined }).check(context())).at(-1)).toMatchObject({
      what: 'channel.send',
      ok: false,
    })
    simulator.fault('server-error', 20)
    expect((await make({}).check(context()))[1]).toMatchObject({ ok: 'unknown' })
  })
})

test.each([
  ['account.id', { account: { id: '@alder', username: 'Alder' } }],
  ['account.username', { account: { id: '17', username: '@Alder' } }],
  ['appToken', { appToken: '' }],
  ['pseudonymKey', { pseudonymKey: 'short' }],
  ['budget', { budget: 9.99 }],
  ['budget', { budget: undefined }],
  ['queries', { queries: [], userToken: undefined }],
  ['queries[0].query', { queries: [{ name: 'a', query: 'x'.repeat(481) }] }],
  ['queries[0].name', { queries: [{ name: 'a b', query: 'x' }] }],
  [
    'queries',
    {
      queries: [
        { name: 'a', query: 'x' },
        { name: 'a', query: 'y' },
      ],
    },
  ],
  ['prices.read', { prices: { read: -1 } }],
  ['prices.asOf', { prices: { asOf: 'today' } }],
  ['keepDays', { keepDays: 0 }],
  ['every', { every: '15 minutes' }],
  ['token', { token: 'x' }],
])('a config with a wrong %s names it, and shows no value', (field, wrong) => {
  const right = {
    account: { id: '17', username: 'Alder' },
    appToken: 'a',
    userToken: 'b',
    pseudonymKey: 'sixteen letters or more',
    budget: 1,
  }
  expect(() => x(right)).not.toThrow()
  expect(() => x({ ...right, ...wrong } as unknown as XConfig)).toThrow(
    expect.objectContaining({ code: 'config', field }),
  )
})
