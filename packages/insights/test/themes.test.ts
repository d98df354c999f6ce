import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type MetricRow, type Said, type ThemesOptions, themes } from '../src/index.ts'
import { english } from '../src/languages.ts'
import { voices } from '../src/respondents.ts'

const site = 'https://guides.example.org'
const many = (kind: string, count: number, text: (at: number) => string, more: Partial<Said> = {}): readonly Said[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `${kind} ${text(0).slice(0, 9)} ${at}`,
    kind,
    text: text(at),
    ...more,
  }))
const topicsOfDesk = [
  'renew a book',
  'print on paper',
  'book a study room',
  'opening hours sunday',
  'lost library card',
]
const rare = ['microfilm reader', 'bicycle pump', 'piano tuner', 'seed swap', 'chess clock', 'telescope mount']
const desk = [
  ...many('chat', 205, (at) => `how can I ${topicsOfDesk[at % 5]} number ${at}`),
  ...many('chat', 6, (at) => `${rare[at]}`),
]
const found = many('search', 20, (at) => `${topicsOfDesk[at % 5]}`, { times: 30 })

const loan = [
  'how do I request an interlibrary loan form',
  'interlibrary loan request page is broken',
  'cannot find the interlibrary loan request',
]
const few = loan.map(
  (text, at): Said => ({ id: `few ${at}`, kind: 'chat', text, person: `c${at}`, page: `${site}/ill` }),
)
const missed: readonly Said[] = [
  { id: 's1', kind: 'search', text: 'interlibrary loan request', times: 310 },
  { id: 's2', kind: 'search', text: 'inter library loan requests interlibrary', times: 90 },
]
const exits: readonly MetricRow[] = ['2026-09-10', '2026-10-10'].flatMap((day, at) => [
  { day, page: `${site}/ill`, views: 900, exits: at ? 560 : 300 },
  { day, page: `${site}/other`, views: 900, exits: 300 },
])
const post = 'The parking garage of the library is a disgrace and the mayor should resign over it'
const copies = many('mention', 12, (at) => (at % 2 ? `RT @someone: ${post}` : `${post}!`))
const others = many(
  'mention',
  60,
  (at) => `lovely evening reading ${['poems', 'novels', 'comics'][at % 3]} upstairs ${at}`,
)
const base: ThemesOptions = {
  said: [...desk, ...found, ...few, ...missed, ...copies, ...others],
  of: { search: 9_120 },
  metrics: exits,
  since: '2026-10-01',
  timeZone: 'America/Chicago',
}

test('three chats, 400 searches without a result and an exit spike outrank twelve copies of one post', async () => {
  const { report, rows } = await themes(base)
  const loans = report.themes.findIndex(({ label }) => label.includes('interlibrary'))
  const parking = report.themes.findIndex(({ ref }) => rows[ref]?.some((id) => id.startsWith('mention The park')))
  expect(loans).toBeGreaterThanOrEqual(0)
  expect(parking).toBeGreaterThan(loans)
  const theme = report.themes[loans]
  expect(theme).toMatchObject({ standing: 'general', exits: [{ page: 'guides.example.org/ill' }] })
  expect(theme?.sources).toMatchObject([
    { kind: 'search', voices: 400, of: 9_120, share: { value: 0.0439 } },
    { kind: 'chat', voices: null, of: 214, share: null },
  ])
  expect(theme?.text).toMatch(
    /general, since several sources agree; search 400 of 9120, chat a few of 214, 62.2 % leave .*before 33.3 %/,
  )
  expect(report.themes[parking]).toMatchObject({ standing: 'isolated', rows: 12, sources: [{ voices: null }] })
  expect(report.themes[parking]?.text).toContain('isolated, fewer than 5 people of one source')
  expect(rows[theme?.ref ?? '']).toEqual(expect.arrayContaining(['few 0', 's1', 's2']))
})

test('each of the three alone does not make it general', async () => {
  const { metrics: _, ...still } = base
  const onlySearched = await themes(still)
  const theme = onlySearched.report.themes.find(({ label }) => label.includes('interlibrary'))
  expect(theme?.standing).toBe('one source')
})

test('a page that people leave more often adds to the score', async () => {
  const { metrics: _, ...still } = base
  const [with_, without] = [await themes(base), await themes(still)].map(({ report }) =>
    report.themes.find(({ label }) => label.includes('interlibrary')),
  )
  expect(with_?.score.low).toBeGreaterThan((without?.score.low ?? 0) + 0.3)
})

test('a denominator from which the few could be reckoned is not shown', async () => {
  const said = [...many('chat', 40, () => 'renew a book'), ...many('chat', 3, () => 'interlibrary loan'), ...missed]
  const { report } = await themes({ ...base, said })
  expect(report.themes.map(({ sources }) => sources.find(({ kind }) => kind === 'chat')?.voices)).toEqual(
    expect.arrayContaining([null, 40]),
  )
  expect(report.kinds.find(({ kind }) => kind === 'chat')).toMatchObject({ voices: null, of: null })
})

test('copies of a copy, and what quotes it elsewhere, are one voice', async () => {
  const post = many('mention', 1, () => 'elevator stuck again')[0] as Said
  const chain = Array.from(
    { length: 9 },
    (_, at): Said => ({
      id: `copy ${at}`,
      kind: at % 2 ? 'mention' : 'chat',
      text: `elevator stuck again ${at}`,
      copyOf: at === 0 ? post.id : `copy ${at - 1}`,
    }),
  )
  const { of } = await voices([...chain, post])
  expect(new Set(of).size).toBe(1)
})

