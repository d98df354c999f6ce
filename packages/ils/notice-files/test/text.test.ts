import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { one } from './look.ts'
import { itiva, polaris, polarisHeader } from './rows.ts'

const titles = (looked: Awaited<ReturnType<typeof one>>) => looked.facts.map(({ data }) => data.items[0]?.title)

test.each([
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR alone', '\r'],
  ['CR CR LF', '\r\r\n'],
])('lines that end in %s are counted from 1, blank ones too', async (_, end) => {
  const { rows } = await one(
    'PhoneNotices.csv',
    [polarisHeader, polaris(), '', '  ', polaris({ holdId: '18' }), ''].join(end),
  )
  expect(rows.map(({ line, is }) => [line, is])).toEqual([
    [2, 'notice'],
    [5, 'notice'],
  ])
})

test('a CR inside a line of a file with LF ends no line', async () => {
  const { rows } = await one('outbound.csv', `${itiva({ title: 'Ships\rand small' })}\n${itiva()}\n`)
  expect(rows.map(({ line, is }) => [line, is])).toEqual([
    [1, 'notice'],
    [2, 'notice'],
  ])
})

test('a byte order mark is no part of the first cell', async () => {
  const { notices, bad } = await one('PhoneNotices.csv', `\ufeff${polaris()}\r\n`)
  expect([notices.length, bad.length]).toEqual([1, 0])
})

test('UTF-8 is read as UTF-8, also where a letter lies across two chunks', async () => {
  const padding = polaris({ title: 'é'.repeat(200) })
  const looked = await one('PhoneNotices.csv', Array(600).fill(padding).join('\r\n'))
  expect(new Set(titles(looked))).toEqual(new Set(['é'.repeat(200)]))
})

test.each([
  ['at once', 0],
  ['after a hundred thousand bytes of ASCII', 400],
])('one byte that is not UTF-8 makes the whole file windows-1252: %s', async (_, before) => {
  const rows = [...Array(before).fill(polaris()), polaris({ title: 'Gr\u00fc\u00dfe \u0093x\u0094' })]
  const looked = await one('PhoneNotices.csv', Buffer.from(rows.join('\r\n'), 'latin1'))
  expect(titles(looked).at(-1)).toBe('Grüße “x”')
})

test('a letter cut off at the end of the file is not UTF-8 either', async () => {
  const utf8 = Buffer.from(`${itiva({ title: 'Gr\u00fc\u00dfe' })}\n`)
  expect(titles(await one('outbound.csv', utf8))).toEqual(['Grüße'])
  const looked = await one('outbound.csv', Buffer.concat([utf8, Buffer.from([0xc3])]))
  expect(titles(looked)).toEqual(['GrÃ¼ÃŸe'])
  expect(looked.bad.map(({ line }) => line)).toEqual([2])
})

test('windows-1252 after a UTF-8 mark is read without the mark', async () => {
  const mark = Buffer.from([0xef, 0xbb, 0xbf])
  const looked = await one(
    'PhoneNotices.csv',
    Buffer.concat([mark, Buffer.from(polaris({ title: 'Gr\u00fc\u00dfe' }), 'latin1')]),
  )
  expect(titles(looked)).toEqual(['Grüße'])
})

test.each([
  ['NUL bytes', Buffer.from(`${itiva()}\n\u0000\n`), 'it is not text: it has NUL bytes'],
  ['UTF-16', Buffer.from(`\ufeff${itiva()}`, 'utf16le'), 'it is UTF-16: export it as UTF-8'],
  [
    'a picture',
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d]),
    'it is not text: it has NUL bytes',
  ],
])('%s: the file is refused, with no row', async (_, bytes, why) => {
  const { rows, news } = await one('outbound.csv', bytes)
  expect(rows).toEqual([])
  expect(news).toEqual([{ file: expect.any(String), state: 'refused', why }])
})

test.each([
  ['nothing', '', undefined],
  ['a byte order mark', '\ufeff', undefined],
  ['blank lines', '\r\n\r\n', undefined],
  ['a DOS end of file', '\u001a', undefined],
  ['a header', `\ufeff${polarisHeader}\r\n`, 'polaris-phonenotices'],
  ['a header with quotes', `"${polarisHeader.replaceAll(',', '","')}"\r\n`, 'polaris-phonenotices'],
])('a file with %s is read and has no rows', async (_, text, layout) => {
  const { rows, news } = await one('PhoneNotices.csv', text)
  expect(rows).toEqual([])
  expect(news).toEqual([{ file: expect.any(String), state: 'read', rows: 0, ...(layout && { layout }) }])
})

test('a line without end is a bad row and does not swallow the others', async () => {
  const { rows, bad } = await one('outbound.csv', `${itiva()}\n"V","EN${'x'.repeat(1_000_000)}\n${itiva()}\n`)
  expect(bad.map(({ why }) => why)).toEqual(['the line is longer than 65536 characters'])
  expect(rows.map(({ line, is }) => [line, is])).toEqual([
    [1, 'notice'],
    [2, 'bad'],
    [3, 'notice'],
  ])
})

test('a quote that is never closed does not swallow the rest of the file', async () => {
  const { rows } = await one(
    'outbound.csv',
    `${itiva()}\n${itiva().replace('The Tall Ship"', '"The Tall Ship')}\n${itiva()}\n`,
  )
  expect(rows.map(({ line, is }) => [line, is])).toEqual([
    [1, 'notice'],
    [2, 'bad'],
    [3, 'notice'],
  ])
})
