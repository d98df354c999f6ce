import { afterEach, expect, test } from 'vitest'
import type { RunOptions } from '../src/index.ts'
import { patron, phoneOf, type Town, town } from './town.ts'

let here: Town
afterEach(() => here.close())

const now: RunOptions = { once: true, canary: { watch: '0ms' } }

/** Ann is written to, and Ben, in whose zone it is night, waits. */
async function begun(): Promise<string> {
  here = await town()
  const file = here.file()
  await here.bulk.plan(here.order(`${patron(2, { timezone: 'Asia/Tokyo' })}\n${patron(1)}`), { out: file })
  await here.bulk.approve(file, { by: 'Bea Second' })
  expect((await here.bulk.run(file, now)).summary).toMatchObject({ sent: 1, waiting: 1 })
  return file
}
const told = () => here.provider.messages().map(({ to }) => to)
const erased = { sent: 0, failed: 0, waiting: 1, excluded: 0, erased: 1 }

test('who is erased while a plan is sent is not written to again, nor known again', async () => {
  const file = await begun()
  const [ann] = await here.prm.patrons({ scheme: 'tel', value: phoneOf(1) })
  await here.prm.erase(ann?.id ?? '')
  expect((await here.bulk.run(file, now)).summary).toMatchObject(erased)
  // The provider was asked to take back what it had, and got no other.
  expect(told()).toEqual([])
  expect(await here.prm.patrons({ scheme: 'tel', value: phoneOf(1) })).toEqual([])
  expect((await here.bulk.lookUp(file, '1001')).rows).toMatchObject([{ fate: 'erased' }])
  expect((await here.bulk.lookUp(file, '1002')).rows).toMatchObject([{ fate: 'waiting' }])

  await here.bulk.stop(file)
  await here.bulk.resume(file)
  await here.prm.advance('9h')
  const { summary, state } = await here.bulk.run(file, now)
  expect(state.standing).toBe('done')
  expect(summary).toMatchObject({ sent: 1, waiting: 0, erased: 1 })
  expect(told()).toEqual([phoneOf(2)])
  const report = await here.bulk.report(file)
  expect(report.text).toContain('1 sent, 0 failed, 0 waiting, 0 excluded, 1 erased since')
  expect(report.outcomes).toContainEqual({
    outcome: 'erased since',
    medium: 'sms',
    people: 1,
  })
})

test('what was cancelled by a stop is no promise that was kept: a resume sends it', async () => {
  here = await town({ twilio: { rate: { perSecond: 0.1 } } })
  const file = here.file()
  await here.bulk.plan(here.order([1, 2, 3].map((n) => patron(n)).join('\n')), { out: file })
  await here.bulk.approve(file, { by: 'Bea Second' })
  await here.bulk.run(file, { ...now, deliver: false })
  expect((await here.bulk.stop(file)).cancelled).toBeGreaterThan(0)
  await here.bulk.resume(file)
  for (let turn = 0; turn < 8; turn++) {
    await here.bulk.run(file, now)
    await here.prm.advance('10s')
  }
  expect(told().toSorted()).toEqual([1, 2, 3].map(phoneOf))
})
