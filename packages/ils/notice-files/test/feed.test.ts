import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type FileNews, noticeFiles, type Row } from '../src/index.ts'
import { context, deep, folder, type Log, look, put } from './look.ts'
import { hold, itiva, patron, polaris } from './rows.ts'

test('the feed repeats its whole state, every 30 seconds', () => {
  const { spec, kind, emits, feed } = noticeFiles({ path: '.', region: 'US' })
  expect([spec, kind, emits.map(({ name }) => name), feed.repeats, feed.every]).toEqual([
    1,
    'notice-files',
    ['notice', 'number.reported'],
    true,
    '30s',
  ])
})

test('20,000 rows come in batches of at most 500, each told before its batch, and the sums are exact', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) =>
    i % 100 === 7 ? `"broken ${i}"` : polaris({ holdId: String(1000 + i), card: `C${i % 5000}` }),
  )
  const path = put(join(folder({}), 'PhoneNotices.csv'), lines.join('\r\n'))
  const rows: Row[] = []
  let facts = 0
  let bad = 0
  const files = noticeFiles({ path, region: 'US', onRow: (row) => rows.push(row) })
  for await (const batch of files.feed.pull(undefined, context())) {
    facts += batch.interactions.length
    bad += batch.rejected?.length ?? 0
    expect(batch.interactions.length + (batch.rejected?.length ?? 0)).toBeLessThanOrEqual(500)
    // Rows ahead of the batch would mean that a file is read faster than it is stored.
    expect(rows).toHaveLength(facts + bad)
  }
  expect([rows.length, facts, bad]).toEqual([20_000, 19_800, 200])
  expect(rows.map(({ line }) => line)).toEqual(Array.from({ length: 20_000 }, (_, i) => i + 1))
  expect(new Set(rows.flatMap((row) => ('key' in row ? [row.key] : []))).size).toBe(19_800)
})

test('a file is not read ahead of what the host takes', async () => {
  const path = put(join(folder({}), 'PhoneNotices.csv'), Array(5000).fill(polaris()).join('\n'))
  let rows = 0
  const pull = noticeFiles({ path, region: 'US', onRow: () => rows++ })
    .feed.pull(undefined, context())
    [Symbol.asyncIterator]()
  await pull.next()
  await new Promise((done) => setTimeout(done, 20))
  expect(rows).toBe(500)
  await pull.return?.()
})

test('an abort ends the pull between batches, quietly, and archives nothing', async () => {
  const root = folder({ 'PhoneNotices.csv': Array(2000).fill(polaris()).join('\n') })
  const stop = new AbortController()
  const news: FileNews[] = []
  let batches = 0
  const files = noticeFiles({
    path: root,
    region: 'US',
    archive: join(root, 'done'),
    onFile: (word) => news.push(word),
  })
  for await (const _ of files.feed.pull(undefined, context([], stop.signal))) {
    batches++
    stop.abort()
  }
  expect([batches, news]).toEqual([1, []])
})

test('an abort stops between the batches of one chunk too', async () => {
  const path = folder({ 'text_patrons.txt': Array(2000).fill(patron()).join('\n') })
  const stop = new AbortController()
  let rows = 0
  const files = noticeFiles({ path, region: 'US', onRow: () => rows++ })
  for await (const _ of files.feed.pull(undefined, context([], stop.signal))) stop.abort()
  expect(rows).toBe(500)
})

test('an abort before the first row reads nothing', async () => {
  const path = folder({ 'PhoneNotices.csv': polaris() })
  for await (const _ of noticeFiles({ path, region: 'US' }).feed.pull(undefined, context([], AbortSignal.abort())))
    expect.unreachable()
})

test('one person in a batch is told once, with what the last row says', async () => {
  const { people } = await look({
    path: folder({
      'a.csv': [polaris({ phone: '212-555-0101' }), polaris({ phone: '212-555-0102', holdId: '18' })].join('\n'),
    }),
  })
  expect(people.map(({ also }) => also)).toEqual([[{ scheme: 'tel', value: '+12125550102' }]])
})

test('all layouts in one folder: each row is exactly one, and the sums are exact', async () => {
  const files = {
    'outbound.csv': [itiva(), itiva({ title: 'A "B"' }), 'broken'].join('\n'),
    'results.csv': '"77","SUCCESS"\n"x","FAIL"\n',
    'PhoneNotices.csv': [polaris(), polaris({ phone: '' })].join('\r\n'),
    'Holds/holds.txt': [hold(), hold({ title: 'a|b' }), 'a|b'].join('\n'),
    'text_patrons/text_patrons.txt': patron(),
    'voice_patrons/voice_patrons.txt': `${patron('2125550109', 'V9')}\n|\n`,
  }
  const { rows, notices, contacts, results, bad, facts } = await look({ path: deep(folder(files)) })
  expect([notices.length, contacts.length, results.length, bad.length]).toEqual([6, 2, 1, 4])
  expect([rows.length, facts.length]).toEqual([13, 6])
})

test('logs hold files, layouts and counts, and no patron data', async () => {
  const files = {
    'PhoneNotices.csv': [polaris({ email: 'alice@example.org' }), polaris({ phone: 'wrong 99' }), 'x'].join('\n'),
    'b.csv': 'prose',
  }
  const path = folder(files)
  const { logs } = await look({ path })
  expect(logs.length).toBeGreaterThan(0)
  expect(JSON.stringify(logs).replaceAll(path, '')).not.toMatch(/alice|johnson|555|winter|23307|wrong/i)
})

test('a look that finds the same tells nothing again, and another file is read with all', async () => {
  const path = folder({ 'b.csv': 'prose' })
  const logs: Log[] = []
  const news: FileNews[] = []
  const files = noticeFiles({ path, region: 'US', onFile: (word) => news.push(word) })
  for (let n = 0; n < 3; n++) for await (const _ of files.feed.pull(undefined, context(logs)));
  expect([logs.length, news.length]).toEqual([1, 1])
  put(join(path, 'c.csv'), polaris())
  for await (const _ of files.feed.pull(undefined, context(logs)));
  expect(news.map(({ state }) => state)).toEqual(['refused', 'refused', 'read'])
})

test('what was called off in the midst of a file is read to its end at the next look', async () => {
  const lines = Array.from({ length: 2_000 }, (_, i) => polaris({ holdId: String(1000 + i) }))
  const path = put(join(folder({}), 'PhoneNotices.csv'), lines.join('\n'))
  const files = noticeFiles({ path, region: 'US' })
  const stop = new AbortController()
  for await (const _ of files.feed.pull(undefined, { ...context(), signal: stop.signal })) stop.abort()
  const keys = new Set<string>()
  for await (const { interactions } of files.feed.pull(undefined, context()))
    for (const { key } of interactions) keys.add(key)
  expect(keys.size).toBe(2_000)
})
