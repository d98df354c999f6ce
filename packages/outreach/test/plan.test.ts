import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { csv, type Exclusion, type Plan, type PlanLine, rows } from '../src/index.ts'
import { header, noon, patron, phoneOf, type Town, text, town } from './town.ts'

let here: Town
afterEach(() => here.close())

function lines(file: string): readonly PlanLine[] {
  const all = readFileSync(file, 'utf8').trim().split('\n')
  return all.slice(1, -1).map((line) => JSON.parse(line) as PlanLine)
}
const whyOf = (line: PlanLine | undefined): string => (line?.is === 'excluded' ? line.why : (line?.is ?? 'nothing'))

async function planned(
  list: string,
  more: Parameters<Town['order']>[1] = {},
): Promise<{ plan: Plan; lines: readonly PlanLine[] }> {
  const out = here.file()
  const plan = await here.bulk.plan(here.order(list, more), { out })
  return { plan, lines: lines(out) }
}
const stop = (n: number, basis: 'stop' | 'bounce' = 'stop') =>
  here.prm.recordConsent({ address: { scheme: 'tel', value: phoneOf(n) }, purpose: '*', state: 'denied', basis })

describe('who is left out', () => {
  test('has one reason, the first that holds', async () => {
    here = await town({ news: { frequencyCap: { max: 1, per: '7d' } } })
    await stop(1)
    await stop(6, 'bounce')
    await here.prm.record(
      [],
      [{ at: { scheme: 'ils', realm: 'ils/card', value: '8' }, also: [{ scheme: 'tel', value: phoneOf(8) }] }],
    )
    await here.prm.recordConsent({
      address: { scheme: 'tel', value: phoneOf(8) },
      purpose: 'news',
      state: 'granted',
      basis: 'request',
    })
    await here.prm.send({
      to: { scheme: 'tel', value: phoneOf(8) },
      purpose: 'news',
      content: { text: 'Earlier.' },
      key: 'earlier',
    })
    await here.prm.settled()
    const child = { birthdate: '2015-01-01', expires: '2020-01-01' }
    const { lines: all, plan } = await planned(
      [
        patron(0, { ...child, consent: 'no' }),
        patron(1, child), // texted STOP
        patron(2, { ...child, consent: '' }),
        patron(3, child),
        patron(4, { expires: '2020-01-01', phone: '' }),
        patron(5, { phone: '' }),
        patron(6), // its number bounced
        patron(7),
        patron(7), // the same again
        patron(8), // had one this week
      ].join('\n'),
    )
    expect(all.map(whyOf)).toEqual([
      'opted-out',
      'opted-out',
      'no-consent',
      'minor',
      'expired-card',
      'no-address',
      'bounced',
      'recipient',
      'duplicate-address',
      'cap',
    ])
    expect(plan.summary).toMatchObject({ rows: 10, included: 1, bad: 0 })
    expect(Object.values(plan.summary.excluded).reduce((a, b) => a + b)).toBe(9)
  })

  test('by an id or an address of an earlier row says which', async () => {
    here = await town()
    const { lines: all } = await planned(
      [patron(1), patron(1, { phone: phoneOf(2) }), patron(3, { phone: phoneOf(1) })].join('\n'),
    )
    expect(all.slice(1).map((line) => (line.is === 'excluded' ? [line.why, line.detail] : []))).toEqual([
      ['duplicate-address', 'The same id is in line 2.'],
      ['duplicate-address', 'The same address is in line 2.'],
    ])
  })

  test('is not somebody whose child stands first in the list with their number', async () => {
    here = await town()
    const { lines: all } = await planned(
      [patron(1, { birthdate: '2015-01-01' }), patron(2, { phone: phoneOf(1) })].join('\n'),
    )
    expect(all.map(whyOf)).toEqual(['minor', 'recipient'])
  })

  test('is everybody at a number for which any row says no, be it a later one', async () => {
    here = await town()
    const { lines: all, plan } = await planned(
      [
        patron(1),
        patron(2, { phone: phoneOf(1), consent: 'no' }),
        patron(3),
        patron(3, { phone: phoneOf(4), consent: 'no' }),
      ].join('\n'),
    )
    expect(all.map(whyOf)).toEqual(['opted-out', 'opted-out', 'opted-out', 'opted-out'])
    expect(plan.summary).toMatchObject({ rows: 4, included: 0, parts: 0, cost: [], excluded: { 'opted-out': 4 } })
    expect(plan.senders).toEqual([])
  })

  test('is who says no in a row of which something else is wrong', async () => {
    here = await town()
    const wrong = patron(2, { phone: phoneOf(1), birthdate: 'in spring', consent: 'no' })
    const { lines: all } = await planned([patron(1), wrong].join('\n'))
    expect(all.map(whyOf)).toEqual(['opted-out', 'opted-out'])
  })

  test('is taken back from a plan where the row that says no stands far behind', async () => {
    here = await town()
    const between = Array.from({ length: 300 }, (_, n) => patron(n + 10))
    const far = [patron(5, { phone: phoneOf(1), consent: 'no' }), patron(2, { phone: phoneOf(9), consent: 'no' })]
    const { lines: all, plan } = await planned([patron(1), patron(2), ...between, ...far].join('\n'))
    expect([whyOf(all[0]), whyOf(all[1])]).toEqual(['opted-out', 'opted-out'])
    expect(plan.summary).toMatchObject({ rows: 304, included: 300, parts: 300, excluded: { 'opted-out': 4 } })
    expect(plan.senders[0]?.messages).toBe(300)
    const { plan: shown } = await here.bulk.show(here.file())
    expect(shown.summary).toEqual(plan.summary)
  })

  test('stays left out when their number is erased', async () => {
    here = await town()
    await stop(1)
    await here.prm.erase({ scheme: 'tel', value: phoneOf(1) })
    const { lines: all } = await planned([patron(1), patron(2)].join('\n'))
    expect(all.map(whyOf)).toEqual(['opted-out', 'recipient'])
  })

  test('is by the same lot for the same seed', async () => {
    here = await town()
    const list = Array.from({ length: 400 }, (_, n) => patron(n)).join('\n')
    const held = async (seed: string) =>
      (await planned(list, { holdout: { share: 0.25, seed } })).lines
        .filter((line) => whyOf(line) === 'holdout')
        .map(({ id }) => id)
    const [one, again, other] = [await held('a'), await held('a'), await held('b')]
    expect(one).toEqual(again)
    expect(one).not.toEqual(other)
    expect(one.length).toBeGreaterThan(60)
    expect(one.length).toBeLessThan(140)
  })

  test('whatever the list: rows = included + excluded + bad, one line each, one address once', async () => {
    here = await town()
    const row = fc.record({
      id: fc.constantFrom('1', '2', '3', '4', '5', '6', ''),
      phone: fc.constantFrom('', phoneOf(1), phoneOf(2), phoneOf(3), '12', 'n/a'),
      name: fc.constantFrom('Ann', '', '’s'),
      birthdate: fc.constantFrom('', '2015-01-01', '1980-01-01', '1980'),
      expires: fc.constantFrom('', '2020-01-01'),
      consent: fc.constantFrom('yes', 'no', '', 'perhaps'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 30 }), async (list) => {
        const out = here.file()
        const { summary } = await here.bulk.plan(here.order(rows(list), { holdout: { share: 0.2, seed: 's' } }), {
          out,
        })
        const all = lines(out)
        const excluded = Object.values(summary.excluded).reduce((a, b) => a + b)
        expect([summary.rows, all.length]).toEqual([list.length, list.length])
        expect(summary.included + excluded + summary.bad).toBe(list.length)
        expect(all.map(({ line }) => line)).toEqual(list.map((_, index) => index + 1))
        const to = all.flatMap((line) => (line.is === 'recipient' ? [line.to] : []))
        expect(new Set(to).size).toBe(to.length)
        const no = new Set(
          list
            .filter(({ consent, id }) => consent === 'no' && id !== '')
            .flatMap(({ phone, id }) => [`tel:${phone}`, id]),
        )
        for (const line of all) if (line.is === 'recipient') expect(no.has(line.to) || no.has(line.id)).toBe(false)
        expect(summary.parts).toBe(all.reduce((sum, line) => sum + (line.is === 'recipient' ? line.units : 0), 0))
        expect(summary.cost[0]?.micros ?? 0).toBe(summary.parts * 7_900)
      }),
      { numRuns: 60 },
    )
  })
})

