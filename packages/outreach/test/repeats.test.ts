import { readdirSync, renameSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { afterEach, expect, test } from 'vitest'
import { csv, outreach, type RunOptions } from '../src/index.ts'
import { header, key, library, patron, type Town, text, town } from './town.ts'

let here: Town
afterEach(() => here.close())

const many = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, n) => patron(from + n)).join('\n')
const now: RunOptions = { once: true, canary: { watch: '0ms' } }
const planned = async (list: string, name: string, more: Parameters<Town['order']>[1] = {}) => {
  const file = here.file(name)
  return { file, plan: await here.bulk.plan(here.order(list, more), { out: file }) }
}
const by = 'Bea Second'

test('a second plan of the same list says which plan has begun, since when, and how many are in both', async () => {
  here = await town()
  const first = await planned(many(0, 30), 'first')
  expect(first.plan.repeats).toEqual([])
  await here.bulk.approve(first.file, { by })
  await here.bulk.run(first.file, now)
  await here.prm.advance('1d')
  // Wherever its file is by now.
  renameSync(first.file, here.file('elsewhere'))
  const second = await planned(many(20, 50), 'second')
  const file = `${hostname()}:${first.file}`
  const repeat = { id: first.plan.id, standing: 'begun', at: '2026-11-24T18:00:00.000Z', by, file, people: 10 }
  expect(second.plan.repeats).toEqual([repeat])
  expect((await here.bulk.show(second.file)).plan.repeats).toEqual([repeat])
  await expect(here.bulk.approve(second.file, { by })).rejects.toMatchObject({
    code: 'conflict',
    field: 'again',
    message: expect.stringContaining(
      `10 of these are in the plan ${first.plan.id} (${file}), which has begun at 2026-11-24`,
    ),
  })
  await expect(here.bulk.approve(second.file, { by, again: ' ' })).rejects.toMatchObject({ code: 'invalid' })
  const approval = await here.bulk.approve(second.file, { by, again: 'the first was cut off' })
  expect(approval.again).toBe('the first was cut off')
  expect((await here.bulk.run(second.file, now)).summary.sent).toBe(30)
})

test('the same of a plan that is only approved, and of two who approve at once', async () => {
  here = await town()
  const [one, two] = [await planned(many(0, 5), 'one'), await planned(many(0, 6), 'two')]
  const both = await Promise.allSettled([here.bulk.approve(one.file, { by }), here.bulk.approve(two.file, { by })])
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  // Which of them was first is approved again without a word: a plan is no repeat of itself.
  const index = both.findIndex(({ status }) => status === 'fulfilled')
  const first = [one, two][index] as typeof one
  await here.bulk.approve(first.file, { by })
  await here.bulk.run(first.file, now)
  await here.bulk.approve(first.file, { by })
  await here.prm.advance('1m') // one that is the same to the letter would be the same plan
  expect((await planned(many(0, 5), 'three')).plan.repeats).toMatchObject([{ standing: 'begun', people: 5 }])
})

test('an approval that was deleted counts no more; one that was used does, and a refused one leaves no file', async () => {
  here = await town()
  const [one, two] = [await planned(many(0, 5), 'one'), await planned(many(0, 5), 'two', { by: 'Cy Planner' })]
  await here.bulk.approve(one.file, { by })
  await expect(here.bulk.approve(two.file, { by })).rejects.toMatchObject({ code: 'conflict', field: 'again' })
  expect(readdirSync(here.folder).filter((name) => name.startsWith('two'))).toEqual(['two'])
  rmSync(`${one.file}.approval.json`)
  expect((await here.bulk.show(two.file)).plan.repeats).toEqual([])
  await here.bulk.approve(two.file, { by })
  // It is as if it had never been approved, and may be again.
  await expect(here.bulk.approve(one.file, { by })).rejects.toMatchObject({ field: 'again' })
  await here.bulk.run(two.file, now)
  rmSync(`${two.file}.approval.json`)
  await expect(here.bulk.approve(one.file, { by })).rejects.toThrow('has begun')
})

test('of two that were both approved, the second run is refused: its approval never said why again', async () => {
  here = await town()
  const [one, two] = [await planned(many(0, 5), 'one'), await planned(many(0, 5), 'two', { by: 'Cy Planner' })]
  await here.bulk.approve(one.file, { by })
  await here.bulk.approve(two.file, { by, again: 'in place of the first' })
  expect((await here.bulk.run(two.file, now)).summary.sent).toBe(5)
  const run = here.bulk.run(one.file, now)
  await expect(run).rejects.toMatchObject({ code: 'conflict', field: 'again' })
  await expect(run).rejects.toThrow('give the reason: again, or --again "reason".')
  expect(here.provider.messages()).toHaveLength(5)
  expect((await here.bulk.run(one.file, { ...now, again: 'and the first all the same' })).summary.sent).toBe(5)
})

