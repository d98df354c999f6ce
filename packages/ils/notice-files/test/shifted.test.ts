import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellsOf } from '../src/columns.ts'
import { layouts } from '../src/layouts/index.ts'
import { both, folder, look, one } from './look.ts'
import { hold, itiva, loan, patron, polaris, polarisCells } from './rows.ts'

const layout = (id: string) => layouts.find((each) => each.id === id) ?? (layouts[0] as never)

test.each([
  ['a quote', 'The "Tall" Ship'],
  ['a quote at both ends', '"Tall Ship"'],
  ['quotes and commas between them', 'Ships","tall","and small'],
  ['one quote', 'The 12" Rule'],
])('an i-tiva title with %s is read whole and marked repaired', async (_, title) => {
  const { notices, facts, bad } = await one('outbound.csv', [itiva(), itiva({ title, id: '0' })].join('\n'))
  expect(bad).toEqual([])
  expect(notices.map(({ repaired }) => repaired)).toEqual([undefined, true])
  expect(facts[1]?.data.items[0]?.title).toBe(title)
  expect(notices[1]?.key).toBe(notices[0]?.key)
})

test('commas alone shift nothing between quotes', async () => {
  const { notices, facts } = await one('outbound.csv', itiva({ title: 'Ships, tall and small' }))
  expect(notices[0]).not.toHaveProperty('repaired')
  expect(facts[0]?.data.items[0]?.title).toBe('Ships, tall and small')
})

test('quotes that are doubled as in any CSV are plain reading', async () => {
  const { notices, facts } = await one('PhoneNotices.csv', polaris({ title: 'He said ""no"", then left' }))
  expect(notices[0]).not.toHaveProperty('repaired')
  expect(facts[0]?.data.items[0]?.title).toBe('He said "no", then left')
})

test('Polaris cells without quotes, and without the last three columns, are read', async () => {
  const cells = polarisCells({ first: 'Ann', last: 'Lee' }).map((cell) => cell.trim())
  const { notices, bad } = await one(
    'PhoneNotices.csv',
    [cells.join(','), `"${cells.slice(0, 22).join('","')}"`].join('\r\n'),
  )
  expect(bad).toEqual([])
  expect(notices.map(({ key, repaired }) => [key, repaired])).toEqual([
    ['hold-ready 17 2026-11-24', undefined],
    ['hold-ready 17 2026-11-24', undefined],
  ])
})

test('a surname that shifts the columns is left out, and the rest is read', async () => {
  const { notices, people, bad } = await one(
    'PhoneNotices.csv',
    [polaris({ card: 'A' }), polaris({ last: 'JOHNSON","JR', card: 'B' })].join('\r\n'),
  )
  expect(bad).toEqual([])
  expect(notices[1]).toMatchObject({
    repaired: true,
    card: 'B',
    phone: '+12125550102',
    key: 'hold-ready 17 2026-11-24',
  })
  expect(people[1]).not.toHaveProperty('name')
})

test('a border in a title that makes the count right by chance is not taken at its word', async () => {
  const short = (title: string) => `"${polarisCells({ title }).slice(0, 22).join('","')}"`
  const { notices, bad } = await one(
    'PhoneNotices.csv',
    [polaris(), short('Ships","tall'), short('","'), short('1","2","3","4'), short('",,"')].join('\r\n'),
  )
  expect(bad).toEqual([])
  expect(notices.map(({ key }) => key)).toEqual(Array(5).fill('hold-ready 17 2026-11-24'))
})

test('a row that can be read in more than one way is bad, and says which column', async () => {
  const title = 'Ships","39529000054322","25/11/2026","Sails'
  const { bad, notices } = await one('outbound.csv', [itiva(), itiva({ title })].join('\n'))
  expect(notices).toHaveLength(1)
  expect(bad).toEqual([
    expect.objectContaining({
      line: 2,
      why: expect.stringMatching(/^expected 17 columns, found 20, and more than one way to read column 1[1-5] /),
    }),
  ])
})