describe('a plan', () => {
  test('stores nothing: neither people, nor what they said', async () => {
    here = await town()
    const before = await everything()
    await planned([patron(1), patron(2, { consent: 'no' })].join('\n'))
    await here.bulk.preview(here.order(patron(1)), '1001')
    await here.bulk.health(csv(text(header, patron(1))), { purpose: 'news', via: ['sms'] })
    expect(await everything()).toEqual(before)
    async function everything() {
      const all: unknown[] = []
      // The host's own key keeps itself.
      for await (const row of here.prm.store.scope('springfield').export())
        if (row.kind !== 'shared' && row.kind !== 'end') all.push(row)
      return all
    }
  })

  test('knows what a curly quote costs, and for how many', async () => {
    here = await town()
    const { plan } = await planned(Array.from({ length: 20 }, (_, n) => patron(n)).join('\n'), {
      templates: [
        {
          text: '{{ library }}: {{ name }}, we’re open on Sundays now, from one to five, in all of our branches. Reply STOP to end.',
        },
      ],
    })
    expect(plan.lint).toContainEqual({
      what: 'one curly quote (U+2019) turned 1 part into 2 for 20 people: +0.16 USD',
      people: 20,
      more: [{ currency: 'USD', micros: 158_000, minor: 16 }],
    })
  })

  test('goes by the first way that is open, in the language of each, and tells twenty of them', async () => {
    here = await town()
    const list = [patron(1), patron(2, { language: 'es-MX' }), patron(3, { language: 'fr' })].join('\n')
    const { lines: all, plan } = await planned(list, {
      templates: [
        { text: 'en {{ name }}' },
        { text: 'sms es {{ name }}', language: 'es', medium: 'sms' },
        { text: 'es {{ name }}', language: 'es' },
        { text: 'mail', medium: 'email' },
      ],
    })
    expect(all.map((line) => line.is === 'recipient' && line.content.text)).toEqual([
      'en Ann 1',
      'sms es Ann 2',
      'en Ann 3',
    ])
    expect(plan.samples.map(({ id }) => id)).toEqual(['1001', '1002', '1003'])
  })

  test('stops a message whose variable is missing or empty, and no other', async () => {
    here = await town()
    const { lines: all, plan } = await planned([patron(1, { name: '' }), patron(2)].join('\n'))
    expect(all.map(whyOf)).toEqual(['bad', 'recipient'])
    expect(plan.bad).toEqual([
      { line: 2, id: '1001', field: 'name', why: 'The variable "name" is missing, empty, or not said this way.' },
    ])
    const other = await planned([patron(1, { name: '' }), patron(2)].join('\n'), {
      templates: [{ text: 'Hi {{ name | default: "there" }}' }],
    })
    expect(other.lines.map(whyOf)).toEqual(['recipient', 'recipient'])
  })

  test.each([
    ['an endless loop', '{% for a in (1..1000000) %}{% for b in (1..1000000) %}{{ a }}{% endfor %}{% endfor %}'],
    ['a list of a billion', '{% for a in (1..1000000000) %}x{% endfor %}'],
  ])('ends %s', async (_, template) => {
    here = await town()
    const { plan } = await planned(patron(1), { templates: [{ text: template }] })
    expect(plan.bad).toEqual([{ line: 2, id: '1001', why: 'The template does not come to an end.' }])
  })

  test.each([
    ['{{ name', 'templates[0].text'],
    ['{% render "/etc/passwd" %}', undefined],
    ['{% if %}', 'templates[0].text'],
    ['  ', 'templates[0].text'],
  ])('refuses the template %j, and leaves no file', async (template, field) => {
    here = await town()
    const made = planned(patron(1), { templates: [{ text: template }] })
    if (field) await expect(made).rejects.toMatchObject({ code: 'invalid', field })
    else expect((await made).plan.summary).toMatchObject({ included: 0, bad: 1 })
  })

  test('counts what its filters keep and leave, and names some', async () => {
    here = await town()
    const list = [patron(1, { birthdate: '2000-01-01' }), patron(2, { birthdate: '1950-01-01' }), patron(3)].join('\n')
    const { plan } = await planned(list, {
      filters: [{ field: 'branch', in: ['main'] }, { age: { from: 18, to: 30 } }],
    })
    expect(plan.summary).toMatchObject({ rows: 1, included: 1 })
    expect(plan.filtered).toEqual([
      { filter: { field: 'branch', in: ['main'] }, kept: 3, left: 0, samples: [] },
      { filter: { age: { from: 18, to: 30 } }, kept: 1, left: 2, samples: ['1002', '1003'] },
    ])
  })

  test('groups the rows that are bad by what is wrong, also where they are more than it lists', async () => {
    here = await town()
    const many = Array.from({ length: 120 }, (_, n) => patron(n, { expires: '31/12/2025' }))
    const { plan } = await planned([patron(200, { birthdate: '1980' }), ...many].join('\n'))
    expect(plan.bad.length).toBe(100)
    const why = 'It is no day: expected one such as 2011-02-28.'
    expect(plan.faults).toEqual([
      { field: 'expires', why, rows: 120, lines: [3, 4, 5, 6, 7, 8, 9, 10, 11, 12] },
      { field: 'birthdate', why, rows: 1, lines: [2] },
    ])
    expect((await here.bulk.show(here.file())).plan).toMatchObject({ bad: plan.bad, faults: plan.faults })
  })

  test('counts together what is wrong in more than a hundred ways', async () => {
    here = await town()
    const list = Array.from({ length: 130 }, (_, n) => `${n + 1},Ann${','.repeat(n + 12)}x`)
    const { plan } = await planned(list.join('\n'))
    expect(plan.faults.length).toBe(101)
    expect(plan.faults[0]).toMatchObject({ rows: 30, why: 'Other reasons: the file has each.' })
  })

  test('does not say by text what somebody reads', async () => {
    here = await town()
    const { plan } = await planned('', {
      audience: rows([{ id: 1, phone: phoneOf(1), consent: 'yes', title: 'A Title' }]),
      templates: [{ text: 'New: {{ title }}' }],
    })
    expect(plan.bad).toEqual([expect.objectContaining({ field: 'title' })])
  })

  test('previews one patron by each way, and says what the plan would', async () => {
    here = await town()
    const order = here.order(csv(text(header, patron(1), patron(2, { consent: 'no' }))))
    expect(await here.bulk.preview(order, '1001')).toMatchObject({
      line: 2,
      ways: [{ via: 'sms', units: 1, encoding: 'gsm7' }],
      outcome: { is: 'recipient' },
    })
    const other = here.order(csv(text(header, patron(1), patron(2, { consent: 'no' }))))
    expect(await here.bulk.preview(other, '1002')).toMatchObject({
      outcome: { is: 'excluded', why: 'opted-out' satisfies Exclusion },
    })
    await expect(here.bulk.preview(here.order(patron(1)), '7')).rejects.toMatchObject({ code: 'not_found' })
  })

  test('that cannot be written names where', async () => {
    here = await town()
    const [out, folder] = [here.file('no/plan.ndjson'), here.file('folder')]
    const why = `The plan cannot be written: there is no such folder (in ${here.file('no')}).`
    await expect(here.bulk.plan(here.order(patron(1)), { out })).rejects.toMatchObject({ field: 'out', message: why })
    mkdirSync(folder)
    await expect(here.bulk.plan(here.order(patron(1)), { out: folder })).rejects.toThrow(
      `a folder is there (in ${here.folder})`,
    )
  })

  test('can be given up: nothing stays', async () => {
    here = await town()
    const stopped = new AbortController()
    const list = csv(text(header, ...Array.from({ length: 3_000 }, (_, n) => patron(n % 600))))
    const made = here.bulk.plan(here.order(list), {
      out: here.file(),
      signal: stopped.signal,
      onProgress: () => stopped.abort(),
    })
    stopped.abort()
    await expect(made).rejects.toThrow()
    expect(() => readFileSync(here.file())).toThrow()
    expect(readdirSync(here.folder).filter((name) => name.startsWith('plan.ndjson'))).toEqual([])
  })
})

