import { existsSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Audience, csv, type Order, type Plan, rows, withTitles } from '../src/index.ts'
import { header, patron, phoneOf, type Town, text, town } from './town.ts'

let here: Town
beforeEach(async () => {
  here = await town()
})
afterEach(() => here.close())

const planned = (audience: Audience, more: Partial<Order> = {}): Promise<Plan> =>
  here.bulk.plan(here.order(audience, { templates: [{ text: 'Hi {{ name }}' }], ...more }), { out: here.file() })
const list = (columns: string, ...cells: readonly string[]): Audience =>
  csv(text(`id,name,phone,${columns}`, ...cells.map((cell, n) => `${n + 1},Ann,${phoneOf(n + 1)},${cell}`)))
const objects = (...more: readonly object[]): Audience =>
  rows(more.map((one, n) => ({ id: n + 1, name: 'Ann', phone: phoneOf(n + 1), consent: 'yes', ...one })))

async function refused(made: Promise<unknown>, field: string, ...words: readonly string[]): Promise<void> {
  const error: Error = await made.then(
    () => new Error('it was not refused'),
    (error) => error,
  )
  expect(error).toMatchObject({ code: 'invalid', field })
  for (const word of words) expect(error.message).toContain(word)
  expect(existsSync(here.file())).toBe(false)
}

describe('a column that keeps people out, by another name,', () => {
  test.each([
    ['birthdate', ['Date of birth', 'DOB', 'Birth Date', 'birthday', 'dateofbirth', 'Date Birth']],
    ['expires', ['Expiry', 'expiry date', 'Expiration', 'EXP DATE', 'Expires on', 'dateexpiry', 'Card valid until']],
    ['consent', ['opt-in', 'Opted in', 'consented', 'SMS consent', 'Subscribed']],
    ['consent', ['Opt out', 'optout', 'opted_out', 'Unsubscribed', 'do not text', 'DNC']],
  ])('is refused, and is to be called %s', async (column, names) => {
    for (const name of names) {
      const called = name.toLowerCase().replace(/\W/g, '_')
      await refused(planned(list(name, 'x')), called, `"${called}"`, `rename it "${column}"`)
    }
  })

  test('is not renamed to its contrary', async () => {
    await refused(planned(list('Opt out', 'yes')), 'opt_out', 'with no where it says yes')
  })

  test('is refused of rows that differ too, once all are read, and by a preview', async () => {
    await refused(planned(objects({}, { dob: '2016-01-01' })), 'dob', 'rename it "birthdate"')
    await refused(here.bulk.preview(here.order(list('dob', '2016-01-01')), '1'), 'dob')
  })

  test('is told, no more, where the real column is there', async () => {
    const { lint } = await planned(list('birthdate,dob,consent', '1980-01-01,x,yes', '1980-01-01,x,no'))
    expect(lint[0]).toEqual({
      what: expect.stringMatching(/^columns that nothing reads: dob; known are id, /),
      people: 1,
    })
  })

  test.each(['place_of_birth', 'experience', 'stopover', 'birthstone', 'option', 'validator', 'exploits'])(
    'is not %s',
    async (name) => {
      expect((await planned(list(`${name},consent`, 'x,yes'))).summary.included).toBe(1)
    },
  )
})

test('columns that template, filter or this library reads are no finding', async () => {
  const { lint } = await planned(list('club,day,verified,consent,shelf', 'chess,Friday,2026-01-01,yes,9'), {
    templates: [{ text: 'Hi {{ name }}{% if day %} on {{ day }}{% endif %}. {{ library }} Springfield Library STOP' }],
    filters: [{ field: 'club', has: 'chess' }],
  })
  expect(lint.map(({ what }) => what.split(';')[0])).toEqual(['columns that nothing reads: shelf'])
  expect((await planned(csv(text(header, patron(1))), { templates: [{ text: '{{ library }} STOP' }] })).lint).toEqual(
    [],
  )
})

describe('a filter', () => {
  test.each([
    ['notIn', { field: 'catgory', notIn: ['STAFF'] }, 'catgory'],
    ['in', { field: 'brnch', in: ['MAIN'] }, 'brnch'],
    ['has', { field: 'interest', has: 'chess' }, 'interest'],
    ['from', { field: 'Joined', from: '2026-01-01' }, 'Joined'],
    ['age', { age: { from: 18 } }, 'birthdate'],
  ] as const)('(%s) of a column that is not there is refused', async (_, filter, name) => {
    const filters = [{ field: 'branch', in: ['MAIN'] }, filter]
    await refused(
      planned(list('branch,category,consent', 'MAIN,STAFF,yes'), { filters }),
      'filters[1]',
      `"${name}"`,
      'it has id, name, phone, branch, category, consent',
    )
    await refused(planned(objects({ branch: 'MAIN' }), { filters }), 'filters[1]', `"${name}"`)
  })

  test('of a column that only some rows have is one of the list', async () => {
    const filters = [{ field: 'category', notIn: ['STAFF'] }]
    expect((await planned(objects({}, { category: 'STAFF' }), { filters })).summary.included).toBe(1)
  })
})

describe('a variable that no column can give', () => {
  const nam = (text: string, more: object = {}): Partial<Order> => ({ templates: [{ text, ...more }] })

  test.each([
    ['in the text', nam('Hi {{ nam }}')],
    ['with a filter', nam('Hi {{ nam | upcase }}')],
    ['in a filter', nam('Hi {{ name | append: nam }}')],
    ['in the subject', nam('Hi', { subject: '{{ nam }}' })],
    ['in HTML', nam('Hi', { html: '{{ nam }}' })],
    ['in a second language', { templates: [{ text: 'Hi' }, { text: '{{ nam }}', language: 'es' }] }],
  ])('%s is told once, and nothing is planned', async (_, order) => {
    await refused(
      planned(list('consent', 'yes', 'yes'), order),
      'templates',
      '"nam"',
      'it has id, name, phone, consent',
    )
    await refused(planned(objects({}, {}), order), 'templates', '"nam"')
  })

  test.each([
    ['has a default', nam('Hi {{ nam | default: "you" }}')],
    ['stands behind if', nam('Hi{% if nam %} {{ nam }}{% endif %}')],
    ['is assigned', nam('{% assign nam = "Ann" %}Hi {{ nam }}')],
    ['is the same for all', { ...nam('Hi {{ nam }}'), data: { nam: 'you' } }],
    ['is of a medium that is not used', { templates: [{ text: 'Hi' }, { text: '{{ nam }}', medium: 'email' }] }],
  ])('is none where it %s', async (_, order) => {
    expect((await planned(list('consent', 'yes'), order)).summary.included).toBe(1)
  })

  test('is none that titles give', async () => {
    const audience = withTitles(list('interests,consent', 'chess,yes'), [{ key: 'a', editions: [] }], {
      topics: () => ['chess'],
      link: () => 'https://example.org',
    })
    expect((await planned(audience, nam('New: {{ titles }}'))).summary.rows).toBe(1)
  })
})
