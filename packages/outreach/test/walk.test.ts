import { afterEach, expect, test } from 'vitest'
import { patron, type Town, town } from './town.ts'

let here: Town
afterEach(() => here.close())

test('from a list to a report: planned by one, approved by another, sent once', async () => {
  here = await town()
  const { bulk, provider } = here
  const file = here.file()
  const plan = await bulk.plan(here.order([1, 2, 3].map((n) => patron(n)).join('\n')), { out: file })
  expect(plan.summary).toMatchObject({
    rows: 3,
    included: 3,
    bad: 0,
    parts: 3,
    cost: [{ currency: 'USD', micros: 23_700, minor: 2 }],
  })
  await expect(bulk.run(file, { once: true })).rejects.toMatchObject({ code: 'forbidden' })
  await bulk.approve(file, { by: 'Bea Second' })
  const { summary, state } = await bulk.run(file, { once: true })
  expect(state.standing).toBe('done')
  expect(summary).toEqual({ sent: 3, failed: 0, waiting: 0, excluded: 0, cost: plan.summary.cost })
  expect(provider.messages().map(({ body }) => body)).toContain(
    'Springfield Library: Ann 1, we open on Sundays. Reply STOP to end.',
  )
  expect(provider.messages()).toHaveLength(3)
  expect((await bulk.run(file, { once: true })).summary.sent).toBe(3)
  expect(provider.messages()).toHaveLength(3)
})