test('nobody’s run is held up by a later plan that is approved beside it, with a reason, and has not begun', async () => {
  here = await town()
  const [one, two] = [await planned(many(0, 5), 'one'), await planned(many(0, 5), 'two', { by: 'Cy Planner' })]
  await here.bulk.approve(one.file, { by })
  await here.bulk.approve(two.file, { by, again: 'a week later' })
  expect((await here.bulk.run(one.file, now)).summary.sent).toBe(5)
})

test('another text, another purpose and other people are no repeat; nor is a plan that was written over', async () => {
  here = await town()
  const one = await planned(many(0, 5), 'one')
  await here.bulk.approve(one.file, { by })
  expect((await planned(many(0, 5), 'text', { templates: [{ text: 'Another.' }] })).plan.repeats).toEqual([])
  expect((await planned(many(0, 5), 'purpose', { purpose: 'notices' })).plan.repeats).toEqual([])
  expect((await planned(many(5, 9), 'people')).plan.repeats).toEqual([])
  expect((await planned(many(0, 4), 'four')).plan.repeats).toMatchObject([{ standing: 'approved', people: 4 }])
  await here.prm.advance('1m')
  const anew = await planned(many(0, 5), 'one')
  expect(anew.plan.repeats).toEqual([])
  await here.bulk.approve(anew.file, { by })
})

test('who is taken back by a later row is in no sketch', async () => {
  here = await town()
  const one = await planned(many(0, 150), 'one')
  await here.bulk.approve(one.file, { by })
  const two = await planned(`${many(0, 150)}\n${patron(2, { consent: 'no' })}`, 'two')
  expect(two.plan.repeats).toMatchObject([{ people: 149 }])
})

test('what the store keeps of it for 90 days names nobody, and is nobody without the key', async () => {
  here = await town()
  const one = await planned(many(0, 5), 'one')
  await here.bulk.approve(one.file, { by })
  const rows = async () => {
    const all: string[] = []
    for await (const { kind, value } of here.prm.store.scope('springfield').export())
      if (kind === 'cursor') all.push(JSON.stringify(value))
    return all.filter((row) => row.includes('outreach:'))
  }
  const kept = await rows()
  expect(kept).toHaveLength(2)
  expect(kept.join()).not.toMatch(/2125550|Ann \d/)
  const stranger = outreach({ prm: here.prm, store: here.prm.store, library, key: `${key}!` })
  expect((await stranger.plan(here.order(many(0, 5)), { out: here.file('s') })).repeats).toEqual([])
  await here.prm.advance('91d')
  const late = await planned(many(9, 12), 'late')
  await here.bulk.approve(late.file, { by })
  expect((await rows()).filter((row) => row.includes('sketch'))).toHaveLength(1)
})

test('a newsletter of the same words is refused for 90 days, and no longer', async () => {
  here = await town()
  const one = await planned(many(0, 5), 'one')
  await here.bulk.approve(one.file, { by })
  await here.bulk.run(one.file, now)
  await here.prm.advance('31d')
  const month = await planned(many(2, 7), 'month')
  expect(month.plan.repeats).toMatchObject([{ id: one.plan.id, people: 3 }])
  await expect(here.bulk.approve(month.file, { by })).rejects.toMatchObject({ code: 'conflict' })
  await here.prm.advance('60d')
  const later = await planned(many(0, 5), 'later')
  expect(later.plan.repeats).toEqual([])
  expect((await here.bulk.show(later.file)).plan.repeats).toEqual([])
  await here.bulk.approve(later.file, { by })
  expect((await here.bulk.run(later.file, now)).summary.sent).toBe(5)
})

test('who plans over the file of a run that begins meanwhile does not make it forgotten', async () => {
  here = await town()
  const one = await planned(many(0, 5), 'one')
  await here.bulk.approve(one.file, { by })
  await here.prm.advance('1m')
  let ran: Promise<unknown> | undefined
  async function* list(): AsyncGenerator<Uint8Array> {
    ran ??= here.bulk.run(one.file, now)
    await ran
    yield* text(header, ...many(0, 5).split('\n'))
  }
  const order = { ...here.order(many(0, 5)), audience: csv(list()) }
  await expect(here.bulk.plan(order, { out: one.file })).rejects.toMatchObject({ code: 'conflict', field: 'out' })
  expect((await here.bulk.report(one.file)).summary.sent).toBe(5)
  expect((await planned(many(0, 5), 'two')).plan.repeats).toMatchObject([{ id: one.plan.id, people: 5 }])
})
