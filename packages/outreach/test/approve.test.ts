import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { csv, outreach } from '../src/index.ts'
import { header, key, library, patron, phoneOf, type Town, text, town } from './town.ts'

let here: Town
let file: string
beforeEach(async () => {
  here = await town()
  file = here.file()
  await here.bulk.plan(here.order([patron(1), patron(2), patron(3)].join('\n')), { out: file })
})
afterEach(() => here.close())
const edit = (name: string, by: (text: string) => string): void => writeFileSync(name, by(readFileSync(name, 'utf8')))
const approval = (): string => `${file}.approval.json`
const once = { once: true } as const

test('nothing is sent before a second person approves', async () => {
  await expect(here.bulk.run(file, once)).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('not approved'),
  })
  expect((await here.bulk.show(file)).state.standing).toBe('planned')
  expect(here.provider.messages()).toEqual([])
})

test.each([
  'Ann Planner',
  'ann planner',
  ' ANN  PLANNER ',
  'Ann\u00a0Planner',
  'AnnPlanner',
  'Ａnn Planner',
  'Ann\u200b Planner',
])('%j is who planned it, and does not approve it', async (by) => {
  await expect(here.bulk.approve(file, { by })).rejects.toMatchObject({ code: 'forbidden' })
})

test('an approval names who and when, and the run then goes', async () => {
  const made = await here.bulk.approve(file, { by: ' Bea Second ' })
  expect(made).toMatchObject({ by: 'Bea Second', planned: 'Ann Planner' })
  expect(await here.bulk.show(file)).toMatchObject({ approval: made, state: { standing: 'approved' } })
  expect((await here.bulk.run(file, once)).summary.sent).toBe(3)
})

test('a plan of nobody, of whom some could not be read, is not approved, and it is said why', async () => {
  const empty = here.file('empty.ndjson')
  await here.bulk.plan(here.order([patron(1, { consent: '' }), patron(2, { expires: 'x' })].join('\n')), { out: empty })
  await expect(here.bulk.approve(empty, { by: 'Bea Second' })).rejects.toMatchObject({
    code: 'conflict',
    message: 'Nobody is in this plan: of 2 rows 1 could not be read, 1 no-consent. Plan again.',
  })
  expect((await here.bulk.show(empty)).approval).toBeUndefined()
  const asked = here.file('asked.ndjson')
  await here.bulk.plan(here.order(patron(1, { consent: '' })), { out: asked })
  expect(await here.bulk.approve(asked, { by: 'Bea Second' })).toMatchObject({ by: 'Bea Second' })
})

test('what is approved and has not begun is not stopped: it is said how an approval is withdrawn', async () => {
  await here.bulk.approve(file, { by: 'Bea Second' })
  await expect(here.bulk.stop(file)).rejects.toThrow(/not begun.*deleting PLAN\.approval\.json/)
  await expect(here.bulk.resume(file)).rejects.toThrow(/has not begun\.$/)
  rmSync(approval())
  await expect(here.bulk.run(file, once)).rejects.toMatchObject({ code: 'forbidden' })
})

test('a report says that a plan is not approved, or has not begun', async () => {
  expect(await here.bulk.report(file)).toMatchObject({
    standing: 'planned',
    text: expect.stringMatching(/^Not approved/),
  })
  await here.bulk.approve(file, { by: 'Bea Second' })
  expect(await here.bulk.report(file)).toMatchObject({
    standing: 'approved',
    text: expect.stringMatching(/^Approved, and not begun/),
  })
  await here.bulk.run(file, { ...once, canary: { watch: '0ms' } })
  expect(await here.bulk.report(file)).toMatchObject({ standing: 'done', text: expect.stringMatching(/^3 sent/) })
})

test.each([
  ['a number in it', (plan: string) => plan.replace(phoneOf(2), phoneOf(9))],
  ['a text', (plan: string) => plan.replace('Sundays', 'Mondays')],
  ['a row less', (plan: string) => plan.replace(/.*1002.*\n/, '')],
  ['a row more', (plan: string) => plan.replace(/(.*1002.*\n)/, '$1$1')],
  ['its sums', (plan: string) => plan.replace('"included":3', '"included":2')],
  ['its end', (plan: string) => plan.slice(0, plan.length / 2)],
  ['its last line', (plan: string) => plan.trimEnd().split('\n').slice(0, -1).join('\n')],
  ['what follows', (plan: string) => `${plan}{}\n`],
])('a plan that was edited is refused: %s', async (_, by) => {
  await here.bulk.approve(file, { by: 'Bea Second' })
  edit(file, by)
  await expect(here.bulk.run(file, once)).rejects.toMatchObject({ code: 'conflict' })
  await expect(here.bulk.approve(file, { by: 'Bea Second' })).rejects.toMatchObject({ code: 'conflict' })
  expect(here.provider.messages()).toEqual([])
})

test('what is no plan is refused', async () => {
  for (const text of ['', 'hello\n', '{"is":"bad"}\n', '{"is":"pl']) {
    writeFileSync(file, text)
    await expect(here.bulk.show(file)).rejects.toThrow(/This is no plan/)
  }
  await expect(here.bulk.show(here.file('other'))).rejects.toMatchObject({ code: 'invalid' })
})

test('an approval of another plan, by another key or edited is refused', async () => {
  await here.bulk.approve(file, { by: 'Bea Second' })
  const good = readFileSync(approval(), 'utf8')
  const refused = async (code: string): Promise<void> => {
    await expect(here.bulk.run(file, once)).rejects.toMatchObject({ code })
    expect((await here.bulk.show(file)).refused).toBeTypeOf('string')
  }
  edit(approval(), (text) => text.replace('Bea Second', 'Cid Third'))
  await refused('forbidden')
  edit(approval(), () => '{')
  await refused('conflict')
  const other = here.file('other.ndjson')
  await here.bulk.plan(here.order(csv(text(header, patron(7)))), { out: other })
  await here.bulk.approve(other, { by: 'Bea Second' })
  edit(approval(), () => readFileSync(`${other}.approval.json`, 'utf8'))
  await refused('conflict')
  const { prm } = here
  const stranger = outreach({ prm, store: prm.store, library, key: key.replace('a', 'b') })
  edit(approval(), () => good)
  await expect(stranger.run(file, once)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(outreach({ prm, store: prm.store, library, key: 'short' }).run(file, once)).rejects.toMatchObject({
    code: 'config',
  })
  expect(here.provider.messages()).toEqual([])
  expect((await here.bulk.run(file, once)).summary.sent).toBe(3)
})
