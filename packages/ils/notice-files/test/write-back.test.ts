import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { type NoticeResult, PrmError } from '@prm/core'
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { noticeFiles } from '../src/index.ts'
import { context, folder, look } from './look.ts'
import { evergreen, itiva } from './rows.ts'

vi.mock('node:fs/promises', async (real) => ({ ...(await real<typeof fs>()) }))
afterEach(() => vi.restoreAllMocks())

const about = { source: 'notices', key: 'k' }
const result = (origin: string | undefined, state: NoticeResult['state'] = 'delivered'): NoticeResult => ({
  about,
  ...(origin && { origin }),
  state,
  at: '2026-11-24T15:00:00Z',
})
const report = (results: string, told: readonly NoticeResult[], ctx = context()) =>
  noticeFiles({ path: '/srv/none', region: 'US', results }).writeBack?.report(told, ctx)
const texts = (root: string) => readdirSync(root).map((name) => readFileSync(join(root, name), 'utf8'))

test('without results there is nowhere to tell outcomes', () => {
  expect(noticeFiles({ path: '.', region: 'US' })).not.toHaveProperty('writeBack')
})

test('Koha gets the file that its TalkingTech_itiva_inbound.pl reads, byte for byte', async () => {
  const root = folder({})
  await report(root, [result('itiva:101', 'undelivered'), result('itiva:77')])
  expect(readdirSync(root)).toEqual([expect.stringMatching(/^itiva-results-[0-9a-f]{16}\.csv$/)])
  expect(texts(root)).toEqual(['"77","SUCCESS"\n"101","FAIL"\n'])
})

test('Evergreen gets the file that its csv_notify_fetcher.pl reads', async () => {
  const root = folder({})
  await report(root, [result('evergreen:901'), result('evergreen:1000', 'not-sent')])
  expect(readdirSync(root)).toEqual([expect.stringMatching(/^evergreen-results-[0-9a-f]{16}\.csv$/)])
  // The pattern of the script.
  expect(
    texts(root)[0]
      ?.split('\n')
      .map((line) => /"(.+)","(.+)"/.exec(line)?.slice(1)),
  ).toEqual([['901', 'SUCCESS'], ['1000', 'FAIL'], undefined])
})

test.each([
  ['accepted', 'SUCCESS'],
  ['sent', 'SUCCESS'],
  ['delivered', 'SUCCESS'],
  ['read', 'SUCCESS'],
  ['undelivered', 'FAIL'],
  ['rejected', 'FAIL'],
  ['not-sent', 'FAIL'],
] as const)('%s is %s', async (state, word) => {
  const root = folder({})
  await report(root, [result('itiva:77', state)])
  expect(texts(root)).toEqual([`"77","${word}"\n`])
})

test('what has no origin, or one of another source, is left out, and nothing makes no file', async () => {
  const root = folder({})
  await report(root, [result(undefined), result('77'), result('koha:77'), result('itiva:x'), result('itiva:7 7')])
  await report(root, [])
  expect(readdirSync(root)).toEqual([])
})

test('several notices under one id are told as one row: SUCCESS when all were told', async () => {
  const root = folder({})
  await report(root, [
    result('evergreen:1'),
    result('evergreen:1', 'not-sent'),
    result('evergreen:2'),
    result('evergreen:2'),
    result('evergreen:3', 'rejected'),
    result('evergreen:3'),
  ])
  expect(texts(root)).toEqual(['"1","FAIL"\n"2","SUCCESS"\n"3","FAIL"\n'])
})

test('the same results twice, in whatever order, are one file', async () => {
  const root = folder({})
  const told = [result('itiva:77'), result('itiva:78', 'rejected'), result('itiva:9')]
  await report(root, told)
  const [name = ''] = readdirSync(root)
  await report(root, told.toReversed())
  expect(readdirSync(root)).toEqual([name])
  await report(root, [...told, result('itiva:80')])
  expect(readdirSync(root)).toHaveLength(2)
})

test('two processes that tell the same at once make one file, and leave nothing else', async () => {
  const root = folder({})
  await Promise.all(Array.from({ length: 20 }, () => report(root, [result('itiva:77'), result('itiva:78')])))
  expect(texts(root)).toEqual(['"77","SUCCESS"\n"78","SUCCESS"\n'])
})

test('whatever is reported, each id is one row that says whether all under it were told', async () => {
  const states = ['accepted', 'sent', 'delivered', 'read', 'undelivered', 'rejected', 'not-sent'] as const
  const one = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.constantFrom(...states))
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 40 }), async (told) => {
      const root = folder({})
      await report(
        root,
        told.map(([id, state]) => result(`itiva:${id}`, state)),
      )
      const rows = texts(root)[0]?.split('\n').slice(0, -1) ?? []
      const failed = new Set(told.flatMap(([id, state]) => (states.indexOf(state) > 3 ? [id] : [])))
      const ids = [...new Set(told.map(([id]) => id))].sort((a, b) => a - b)
      expect(rows).toEqual(ids.map((id) => `"${id}","${failed.has(id) ? 'FAIL' : 'SUCCESS'}"`))
    }),
    { numRuns: 50 },
  )
})