test('what an adapter calls one voice is one', async () => {
  const rows = ['a', 'b', 'c'].map(
    (id): Said => ({ id, kind: 'chat', text: id, independence: id === 'c' ? 'two' : 'one' }),
  )
  expect((await voices(rows)).of).toEqual(['a', 'a', 'c'])
})

test('one person in chat, by ticket and in public is one voice', async () => {
  const one = ['chat', 'ticket', 'mention'].flatMap((kind) =>
    many(kind, 4, (at) => `the wheelchair elevator is broken again ${kind} ${at}`, { person: 'x' }),
  )
  const { report, rows } = await themes({ ...base, said: [...desk, ...one] })
  const theme = report.themes.find(({ ref }) => rows[ref]?.some((id) => id.startsWith('ticket')))
  expect(theme).toMatchObject({ standing: 'isolated' })
  expect(theme?.sources).toHaveLength(1)
})

test('a survey is told with its frame, and without a denominator it is in no rate', async () => {
  const survey = many('survey', 9, (at) => `interlibrary loan takes too long ${at}`)
  await expect(themes({ ...base, said: survey })).rejects.toMatchObject({ code: 'config', field: 'frames' })
  const population = 'students of the spring term'
  const said = [...(base.said as readonly Said[]), ...survey]
  const { metrics: _, ...still } = base
  const scoreOf = async (answered?: number) => {
    const frame = { population, chosen: 'at random', ...(answered !== undefined && { answered }) } as const
    const { report } = await themes({ ...still, said, frames: { survey: frame } })
    const theme = report.themes.find(({ label }) => label.includes('interlibrary'))
    expect(theme?.sources.find(({ kind }) => kind === 'survey')).toMatchObject({
      voices: 9,
      frame,
      ...(answered === undefined && { of: null, share: null }),
    })
    expect(theme?.text).toContain(`(${population}, at random)`)
    return theme?.score.value ?? 0
  }
  const without = (await themes(still)).report.themes.find(({ label }) => label.includes('interlibrary'))
  expect(await scoreOf()).toBe(without?.score.value)
  expect(await scoreOf(240)).toBeGreaterThan(without?.score.value ?? 0)
})

test('no score and no sentence tells how many the few are', async () => {
  const told = async (count: number) => {
    const said = [...desk, ...found, ...few.slice(0, count), ...missed, ...others]
    const { report } = await themes({ ...base, said, of: { search: 9_120, chat: 500 } })
    return report.themes.find(({ label }) => label.includes('interlibrary'))
  }
  const [one, three] = [await told(1), await told(3)]
  expect(one?.score).toEqual(three?.score)
  expect(one?.text).toBe(three?.text)
})

const row = fc.record({
  id: fc.stringMatching(/^[a-f]{1,2}$/),
  kind: fc.constantFrom('chat', 'mention', 'search'),
  text: fc.constantFrom(
    'renew',
    'one two three four five six seven eight',
    'RT @x: One two three four five six seven eight!',
    'hours',
  ),
  person: fc.option(fc.constantFrom('p', 'q'), { nil: undefined }),
  thread: fc.option(fc.constantFrom('t', 'u'), { nil: undefined }),
  copyOf: fc.option(fc.stringMatching(/^[a-f]{1,2}$/), { nil: undefined }),
})
const clean = (rows: readonly object[]): readonly Said[] => JSON.parse(JSON.stringify(rows))

test('who is one voice does not depend on the order of the rows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 30 }), fc.infiniteStream(fc.nat()), async (rows, keys) => {
      const drawn = rows.map((one) => ({ one, key: keys.next().value }))
      const shuffled = drawn.sort((a, b) => a.key - b.key).map(({ one }) => one)
      const [a, b] = [await voices(clean(rows)), await voices(clean(shuffled))]
      expect(b).toEqual(a)
    }),
  )
})

test('the order of the rows changes nothing in the report', async () => {
  const said = base.said as readonly Said[]
  const backwards = await themes({ ...base, said: [...said].reverse() })
  expect(backwards).toEqual(await themes(base))
})

test('texts of five concerns are sorted by concern, in words that differ', async () => {
  const concerns: readonly (readonly string[])[] = [
    [
      'how do i renew my book',
      'renewing books online',
      'can you renew a book for me',
      'renew button missing on my books',
    ],
    ['printer is out of paper', 'the printer does not print', 'printing costs', 'where is a printer that prints color'],
    [
      'reserve a study room',
      'study rooms are all reserved',
      'how long can we reserve a room to study',
      'group study room',
    ],
    ['citing a website in apa', 'apa citation of a website', 'how to cite apa style', 'apa citations for a website'],
    ['wifi password does not work', 'cannot connect to the wifi', 'wifi connection drops', 'password for wifi connect'],
  ]
  const said = concerns.flatMap((texts, concern) =>
    texts.flatMap((text, at) => many('chat', 6, () => text).map((one, n) => ({ ...one, id: `${concern} ${at} ${n}` }))),
  )
  const { rows, report } = await themes({ said, timeZone: 'UTC', languages: [english] })
  const largest = new Map<string, number>()
  for (const { ref } of report.themes) {
    const sizes = [...Map.groupBy(rows[ref] ?? [], (id) => id[0] ?? '')].map(
      ([concern, ids]) => [concern, ids.length] as const,
    )
    expect(sizes).toHaveLength(1)
    for (const [concern, size] of sizes) largest.set(concern, Math.max(size, largest.get(concern) ?? 0))
  }
  expect([...largest.values()].every((size) => size >= 12)).toBe(true) // of 24
  expect(largest.size).toBe(5)
})
