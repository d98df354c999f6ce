import { expect, test } from 'vitest'
import { type MetricRow, type PagesOptions, pages, type Said } from '../src/index.ts'
import { english, spanish } from '../src/languages.ts'

const site = 'https://guides.example.org'
const days = Array.from({ length: 28 }, (_, at) => `2026-10-${`${at + 1}`.padStart(2, '0')}`)
const views = (page: string, a: number): readonly MetricRow[] =>
  days.map((day) => ({ id: `${page} ${day}`, day, page: `${site}/${page}`, views: a }))
const asked = (page: string, texts: readonly string[], each: number, start = 0): readonly Said[] =>
  texts.flatMap((text, about) =>
    Array.from({ length: each }, (_, at) => ({
      id: `${page}-${start + about}-${at}`,
      kind: 'chat',
      text,
      at: `${days[(at * 3 + about) % 28]}T15:00:00.000Z`,
      person: `p ${page} ${start + about} ${at}`,
      page: `${site}/${page}?utm_source=x&sid=${at}`,
    })),
  )
const renew = [
  'how do i renew a book i already have',
  'where do i renew my books online',
  'renew button for my book is gone',
]
const print = [
  'how do i print from my laptop',
  'printing from laptop does not work',
  'where can i print from a phone or laptop',
]
const base: PagesOptions = {
  said: [
    ...asked('loans', renew, 8),
    ...asked('printing', print, 4),
    ...asked('hours', ['when do you open'], 2),
    ...asked('cards', ['lost my card'], 4),
  ],
  metrics: [
    ...views('loans', 40),
    ...views('printing', 100),
    ...views('hours', 50),
    ...views('cards', 50),
    ...views('about', 80),
  ],
  widgets: [{ page: '*' }],
  timeZone: 'America/Chicago',
}

test('pages are ranked by questions per 1,000 views, with an interval and with what they are about in patrons’ words', async () => {
  const { report, rows } = await pages(base)
  expect(report.pages.map(({ name }) => name)).toEqual([
    'guides.example.org/loans',
    'guides.example.org/printing',
    'guides.example.org/about',
  ])
  expect(report.pages[2]).toMatchObject({ questions: 0, per1000: { value: 0, low: 0, high: 1.64 } })
  const [loans] = report.pages
  expect(loans).toMatchObject({ questions: 24, views: 1120, per1000: { value: 21.4 } })
  expect(loans?.per1000?.low).toBeGreaterThan(13)
  expect(loans?.per1000?.high).toBeLessThan(33)
  expect(loans?.clusters[0]?.name).toMatch(/renew/)
  expect(loans?.clusters[0]?.quotes[0]?.text).toMatch(/renew/)
  expect(rows[loans?.ref ?? '']).toHaveLength(24)
  for (const row of report.pages)
    for (const { ref, questions } of row.clusters) expect(rows[ref]).toHaveLength(questions)
  expect(report.summary[1]).toContain('21.4 questions per 1,000 views (13.7 to 31.9): 24 in 1120 views')
  expect(JSON.parse(JSON.stringify(report))).toEqual(report)
})

test('F4 widget blocked on some pages: missing is not zero', async () => {
  const widgets = [{ page: `${site}/loans` }, { page: `${site}/printing` }]
  const { report } = await pages({ ...base, widgets })
  expect(report.silent.map(({ page, why }) => [page, why])).toEqual([['guides.example.org/about', 'no widget']])
  const { widgets: _, ...unsaid } = base
  const unknown = await pages(unsaid)
  expect(unknown.report.silent.map(({ page, why }) => [page, why])).toEqual([
    ['guides.example.org/about', 'widget not known'],
  ])
  for (const one of [report, unknown.report]) expect(one.pages.some(({ name }) => name.endsWith('about'))).toBe(false)
  const { report: known } = await pages(base)
  expect(known.silent).toEqual([])
  expect(known.pages.find(({ name }) => name.endsWith('about'))?.questions).toBe(0)
})

test('views without a widget are no denominator, and what was asked then is in no rate', async () => {
  const widgets = [{ page: '*', from: '2026-10-15' }]
  const { report } = await pages({ ...base, widgets })
  expect(report.pages[0]).toMatchObject({ name: 'guides.example.org/loans', views: 560 })
  const counted = report.pages.reduce((sum, { questions }) => sum + questions, 0)
  expect(counted + (report.uncovered ?? 0) + (report.elsewhere ?? 0) + (report.unplaced ?? 0)).toBe(42)
  expect(report.uncovered).toBeGreaterThan(5)
})

test('views that are not known are not zero', async () => {
  const metrics = base.metrics as readonly MetricRow[]
  const gone = metrics.map((one) =>
    `${one.page}`.endsWith('loans') ? { ...one, views: { is: 'unavailable', reason: 'blocked' } as const } : one,
  )
  const { report } = await pages({ ...base, metrics: gone })
  const loans = report.pages.find(({ name }) => name.endsWith('loans'))
  expect(loans).toMatchObject({ questions: 24, views: null, per1000: null, why: 'views not known' })
  expect(report.pages[0]?.name).toBe('guides.example.org/printing')
})

