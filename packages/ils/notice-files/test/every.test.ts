import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellsOf } from '../src/columns.ts'
import type { Layout } from '../src/layout.ts'
import { layouts } from '../src/layouts/index.ts'
import { folder, look, put } from './look.ts'
import { fileOf, samples } from './rows.ts'

const each = layouts.map((layout) => [layout.id, layout] as const)
const titled = each.filter(([id]) => samples[id]?.matters)
const name = (id: string) => samples[id]?.file ?? ''
/** Where each file is told by itself; a role is in its name. */
const read = (id: string, content: string | Uint8Array, more = {}) =>
  look({ path: folder({ [name(id)]: content }), ...more })
const noticesOf = ({ rows }: Awaited<ReturnType<typeof look>>) => rows.map(({ file: _, line: __, ...row }) => row)

test('every layout has a sample, and an id of its own', () => {
  expect(Object.keys(samples).sort()).toEqual(layouts.map(({ id }) => id).sort())
})

test.each(each)('%s is known by one row, and no other layout is', async (id) => {
  const { news, bad, rows } = await read(id, fileOf(id, ['Winter Garden']))
  expect(bad).toEqual([])
  expect(news.find(({ state }) => state === 'read')?.layout).toBe(id)
  expect(rows.length).toBeGreaterThan(0)
})

/** Patron lists say the same in all systems; 17 columns may be Koha's or Evergreen's, and then the name counts. */
const alike = (a: string, b: string) =>
  [/patrons|prefs/, /outbound|notify/].some((kind) => kind.test(a) && kind.test(b))

test.each(each)('a file that is %s is refused where another system is named', async (id, { family }) => {
  const others = layouts.filter((other) => other.family !== family && !alike(id, other.id))
  for (const other of others) {
    const { news, rows } = await read(id, fileOf(id, ['Winter Garden', 'Snow']), { layout: other.id })
    expect([other.id, rows.filter(({ is }) => is !== 'bad')]).toEqual([other.id, []])
    expect(news[0]).toMatchObject({ state: 'refused', why: expect.stringContaining(id) })
  }
})

test.each(each)(
  '%s reads alike with LF, CRLF and CR, with a mark, and with a last line that has no end',
  async (id) => {
    const titles = ['Winter Garden', 'Snow', 'Rain']
    const plain = noticesOf(await read(id, fileOf(id, titles)))
    for (const end of ['\r\n', '\r']) expect(noticesOf(await read(id, fileOf(id, titles, end) + end))).toEqual(plain)
    expect(noticesOf(await read(id, `\ufeff${fileOf(id, titles)}\n\u001a`))).toEqual(plain)
  },
)

test.each(titled)('%s reads windows-1252', async (id) => {
  const { facts, bad } = await read(id, Buffer.from(fileOf(id, ['Caf\u00e9 \u00dcber']), 'latin1'))
  expect(bad).toEqual([])
  expect(facts[0]?.data.items[0]?.title).toBe('Café Über')
})

/** A half card is a card, and a number of the list alone tells nobody anything. */
const whole = each.filter(([id]) => !/patrons|prefs|report/.test(id))

test.each(whole)('a last line of %s that is cut off is bad or the same notice, and harms no other', async (id) => {
  const text = fileOf(id, ['Winter Garden', 'Snow'])
  const last = fileOf(id, ['Rain']).split('\n').at(-1) ?? ''
  const before = noticesOf(await read(id, text)).length
  const key = (await read(id, fileOf(id, ['Rain']))).notices[0]?.key
  for (const part of [0.2, 0.5, 0.8]) {
    const cut = last.slice(0, Math.floor(last.length * part))
    const { rows } = await read(id, `${text}\n${cut}`)
    const { is, ...row } = rows.at(-1) ?? { is: 'none' }
    expect(rows).toHaveLength(before + 1)
    expect(is === 'bad' || ('key' in row && row.key)).toBe(is === 'bad' || key)
  }
})

test.each(each)('rubbish among the rows of %s is bad rows, and no row is lost', async (id, { mail }) => {
  const [head = '', ...rest] = fileOf(id, ['Winter Garden', 'Snow']).split('\n')
  const rubbish = ['::: "', '|'.repeat(300), '","'.repeat(300), 'x'.repeat(70_000)]
  const good = noticesOf(await read(id, [head, ...rest].join('\n')))
  const { rows, bad } = await read(id, [head, ...rest, ...rubbish, rest.at(-1) ?? head].join('\n'))
  expect(rows.filter(({ is }) => is !== 'bad')).toHaveLength(good.length + 1)
  if (!mail) expect(bad).toHaveLength(rubbish.length)
})

test.each(['evergreen-notify-csv', 'shoutbomb-evergreen-hold', 'shoutbomb-report-invalid'])(
  'a line of 50 MB in %s is one bad row, and fills no memory',
  async (id) => {
    const root = folder({})
    const long = Buffer.alloc(50 * 1024 * 1024, '"a|","::')
    put(
      join(root, name(id)),
      Buffer.concat([Buffer.from(`${fileOf(id, ['Snow'])}\n`), long, Buffer.from(`\n${fileOf(id, ['Rain'])}`)]),
    )
    const before = process.memoryUsage().rss
    const { rows, bad } = await look({ path: root })
    expect([bad.length, rows.length - bad.length]).toEqual([
      1 + (samples[id]?.head && id.includes('evergreen') ? 1 : 0),
      2,
    ])
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024)
  },
)

const oneLine = (text: string) => !['\r', '\n', '\u0000', '\u001a', '\ufeff'].some((end) => text.includes(end))
const piece = fc.oneof(
  fc.constantFrom(
    '"',
    ',',
    '|',
    '\\|',
    '","',
    '""',
    ' ',
    '0',
    '24/11/2026',
    '2026-11-24',
    '11-24-2026',
    '17',
    'i7654321a',
    '海',
  ),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
)
const anyTitle = fc
  .array(piece, { maxLength: 8 })
  .map((parts) => parts.join(''))
  .filter(oneLine)

const cells = (layout: Layout, line: string) => {
  const read = cellsOf(line, layout, layout.dates[0])
  return 'cells' in read ? read.cells : undefined
}

test.each(titled)('whatever a title in %s holds, the row is bad or says whom to tell what', (id, layout) => {
  const { row = () => '', matters = {} } = samples[id] ?? {}
  fc.assert(
    fc.property(anyTitle, (title) => {
      const found = cells(layout, row(title))
      if (found) expect(Object.keys(matters).map((column) => found[Number(column)])).toEqual(Object.values(matters))
    }),
    { numRuns: 1500 },
  )
})

/** Whoever writes quotes by the book is read to the letter. */
const byTheBook = titled.filter(([id]) => /^evergreen|-csv$|shoutbomb-evergreen/.test(id))

test.each(byTheBook)(
  'what %s writes is read back to the letter: quotes, commas, pipes and backslashes',
  (id, layout) => {
    const column = layout.columns.findIndex(({ name }) => /^title$/i.test(name))
    const { row = () => '' } = samples[id] ?? {}
    const plain = anyTitle.map((text) => text.trim()).filter((text) => text !== 'NULL' && !text.includes('\\'))
    fc.assert(
      fc.property(plain, (title) => {
        expect(cells(layout, row(title))?.[column]).toBe(title)
      }),
      { numRuns: 1500 },
    )
  },
)
