import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { csv } from '../src/index.ts'
import { header, patron, phoneOf, type Town, text, town } from './town.ts'

let here: Town
afterEach(() => here.close())

test('two lists with ids of their own do not make two people one', async () => {
  here = await town()
  const first = here.file('first')
  await here.bulk.plan(here.order(patron(1)), { out: first })
  await here.bulk.approve(first, { by: 'Bea Second' })
  await here.bulk.run(first, { once: true, canary: { watch: '0ms' } })
  await here.prm.advance('60d')
  const second = here.file('second')
  await here.bulk.plan(here.order(patron(1, { name: 'Zoe', phone: phoneOf(50) })), { out: second })
  await here.bulk.approve(second, { by: 'Bea Second' })
  await here.bulk.run(second, { once: true, canary: { watch: '0ms' } })
  expect(here.provider.messages().map(({ to }) => to)).toEqual([phoneOf(1), phoneOf(50)])
  const names = async (n: number) =>
    (await here.prm.patrons({ scheme: 'tel', value: phoneOf(n) })).map(({ name }) => name)
  expect([await names(1), await names(50)]).toEqual([['Ann 1'], ['Zoe']])
})

test('who says no in a row that a filter leaves out is not written to by another row', async () => {
  here = await town()
  const file = here.file()
  const list = [patron(1), patron(2, { phone: phoneOf(1), consent: 'no', language: 'es' }), patron(3)].join('\n')
  const { summary } = await here.bulk.plan(here.order(list, { filters: [{ field: 'language', notIn: ['es'] }] }), {
    out: file,
  })
  expect(summary).toMatchObject({ rows: 2, included: 1, excluded: { 'opted-out': 1 } })
})

test.each(['', '0', 'x'.repeat(201)])(
  'who says no in a row with the id "%s" is not written to by another row',
  async (id) => {
    here = await town()
    const file = here.file()
    const no = patron(2, { phone: phoneOf(1), consent: 'no' }).replace(/^\d+/, id)
    for (const list of [
      [patron(1), patron(3), no],
      [no, patron(1), patron(3)],
    ]) {
      const { summary } = await here.bulk.plan(here.order(list.join('\n')), { out: file })
      expect(summary).toMatchObject({ rows: 3, included: 1, bad: 1, excluded: { 'opted-out': 1 } })
    }
  },
)

test.each([
  ['A7', 'a7'],
  ['a7', 'A7'],
  ['P 12', 'p12'],
])('who says no as %s is not written to as %s, and two such ids are two people', async (one, other) => {
  here = await town()
  const file = here.file()
  const no = patron(2, { phone: '', consent: 'no' }).replace(/^\d+/, one)
  const rows = [patron(1).replace(/^\d+/, other), patron(3)]
  for (const list of [
    [...rows, no],
    [no, ...rows],
  ]) {
    const { summary } = await here.bulk.plan(here.order(list.join('\n')), { out: file })
    expect(summary).toMatchObject({ rows: 3, included: 1, excluded: { 'opted-out': 2 } })
  }
  const both = [patron(1).replace(/^\d+/, one), patron(2).replace(/^\d+/, other)]
  expect((await here.bulk.plan(here.order(both.join('\n')), { out: file })).summary.included).toBe(2)
})

test.each([
  ['no-consent', {}, { consent: '' }],
  ['minor', {}, { birthdate: '2016-01-01' }],
  ['holdout', { holdout: { share: 0.999_999, seed: 's' } }, {}],
] as const)('who is left out as %s, and says no in a later row, is told as opted out', async (why, order, row) => {
  here = await town()
  const between = Array.from({ length: 250 }, (_, n) => patron(n + 10))
  const plan = async (...last: readonly string[]) => {
    const list = [patron(1, row), patron(2), patron(3, { phone: phoneOf(1) }), ...between, ...last].join('\n')
    const file = here.file()
    const { summary } = await here.bulk.plan(here.order(list, order), { out: file })
    const [one, , three] = readFileSync(file, 'utf8').split('\n').slice(1, 4)
    return { summary, first: [one, three].map((line) => JSON.parse(line ?? '').why) }
  }
  expect((await plan()).first[0]).toBe(why)
  const after = await plan(patron(5, { phone: phoneOf(1), consent: 'no' }))
  expect(after.first).toEqual(['opted-out', 'opted-out'])
  const excluded = Object.values(after.summary.excluded).reduce((a, b) => a + b)
  expect(after.summary.included + excluded).toBe(254)
})

