import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { effectOf } from '../src/effect.ts'
import { csv } from '../src/index.ts'
import { patron, phoneOf, type Town, text, town } from './town.ts'

let here: Town
afterEach(() => here?.close())

describe('an effect', () => {
  test('has the interval that Newcombe printed for his examples (1998, table II, method 10)', () => {
    const of = (a: number, m: number, b: number, n: number) => {
      const effect = effectOf({ acted: a, people: m }, { acted: b, people: n })
      return effect.measured ? [effect.low, effect.high].map((one) => Number(one.toFixed(4))) : []
    }
    expect(of(56, 70, 48, 80)).toEqual([0.0524, 0.3339])
    expect(of(9, 10, 3, 10)).toEqual([0.1705, 0.809])
    expect(of(10, 10, 0, 10)).toEqual([0.6075, 1])
    expect(of(0, 10, 0, 10)).toEqual([-0.2775, 0.2775])
  })

  test('that may be chance is none, nor is one without a holdout', () => {
    expect(effectOf({ acted: 11, people: 100 }, { acted: 9, people: 100 }).says).toMatch(
      /^No effect measured: 11.0 % .* may be chance/,
    )
    expect(effectOf({ acted: 11, people: 100 }, undefined)).toMatchObject({
      measured: false,
      says: expect.stringContaining('No effect measured'),
    })
    expect(effectOf({ acted: 0, people: 0 }, { acted: 0, people: 5 })).toMatchObject({ measured: false })
    expect(effectOf({ acted: 300, people: 1_000 }, { acted: 100, people: 1_000 }).says).toMatch(
      /^30.0 % .*\+20.0 points/,
    )
  })
})

test('a report has what became of each by medium, what opting out costs beside what it brought, and an effect', async () => {
  here = await town()
  const file = here.file()
  const list = Array.from({ length: 300 }, (_, n) => patron(n)).join('\n')
  const plan = await here.bulk.plan(here.order(list, { holdout: { share: 0.3, seed: 'x' } }), { out: file })
  await here.bulk.approve(file, { by: 'Bea Second' })
  await here.bulk.run(file, { once: true, canary: { watch: '0ms' } })
  await here.prm.advance('1h')
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .slice(1, -2)
    .map((line) => JSON.parse(line))
  const written = lines.filter(({ is }) => is === 'recipient')
  await here.prm.recordConsent({
    address: { scheme: 'tel', value: written[0].to.slice(4) },
    purpose: '*',
    state: 'denied',
    basis: 'stop',
  })
  const acted = [...written.slice(0, 100), ...lines.filter(({ why }) => why === 'holdout').slice(0, 5)].map(
    ({ id }) => id,
  )
  const told = await here.bulk.report(file, {
    acted: csv(text('id,phone', ...acted.map((id) => `${id},`))),
    worth: { micros: 2_000_000, currency: 'USD' },
    optOutCosts: { micros: 5_000_000, currency: 'USD' },
  })
  expect(told.outcomes).toEqual(
    expect.arrayContaining([
      { outcome: 'delivered', medium: 'sms', people: plan.summary.included },
      { outcome: 'excluded: holdout', people: plan.summary.excluded.holdout },
    ]),
  )
  expect(told.text).toMatch(/Opted out since: 1 of \d+ sent, [\d.]+ in each 1,000, which costs 5.00 USD/)
  expect(told.optOuts).toMatchObject({ people: 1, cost: { minor: 500, currency: 'USD' } })
  expect(told.effect).toMatchObject({
    measured: true,
    written: { acted: 100 },
    holdout: { acted: 5, people: plan.summary.excluded.holdout },
  })
  expect(told.benefit?.minor).toBeGreaterThan(10_000)
  expect(told.text).toContain('which costs 5.00 USD, beside a benefit of')
  expect((await here.bulk.report(file)).effect).toEqual({
    measured: false,
    says: 'No effect measured: nobody said who acted.',
  })
})

test('contact health finds what is wrong with each, and writes the list of what to mend', async () => {
  here = await town({ library: { region: 'DE' } })
  await here.prm.recordConsent({
    address: { scheme: 'tel', value: phoneOf(2) },
    purpose: 'news',
    state: 'denied',
    basis: 'bounce',
  })
  const out = here.file('mend.csv')
  const found = await here.bulk.health(
    csv(
      text(
        'id,name,phone,email,consent,verified',
        `1,Ann,${phoneOf(1)},,yes,2026-10-01`,
        `2,Bo,${phoneOf(2)},,yes,2020-01-01`,
        '3,Cy,+493012345678,,yes,',
        `4,Di,${phoneOf(4)},,,`,
        `5,Ed,${phoneOf(4)},,yes,`,
        '6,Fay,,,yes,',
        '7,Gus,1,,yes,',
        `8,Hal,${phoneOf(8)},,yes,31/12/2020`,
      ),
    ),
    { purpose: 'news', via: ['sms'], out },
  )
  expect(found).toEqual({
    rows: 8,
    healthy: 1,
    ailments: { stale: 1, bouncing: 1, landline: 1, shared: 2, 'no-consent': 1, 'no-address': 1, bad: 2 },
  })
  const lines = readFileSync(out, 'utf8').trim().split('\r\n')
  expect(lines[0]).toBe('line,id,ailment,field,detail')
  expect(lines.slice(1).map((line) => line.split(',').slice(0, 3).join())).toEqual(
    expect.arrayContaining([
      '3,2,stale',
      '3,2,bouncing',
      '4,3,landline',
      '5,4,shared',
      '6,5,shared',
      '5,4,no-consent',
      '7,6,no-address',
      '8,7,bad',
      '9,8,bad',
    ]),
  )
})