test('a card that ends today is told today, and not tomorrow morning when it has ended', async () => {
  const ends = { expires: '2026-11-24' }
  const list = [patron(1, ends), patron(2, { ...ends, timezone: 'Asia/Tokyo' }), patron(3, { expires: '2026-11-25' })]
  const why = async (at: string) => {
    here = await town({ at })
    await here.bulk.plan(here.order(list.join('\n')), { out: here.file() })
    const lines = readFileSync(here.file(), 'utf8').split('\n').slice(1, 4)
    return lines.map((line) => JSON.parse(line).why)
  }
  expect(await why(noon)).toEqual([undefined, 'expired-card', undefined])
  await here.close()
  // Nine in the evening in Chicago, when the turn is tomorrow's.
  expect(await why('2026-11-25T03:30:00.000Z')).toEqual(['expired-card', 'expired-card', undefined])
})

test('a name may have what ends a line elsewhere, and the plan is read as it was written', async () => {
  here = await town()
  const file = here.file()
  const name = 'Ann\u2028Lee\u2029\u0085'
  await here.bulk.plan(here.order(rows([{ id: 1, phone: phoneOf(1), name, consent: 'yes' }])), { out: file })
  await here.bulk.approve(file, { by: 'Bea Second' })
  await here.bulk.run(file, { once: true })
  expect(here.provider.messages().map(({ body }) => body)).toEqual([expect.stringContaining('Ann\u2028Lee')])
})

test('a name cannot write HTML, nor another header', async () => {
  here = await town()
  const { outcome } = await here.bulk.preview(
    here.order(rows([{ id: 1, phone: phoneOf(1), name: '<b>Ann</b>\nBcc: all@example.org', consent: 'yes' }]), {
      templates: [{ text: '{{ name }}', subject: 'Dear {{ name }}', html: '<p>{{ name }}</p>' }],
    }),
    '1',
  )
  expect(outcome).toMatchObject({
    content: {
      html: '<p>&lt;b&gt;Ann&lt;/b&gt;\nBcc: all@example.org</p>',
      subject: 'Dear <b>Ann</b> Bcc: all@example.org',
    },
  })
})