test('who said no is not written to as the guardian of another row either', async () => {
  here = await town({ news: { minor: 'guardian' } })
  const [mum, child] = ['9', '10'].map((value) => ({ scheme: 'ils', realm: 'koha/card', value }))
  await here.prm.record([], [
    { at: mum, also: [{ scheme: 'tel', value: phoneOf(1) }], name: 'Mum', birthDate: '1980-01-01' },
    { at: child, also: [], birthDate: '2016-01-01', relations: [{ kind: 'guardian', at: mum }] },
  ] as never)
  const list = [patron(1, { consent: 'no' }), `10,Kid,,,,,MAIN,,2016-01-01,,yes`]
  const { summary } = await here.bulk.plan(here.order(csv(text(header, ...list), { realm: 'koha/card' })), {
    out: here.file(),
  })
  expect(summary).toMatchObject({ rows: 2, included: 0, excluded: { 'opted-out': 2 } })
})

test('a plan that is replaced while it runs is not sent under the approval of the first', async () => {
  here = await town()
  const list = Array.from({ length: 30 }, (_, n) => patron(n)).join('\n')
  const [file, other] = [here.file(), here.file('other')]
  await here.bulk.plan(here.order(list), { out: file })
  await here.bulk.plan(here.order(list, { templates: [{ text: 'Nobody approved this.' }] }), { out: other })
  await here.bulk.approve(file, { by: 'Bea Second' })
  const running = here.bulk.run(file, {
    once: true,
    canary: { size: 5, watch: '0ms' },
    onProgress: ({ what }) => {
      if (what === 'run') copyFileSync(other, file)
    },
  })
  const stop = here.prm.on('message', () => copyFileSync(other, file))
  await expect(running).rejects.toMatchObject({ code: 'conflict' })
  stop?.()
  expect(here.provider.messages().filter(({ body }) => String(body).includes('Nobody'))).toEqual([])
})

test('planning that is stopped while refusals are taken back leaves no plan', async () => {
  here = await town()
  const between = Array.from({ length: 3000 }, (_, n) => patron((n % 600) + 10))
  const list = [patron(1), ...between, patron(5, { phone: phoneOf(1), consent: 'no' })].join('\n')
  const stopped = new AbortController()
  let ended = false
  const made = here.bulk.plan(here.order(list), {
    out: here.file(),
    signal: stopped.signal,
    onProgress: ({ done, total }) => {
      if (total !== undefined && done === total && !ended) {
        ended = true
        setImmediate(() => stopped.abort())
      }
    },
  })
  await expect(made).rejects.toThrow()
  expect(() => readFileSync(here.file())).toThrow()
})

test('what a plan is written over: a list is kept, and so is a plan that runs', async () => {
  here = await town()
  const list = here.file('patrons.csv')
  writeFileSync(list, `${header}\n${patron(1)}\n`)
  await expect(here.bulk.plan(here.order(csv(list)), { out: list })).rejects.toMatchObject({ field: 'out' })
  await expect(here.bulk.health(csv(list), { purpose: 'news', via: ['sms'], out: list })).rejects.toMatchObject({
    field: 'out',
  })
  expect(readFileSync(list, 'utf8')).toBe(`${header}\n${patron(1)}\n`)
  const file = here.file()
  await here.bulk.plan(here.order(patron(1)), { out: file })
  await here.bulk.plan(here.order(patron(2)), { out: file })
  await here.bulk.approve(file, { by: 'Bea Second' })
  await here.bulk.run(file, { once: true })
  await expect(here.bulk.plan(here.order(patron(3)), { out: file })).rejects.toMatchObject({ field: 'out' })
  expect((await here.bulk.report(file)).summary.sent).toBe(1)
})

test('two who plan into one file at once have a whole plan there, of one of them, and nothing beside it', async () => {
  here = await town()
  const file = here.file()
  const many = (of: string) => Array.from({ length: 1_000 }, (_, n) => patron(n, { name: `${of} ${n}` })).join('\n')
  const made = await Promise.all(
    ['Ann', 'A longer name'].map((of) => here.bulk.plan(here.order(many(of)), { out: file })),
  )
  const { plan } = await here.bulk.show(file)
  expect(made.map(({ summary }) => summary.hash)).toContain(plan.summary.hash)
  expect(readdirSync(here.folder)).toEqual(['plan.ndjson'])
})