test.each([
  ['too few columns', itiva().split('","').slice(0, 12).join('","').concat('"'), 'expected 17 columns, found 12'],
  ['a line cut off in a quote', itiva().slice(0, 60), 'a quote is not closed, or the line is cut off'],
  [
    'a word that is none of the layout',
    itiva({ type: 'RECALL' }),
    'column 3 (type) should be PREOVERDUE or OVERDUE or RESERVE: found 6 characters of another form',
  ],
  ['no card', itiva({ card: '' }), 'column 5 (cardnumber) should be a card number: it is empty'],
  [
    'an id that is no number',
    itiva({ id: 'seven' }),
    'column 17 (message_id) should be a number or blank: found 5 characters of another form',
  ],
])('%s makes a bad row with its line and reason, and nothing else is lost', async (_, line, why) => {
  const { bad, notices, batches } = await one(
    'outbound.csv',
    [itiva(), line, itiva({ barcode: '39529000054399' })].join('\n'),
  )
  expect(bad.map((row) => [row.line, row.why])).toEqual([[2, why]])
  expect(notices.map((row) => row.line)).toEqual([1, 3])
  expect(batches.flatMap((batch) => batch.rejected ?? [])).toEqual([
    { source: expect.stringMatching(/outbound\.csv$/), line: 2, reason: why },
  ])
})

test.each([
  ['before the first column', `"junk",${itiva()}`],
  ['after the last', `${itiva()},"junk"`],
  ['between ids', itiva({ phone: '212-555-0101","x' })],
])('a cell too many %s fits nowhere, and the row is bad', async (_, line) => {
  const { bad, notices } = await one('outbound.csv', [itiva(), line].join('\n'))
  expect(notices).toHaveLength(1)
  expect(bad.map(({ line, why }) => [line, why])).toEqual([[2, 'expected 17 columns, found 18']])
})

test('a line of nothing but borders is a bad row, at once', async () => {
  const { bad, notices } = await one(
    'outbound.csv',
    [itiva(), `"${'","'.repeat(20_000)}"`, itiva({ title: '","'.repeat(10_000) })].join('\n'),
  )
  expect(notices).toHaveLength(1)
  expect(bad.map(({ why }) => why)).toEqual(['expected 17 columns, found 20001', 'expected 17 columns, found 10017'])
})

test('reasons never quote what the row says', async () => {
  const secret = 'Xanadu'
  const lines = [
    hold(),
    hold({ id: secret }),
    hold({ until: secret }),
    `${hold()}|${secret}`,
    [secret, secret, secret].join('|'),
  ]
  const { bad, logs } = await look({ path: folder({ 'holds.txt': lines.join('\n'), 'text_patrons.txt': patron() }) })
  expect(bad).toHaveLength(4)
  expect(JSON.stringify([bad, logs])).not.toContain(secret)
})

test.each(['A | B', '|', 'a|b|c|d', '||||'])(
  'a pipe in a Shoutbomb title (%s) is settled by counting from both ends',
  async (title) => {
    const files = {
      'holds.txt': [hold(), hold({ title, id: '18' })].join('\n'),
      'overdue.txt': [loan(), loan({ title, itemId: '200003' })].join('\n'),
      'text_patrons.txt': patron(),
    }
    const { bad, notices, facts } = await look({ path: folder(files) })
    expect(bad).toEqual([])
    expect(notices.map(({ key, repaired }) => [key, repaired])).toEqual([
      ['hold-ready 17 2026-11-24', undefined],
      ['hold-ready 18 2026-11-24', true],
      [`overdue ${both('200002', '100002')} 2026-11-27`, undefined],
      [`overdue ${both('200003', '100002')} 2026-11-27`, true],
    ])
    expect(facts[1]?.data.items[0]?.title).toBe(title)
    expect(facts[3]?.data.items[0]?.title).toBe(title)
  },
)

// ── for any title ────────────────────────────────────────────────────────────────────────────

const oneLine = (text: string) => !['\r', '\n', '\u0000', '\u001a', '\ufeff'].some((end) => text.includes(end))
const piece = fc.oneof(
  fc.constantFrom(
    '"',
    ',',
    '|',
    '","',
    '""',
    ' ',
    '0',
    '24/11/2026',
    '11/24/2026',
    '2026-11-24',
    '17',
    'V',
    'Grüße',
    '海',
  ),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
)
const title = fc
  .array(piece, { maxLength: 8 })
  .map((parts) => parts.join(''))
  .filter(oneLine)