test('a file of another that has the name is not overwritten', async () => {
  const root = folder({})
  await report(root, [result('itiva:77')])
  const [name = ''] = readdirSync(root)
  writeFileSync(join(root, name), 'theirs')
  await report(root, [result('itiva:77')])
  await report(root, [result('itiva:77')])
  expect(texts(root).sort()).toEqual(['"77","SUCCESS"\n', 'theirs'])
})

test('a file has its name only when it is whole and on the disk', async () => {
  const root = folder({})
  const rename = vi.spyOn(fs, 'rename').mockImplementation(async (from) => {
    expect(String(from)).toMatch(/\/\.itiva-results-[^/]*\.tmp$/)
    expect(readFileSync(String(from), 'utf8')).toBe('"77","SUCCESS"\n')
    expect(readdirSync(root).filter((name) => !name.startsWith('.'))).toEqual([])
    throw Object.assign(new Error('crash'), { code: 'EIO' })
  })
  await expect(report(root, [result('itiva:77')])).rejects.toMatchObject({ code: 'unavailable' })
  expect(rename).toHaveBeenCalledOnce()
})

test.each([
  ['a full disk', 'ENOSPC', 'unavailable'],
  ['a disk that fails', 'EIO', 'unavailable'],
  ['no permission', 'EACCES', 'config'],
  ['a read-only disk', 'EROFS', 'config'],
])('%s (%s) is %s, and leaves nothing behind', async (_, code, expected) => {
  const root = folder({})
  const open = fs.open
  vi.spyOn(fs, 'open').mockImplementation(async (...args) => {
    const handle = await open(...args)
    handle.sync = () => Promise.reject(Object.assign(new Error(code), { code, syscall: 'fsync' }))
    return handle
  })
  const error = await report(root, [result('itiva:77')])?.catch((error: unknown) => error)
  expect(PrmError.is(error) && [error.code, error.message]).toEqual([expected, expect.stringContaining(code)])
  expect(readdirSync(root)).toEqual([])
})

test.each([
  ['a folder that is not there', 'none'],
  ['a file in its place', 'file'],
])('%s is config, and names the field', async (_, name) => {
  const root = folder({ file: 'x' })
  const error = await report(join(root, name), [result('itiva:77')])?.catch((error: unknown) => error)
  expect(PrmError.is(error) && [error.code, error.field, error.message]).toEqual([
    'config',
    'results',
    'noticeFiles: results: there is no such folder.',
  ])
  expect(readdirSync(root)).toEqual(['file'])
})

test('a host that stops is not told that the results are written', async () => {
  const root = folder({})
  await expect(report(root, [result('itiva:77')], context([], AbortSignal.abort()))).rejects.toMatchObject({
    code: 'unavailable',
  })
  expect(readdirSync(root)).toEqual([])
})

test('the way round: what the files call their notices comes back, and our own layout reads it', async () => {
  const root = folder({
    'koha.csv': [itiva(), itiva({ id: '0', barcode: '2' })].join('\n'),
    'evergreen.csv': evergreen(),
  })
  const { facts } = await look({ path: root })
  const back = folder({})
  await report(
    back,
    facts.map(({ origin }) => result(origin)),
  )
  const old = new Date(Date.now() - 3_600_000)
  for (const name of readdirSync(back)) await fs.utimes(join(back, name), old, old)
  const { results, bad } = await look({ path: back })
  expect(bad).toEqual([])
  expect(results.map(({ id, outcome }) => [id, outcome])).toEqual([
    ['901', 'SUCCESS'],
    ['77', 'SUCCESS'],
  ])
})

test('a folder that is read is no place for results', () => {
  const config = { path: ['/srv/a', '/srv/b'], region: 'US', archive: '/srv/done' }
  for (const results of ['/srv/b/', '/srv/done'])
    expect(() => noticeFiles({ ...config, results })).toThrow(/^noticeFiles: results: a folder of its own/)
  noticeFiles({ ...config, results: '/srv/b/results' })
})

test('a results folder among the files is neither read nor complained about', async () => {
  const root = folder({ 'koha.csv': itiva(), 'results/old.csv': '"1","FAIL"\n' })
  const { rows, news } = await look({ path: root, results: join(root, 'results') })
  expect([rows.length, news.map(({ state }) => state)]).toEqual([1, ['read']])
})

test('check says whether the results can be written', async () => {
  const root = folder({ 'koha.csv': itiva() })
  mkdirSync(join(root, 'results'))
  chmodSync(join(root, 'results'), 0o755)
  const last = async (results: string) =>
    (await noticeFiles({ path: root, region: 'US', results }).check(context())).at(-1)
  expect(await last(join(root, 'results'))).toEqual({
    what: 'outcomes.results',
    ok: true,
    detail: 'it can be written to',
  })
  for (const name of ['none', 'koha.csv'])
    expect(await last(join(root, name))).toMatchObject({
      what: 'outcomes.results',
      ok: false,
      hint: 'Make the folder, and give this process the right to write there.',
    })
})
