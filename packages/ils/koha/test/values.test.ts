import { describe, expect, test } from 'vitest'
import { dueOf, moneyOf } from '../src/values.ts'
import { alder, both, card, id, thrown } from './context.ts'

const zone = 'America/Chicago'

test.each([
  ['2026-12-09T23:59:00-06:00', '2026-12-09'],
  ['2026-12-09T23:59:59-06:00', '2026-12-09'],
  ['2026-12-10T05:59:00Z', '2026-12-09'],
  ['2026-12-10T05:59:00+00:00', '2026-12-09'],
  ['2026-07-09T23:59:00-05:00', '2026-07-09'],
  ['2026-12-09T23:59:00+01:00', '2026-12-09'], // Koha's own zone, where the library's was not set
  ['2026-12-09 23:59:00', '2026-12-09'],
  ['2026-12-09 23:59', '2026-12-09'],
  ['2026-12-09', '2026-12-09'],
  ['2026-12-09T17:30:00-06:00', '2026-12-09T23:30:00.000Z'],
  ['2026-12-09T17:30:00-0600', '2026-12-09T23:30:00.000Z'],
  ['2026-12-09 17:30:00', '2026-12-09T23:30:00.000Z'],
  ['2026-07-09 17:30:00', '2026-07-09T22:30:00.000Z'],
])('due %s is %s', (written, due) => {
  expect(dueOf(written, zone)).toBe(due)
})

test.each([
  [12.5, 'USD', 1250],
  ['12.500000', 'USD', 1250],
  [0.1 + 0.2, 'USD', 30],
  [1.1 + 2.2, 'USD', 330],
  [1.005, 'USD', 101],
  [8.29, 'USD', 829],
  [1.15, 'EUR', 115],
  [-3.2, 'USD', -320],
  [-0.001, 'USD', 0],
  [1e-9, 'USD', 0],
  [500, 'JPY', 500],
  ['1.2345', 'KWD', 1235],
  [null, 'USD', 0],
])('%s %s is %i in minor units', (value, currency, minor) => {
  expect(moneyOf(value, currency)).toEqual({ minor, currency })
})

describe.each(both)('charges, on %s', (release) => {
  test('are what is owed, and each line of it', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.debit({ account_line_id: 1, patron_id: 1001, amount_outstanding: 0.1, description: 'The Tall Ship' })
    simulator.debit({ account_line_id: 2, patron_id: 1001, amount_outstanding: 0.2, debit_type: 'LOST' })
    simulator.debit({ account_line_id: 3, patron_id: 1002, amount_outstanding: 9 })
    expect(await koha.circulation.charges(card('23529000010001'), ctx)).toEqual({
      owed: { minor: 30, currency: 'USD' },
      lines: [
        {
          id: '1',
          kind: release === 'today' ? 'OVERDUE' : 'F',
          owed: { minor: 10, currency: 'USD' },
          title: { is: 'value', value: 'The Tall Ship' },
        },
        {
          id: '2',
          kind: release === 'today' ? 'LOST' : 'F',
          owed: { minor: 20, currency: 'USD' },
          title: { is: 'empty' },
        },
      ],
    })
    expect(await koha.circulation.charges(id(1001), ctx)).toMatchObject({ owed: { minor: 30 } })
  })
  test('of nobody: not_found', async () => {
    const { koha, ctx } = await alder({ release })
    expect((await thrown(koha.circulation.charges(id(77), ctx))).code).toBe('not_found')
  })
})