test('what a planner left who was killed is gone after the next plan, and what one left who still works is not', async () => {
  here = await town()
  const file = here.file()
  const { pid: gone } = spawnSync(process.execPath, ['--version'])
  const [theirs, mine] = [`${file}.${gone}.0a1b2c3d.draft`, `${file}.${process.ppid}.0a1b2c3d.draft`]
  for (const one of [theirs, mine]) writeFileSync(one, '{"is":"plan"')
  await here.bulk.plan(here.order(patron(1)), { out: file })
  expect([existsSync(theirs), existsSync(mine)]).toEqual([false, true])
})

test.each([
  ['grows', (list: string) => appendFileSync(list, `${patron(1, { consent: 'no' })}\n`)],
  ['is cut', (list: string) => truncateSync(list, 200_000)],
  ['is replaced', (list: string) => renameSync(`${list}.new`, list)],
])('a list that %s while it is planned makes no plan', async (_, change) => {
  here = await town()
  const list = here.file('patrons.csv')
  const all = [header, ...Array.from({ length: 5_000 }, (_, n) => patron(n))].join('\n')
  for (const file of [list, `${list}.new`]) writeFileSync(file, `${all}\n`)
  const source = csv(list)
  const changing = {
    ...source,
    async *read(how: Parameters<typeof source.read>[0]) {
      let count = 0
      for await (const one of source.read(how)) {
        if (++count === 10) change(list)
        yield one
      }
    },
  }
  await expect(here.bulk.plan(here.order(changing), { out: here.file() })).rejects.toMatchObject({
    code: 'conflict',
    field: 'audience',
    message: expect.stringContaining('changed while it was read'),
  })
  expect(existsSync(here.file())).toBe(false)
})

test('a list of what to mend that cannot be written says why', async () => {
  here = await town()
  const how = { purpose: 'news', via: ['sms'], out: here.file('nowhere/mend.csv') } as const
  await expect(here.bulk.health(csv(text(header, patron(1))), how)).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('The list cannot be written: there is no such folder'),
  })
})

test('who acted is a list with a column id', async () => {
  here = await town()
  const file = here.file()
  await here.bulk.plan(here.order(patron(1)), { out: file })
  await here.bulk.report(file, { acted: csv(text('id', '1001'), { only: 'id' }) })
})

test('files that were there, open to all, are closed', async () => {
  here = await town()
  const file = here.file()
  writeFileSync(file, '')
  chmodSync(file, 0o644)
  await here.bulk.plan(here.order(patron(1)), { out: file })
  expect(statSync(file).mode & 0o77).toBe(0)
  writeFileSync(`${file}.approval.json.part`, '')
  await here.bulk.approve(file, { by: 'Bea Second' })
  expect(statSync(`${file}.approval.json`).mode & 0o77).toBe(0)
})

test('a refusal that was said before the plan and is heard after it is not taken back by the list', async () => {
  here = await town()
  const file = here.file()
  await here.bulk.plan(here.order(patron(1)), { out: file })
  await here.bulk.approve(file, { by: 'Bea Second' })
  await here.bulk.run(file, { once: true })
  await here.prm.recordConsent({
    address: { scheme: 'tel', value: phoneOf(1) },
    purpose: '*',
    state: 'denied',
    basis: 'stop',
    at: '2026-11-24T17:00:00.000Z',
  })
  await here.prm.advance('30d')
  const next = await here.bulk.plan(here.order(patron(1)), { out: here.file('next') })
  expect(next.summary.excluded['opted-out']).toBe(1)
})

test.each(['no', 'Opted out', 'opt_out', 'UNSUBSCRIBED', 'refused'])('"%s" is a no', async (consent) => {
  here = await town()
  const list = [patron(1, { consent }), patron(2, { phone: phoneOf(1) })].join('\n')
  const { summary } = await here.bulk.plan(here.order(list), { out: here.file() })
  expect(summary).toMatchObject({ included: 0, excluded: { 'opted-out': 2 } })
})