/** The cells that decide who is told what, or nothing: a row is bad sooner than it is misread. */
function matters(line: string, id: string, columns: readonly number[]): readonly (string | undefined)[] | undefined {
  const form = layout(id)
  const read = cellsOf(line, form, form.dates[0])
  return 'cells' in read ? columns.map((column) => read.cells[column]) : undefined
}

test('whatever an i-tiva title or name holds, the row is bad or its card, number, item, date and id are right', () => {
  const right = ['23529000012345', '212-555-0101', '39529000054321', '24/11/2026', '77']
  fc.assert(
    fc.property(title, fc.oneof(fc.constant('Pine'), title), (text, last) => {
      const read = matters(itiva({ title: text, last }), 'koha-itiva-outbound', [4, 8, 13, 14, 16])
      if (read) expect(read).toEqual(right)
    }),
    { numRuns: 5000 },
  )
})

test('whatever a Polaris title holds, the row is bad or its card, number, date and ids are right', () => {
  const right = ['23307000001001', '212-555-0102', '11/24/2026', '100001', '200001', '17']
  fc.assert(
    fc.property(title, fc.constantFrom(22, 25), (text, count) => {
      const line = `"${polarisCells({ title: text }).slice(0, count).join('","')}"`
      const read = matters(line, 'polaris-phonenotices', [4, 8, 13, 19, 20, 21])
      if (read) expect(read).toEqual(right)
    }),
    { numRuns: 5000 },
  )
})

test('whatever a Shoutbomb title holds, the row is read with the right ids', () => {
  fc.assert(
    fc.property(title, (text) => {
      expect(matters(hold({ title: text }), 'shoutbomb-polaris-holds', [2, 3, 5, 6])).toEqual([
        '17',
        '100001',
        '2026-11-24',
        '23307000001001',
      ])
      expect(matters(loan({ title: text }), 'shoutbomb-polaris-overdue-renew', [0, 1, 3, 4, 12])).toEqual([
        '100002',
        '33307000002002',
        '2026-11-27',
        '200002',
        '23307000001002',
      ])
    }),
    { numRuns: 2000 },
  )
})

test('titles without quotes come back as they were', () => {
  fc.assert(
    fc.property(
      title.map((text) => text.replaceAll('"', '').trim()).filter((text) => text !== 'NULL'),
      (text) => {
        expect(matters(itiva({ title: text }), 'koha-itiva-outbound', [15])).toEqual([text])
        expect(matters(polaris({ title: text }), 'polaris-phonenotices', [14])).toEqual([text])
      },
    ),
  )
})

test('whatever the lines hold, each that is not blank is exactly one row, and the sums are exact', async () => {
  const line = fc.oneof(
    title,
    title.map((text) => hold({ title: text })),
    title.map((text) => polaris({ title: text })),
    title.map((text) => itiva({ title: text })),
    fc.constant(''),
  )
  const which = fc.constantFrom(
    'koha-itiva-outbound',
    'polaris-phonenotices',
    'shoutbomb-polaris-holds',
    'koha-itiva-results',
    'shoutbomb-polaris-patrons:text',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 20 }), which, async (lines, asked) => {
      const { rows, notices, contacts, results, bad, news, facts, batches } = await one('rows.txt', lines.join('\n'), {
        layout: asked,
      })
      if (news.some(({ state }) => state === 'refused')) {
        expect(rows).toEqual([])
        return
      }
      const expected = lines.flatMap((text, i) => (text.trim() === '' ? [] : [i + 1]))
      expect(rows.map((row) => row.line)).toEqual(expected)
      expect(notices.length + contacts.length + results.length + bad.length).toBe(rows.length)
      expect(facts.map(({ key }) => key)).toEqual(notices.map(({ key }) => key))
      expect(batches.flatMap((batch) => batch.rejected ?? [])).toHaveLength(bad.length)
    }),
    { numRuns: 150 },
  )
})
