import { expect, test } from 'vitest'
import { deep, folder, look, one } from './look.ts'
import { evergreen, hold, itiva, loan, patron, polaris, polarisHeader } from './rows.ts'

test('each layout is known by its rows, whatever the name', async () => {
  const files = {
    'a.dat': itiva(),
    'b.dat': '"77","SUCCESS"',
    'c.dat': polaris(),
    'd.dat': hold(),
    'renew/e.dat': loan(),
    'text/f.dat': patron(),
  }
  const { news, bad } = await look({ path: deep(folder(files)) })
  expect(bad).toEqual([])
  expect(Object.fromEntries(news.map(({ file, layout }) => [file.slice(-5), layout]))).toEqual({
    'a.dat': 'koha-itiva-outbound',
    'b.dat': 'koha-itiva-results',
    'c.dat': 'polaris-phonenotices',
    'd.dat': 'shoutbomb-polaris-holds',
    'e.dat': 'shoutbomb-polaris-overdue-renew',
    'f.dat': 'shoutbomb-polaris-patrons',
  })
})

test.each([
  ['koha-itiva-outbound', itiva()],
  ['koha-itiva-outbound', itiva().replace('"ada@example.org",""', '"ada@example.org","CONS"')],
  ['koha-itiva-outbound', itiva({ id: '0' })],
  ['koha-itiva-outbound', itiva().replace('"EN"', '""')],
  ['koha-itiva-outbound', evergreen({ language: '', id: '0' })],
  ['evergreen-notify-csv', evergreen()],
  ['evergreen-notify-csv', evergreen({ language: '', type: 'SUSPEND', date: '', barcode: '', title: '' })],
])(
  '17 columns are told apart by the case of the language, and by what only one of them has: %s',
  async (layout, row) => {
    const { news } = await one('x.csv', row)
    expect(news).toMatchObject([{ state: 'read', layout }])
  },
)

test('17 columns that may be either are refused with what to pass', async () => {
  const row = evergreen({ language: '' })
  const { rows, news } = await one('x.csv', row)
  expect(rows).toEqual([])
  expect(news[0]?.why).toBe('it may be koha-itiva-outbound or evergreen-notify-csv: name one as layout')
  const { facts } = await one('x.csv', row, { layout: 'evergreen-notify-csv' })
  expect(facts[0]?.origin).toBe('evergreen:901')
})

test('many rows speak: a few broken ones at the top hide no layout', async () => {
  const { notices, bad } = await one('x.csv', ['nonsense', 'more | nonsense', ...Array(4).fill(polaris())].join('\n'))
  expect([notices.length, bad.length]).toEqual([4, 2])
})

test.each([
  ['prose', 'Dear patron,\nyour book is ready.\n'],
  ['another CSV', 'id,name\n1,x\n2,y\n'],
  ['a pipe file of another system', 'u1234567|33307000002002|A Title|27.11.26'],
  ['a mail of somebody', 'From: ada@example.org\nSubject: Hold\n\nPlease renew my book.\n'],
])('%s is no known layout, and the file is refused', async (_, text) => {
  const { rows, news, batches } = await one('renew.txt', text)
  expect(rows).toEqual([])
  expect(news[0]).toMatchObject({ state: 'refused', why: expect.stringMatching(/^no known layout fits its rows/) })
  expect(batches).toEqual([
    { interactions: [], rejected: [{ source: news[0]?.file, reason: news[0]?.why }], cursor: null },
  ])
})

test.each([
  ['renew.txt', 'due-soon'],
  ['Courtesy_2026.txt', 'due-soon'],
  ['overdue.txt', 'overdue'],
  ['Overdue/today.txt', 'overdue'],
  ['Renew/sb1.txt', 'due-soon'],
  ['overdue/renew.txt', 'due-soon'],
])('%s tells renewals from overdues: %s', async (name, kind) => {
  expect((await one(name, loan())).notices.map((row) => row.kind)).toEqual([kind])
})

test.each(['loans.txt', 'overdue-renew.txt', 'both/renew-and-overdue/loans.txt'.slice(5)])(
  '%s tells nothing, and is refused with what to pass',
  async (name) => {
    const { rows, news } = await one(name, loan())
    expect(rows).toEqual([])
    expect(news[0]).toMatchObject({
      state: 'refused',
      why: expect.stringContaining(
        'pass layout shoutbomb-polaris-overdue-renew:renew or shoutbomb-polaris-overdue-renew:overdue',
      ),
    })
  },
)

test('a patron list that is neither text nor voice by name is refused with what to pass', async () => {
  const { news } = await one('patrons.txt', patron())
  expect(news[0]?.why).toContain('pass layout shoutbomb-polaris-patrons:text or shoutbomb-polaris-patrons:voice')
})

test('layout names the role, above what the name says', async () => {
  const asked = await one('loans.txt', loan(), { layout: 'shoutbomb-polaris-overdue-renew:renew' })
  expect(asked.notices.map(({ kind }) => kind)).toEqual(['due-soon'])
  const list = await one('patrons.txt', patron(), { layout: 'shoutbomb-polaris-patrons:voice' })
  expect(list.contacts.map(({ medium }) => medium)).toEqual(['voice'])
})

test('a patron list beside it is still a patron list', async () => {
  const path = folder({ 'loans.txt': loan(), 'text_patrons.txt': patron('2125550101', '23307000001002') })
  const { notices, contacts } = await look({ path, layout: 'shoutbomb-polaris-overdue-renew:overdue' })
  expect([notices[0]?.kind, notices[0]?.phone, contacts.length]).toEqual(['overdue', '+12125550101', 1])
})

test('a layout that no row has is refused, and says what the file looks like', async () => {
  const { rows, news } = await one('x.txt', hold(), { layout: 'polaris-phonenotices' })
  expect(rows).toEqual([])
  expect(news[0]?.why).toBe('no row is polaris-phonenotices: it looks like shoutbomb-polaris-holds')
})

test('rows that are of no layout at all are bad rows of the named one', async () => {
  const { bad } = await one('x.txt', 'nonsense\nmore\n', { layout: 'shoutbomb-polaris-holds' })
  expect(bad.map(({ line, layout, why }) => [line, layout, why])).toEqual([
    [1, 'shoutbomb-polaris-holds', 'expected 7 columns, found 1'],
    [2, 'shoutbomb-polaris-holds', 'expected 7 columns, found 1'],
  ])
})

test('a header is known by its names, is no row, and may be underlined', async () => {
  const phoneNotices = await one('x.csv', `${polarisHeader}\n${polaris()}`)
  expect(phoneNotices.rows.map(({ line, is }) => [line, is])).toEqual([[2, 'notice']])
  const names = 'BTitle|CreationDate|SysHoldRequestID|PatronID|PickupOrganizationID|HoldTillDate|PBarcode'
  const holds = await one('holds.txt', [names, names.replace(/\w/g, '-'), hold()].join('\n'))
  expect(holds.rows.map(({ line, is }) => [line, is])).toEqual([[3, 'notice']])
})