test('F4 ranking stable when traffic doubles', async () => {
  const said = base.said as readonly Said[]
  const again = said.map((one) => ({ ...one, id: `${one.id} again`, person: `${one.person} again` }))
  const metrics = (base.metrics as readonly MetricRow[]).map((one) => ({ ...one, views: Number(one.views) * 2 }))
  const [once, twice] = [await pages(base), await pages({ ...base, said: [...said, ...again], metrics })]
  const names = once.report.pages.map(({ name }) => name)
  expect(twice.report.pages.map(({ name }) => name).filter((name) => names.includes(name))).toEqual(names)
  expect(twice.report.pages[0]?.per1000?.value).toBe(once.report.pages[0]?.per1000?.value)
})

test('F4 tiny counts: fewer people than the threshold are nowhere, neither in a cell nor by subtraction', async () => {
  const { report, rows } = await pages(base)
  expect(report.pages.some(({ name }) => name.endsWith('hours'))).toBe(false)
  const shown = report.pages.reduce((sum, { questions }) => sum + questions, 0)
  const left = (report.questions ?? 0) - shown
  expect(left === 0 || left >= 5).toBe(true)
  for (const row of report.pages) {
    for (const { questions } of row.clusters) expect(questions).toBeGreaterThanOrEqual(5)
    expect(row.rest === 0 || row.rest >= 5).toBe(true)
  }
  for (const ids of Object.values(rows)) expect(ids.length === 0 || ids.length >= 5).toBe(true)
  const one = asked('loans', ['renew'], 30).map((row) => ({ ...row, person: 'the same' }))
  expect((await pages({ ...base, said: one })).report).toMatchObject({
    questions: null,
    pages: ['about', 'cards', 'hours', 'printing'].map((page) => ({
      name: `guides.example.org/${page}`,
      questions: 0,
    })),
  })
})

test('F4 questions attach to page, heading and version', async () => {
  const said = (base.said as readonly Said[]).map((one, at) => ({
    ...one,
    page: `${one.page}#${at % 2 ? 'online' : 'desk'}`,
  }))
  const versions = [
    { page: `${site}/loans`, version: 'v1', from: '2026-09-01' },
    { page: `${site}/loans`, version: 'v2', from: '2026-10-15T05:00:00.000Z' },
  ]
  const { report, rows } = await pages({ ...base, said, versions })
  const loans = report.pages.find(({ name }) => name.endsWith('loans'))
  expect(loans?.headings.map(({ name, questions }) => [name, questions])).toEqual([
    ['desk', 12],
    ['online', 12],
  ])
  expect(loans?.versions.map(({ name, views: seen }) => [name, seen])).toEqual([
    ['v1', 560],
    ['v2', 560],
  ])
  const [v1, v2] = loans?.versions ?? []
  expect((v1?.questions ?? 0) + (v2?.questions ?? 0)).toBe(24)
  expect(rows[v1?.ref ?? '']?.length).toBe(v1?.questions)
})

test('F4 page merged or split: a merged page is one, a split page says so', async () => {
  const moves = [
    { from: `${site}/printing`, to: `${site}/loans`, at: '2026-10-10' },
    { from: `${site}/loans`, to: [`${site}/renewing`, `${site}/fines`], at: '2026-10-20' },
  ]
  const { report } = await pages({ ...base, pages: { moves } })
  expect(report.pages[0]).toMatchObject({ name: 'guides.example.org/loans', questions: 36, views: 3920 })
  expect(report.pages[0]?.notes).toEqual([
    'Holds what was https://guides.example.org/printing until it moved on 2026-10-10.',
    'Split on 2026-10-20 into guides.example.org/renewing and guides.example.org/fines: not one page before and after.',
  ])
})

test('the same row twice is once, and texts of one exchange are one question', async () => {
  const said = base.said as readonly Said[]
  const { report } = await pages({ ...base, said: [...said, ...said].reverse() })
  expect(report).toEqual((await pages(base)).report)
  const more = said.map((one) => ({ ...one, id: `${one.id} more`, text: 'hello? still there', thread: one.id }))
  const threads = await pages({ ...base, said: [...said.map((one) => ({ ...one, thread: one.id })), ...more] })
  expect(threads.report.pages[0]?.questions).toBe(24)
})

test('F4 quotes contain no personal data: nothing planted about a person is in the report', async () => {
  const planted = [
    'My name is Quillon Abernathy, card 21234567890123, how do i renew a book',
    'renew my book please, quillon.abernathy@mail.example.org or 212 555 0142',
    'soy Quillon Abernathy y quiero renovar un libro',
    'how do i renew my book? Thanks, Quillon',
  ]
  for (const each of [1, 9]) {
    const said = [...(base.said as readonly Said[]), ...asked('loans', planted, each, 50)]
    const { report } = await pages({ ...base, said, languages: [english, spanish] })
    const text = JSON.stringify(report).toLowerCase()
    for (const word of ['quillon', 'abernathy', '2123456', '0142', 'mail.example'])
      expect(text.includes(word), `${word} in ${text}`).toBe(false)
  }
})

test('nothing to show is said', async () => {
  const { report } = await pages({ ...base, said: [], metrics: [] })
  expect(report).toMatchObject({ questions: 0, pages: [], summary: ['0 questions; 0 pages with a rate.'] })
})

test('a moment without a zone is refused, and the field is named', async () => {
  const said = [{ id: '1', kind: 'chat', text: 'x', at: '2026-10-01 10:00', page: site }]
  await expect(pages({ ...base, said })).rejects.toMatchObject({ code: 'invalid', field: 'at' })
  await expect(pages({ ...base, timeZone: 'Mars/Olympus' })).rejects.toMatchObject({
    code: 'config',
    field: 'timeZone',
  })
})
