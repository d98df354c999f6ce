import { execFile, execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { reason } from '../src/files.ts'
import { type FileNews, noticeFiles, type Row } from '../src/index.ts'
import { stopClock } from './clock.ts'
import { context, folder, look, put } from './look.ts'
import { hold, itiva, patron, polaris } from './rows.ts'

const names = (news: readonly FileNews[], root: string) =>
  news.map(({ file, state }) => [file.replace(`${root}/`, ''), state])

test('a file that changed in the last 2 seconds is left and named; an older one is read', async () => {
  stopClock()
  const root = folder({ 'old.csv': polaris() })
  put(join(root, 'new.csv'), polaris(), 1)
  const { news, rows } = await look({ path: root })
  expect(names(news, root)).toEqual([
    ['new.csv', 'left'],
    ['old.csv', 'read'],
  ])
  expect(rows).toHaveLength(1)
})

test('the age of a file goes by the machine’s clock, not by the host’s', async () => {
  stopClock()
  const path = put(join(folder({}), 'new.csv'), polaris(), 0)
  const news: FileNews[] = []
  const files = noticeFiles({ path, region: 'US', onFile: (word) => news.push(word) })
  for await (const _ of files.feed.pull(undefined, { ...context(), now: () => new Date(Date.now() + 60_000) }))
    expect.unreachable()
  expect(news.map(({ state }) => state)).toEqual(['left'])
})

test.each(['a.csv.part', 'a.tmp', 'a.csv.filepart', 'A.PART'])(
  '%s is still being written by its name',
  async (name) => {
    const root = folder({ [name]: polaris() })
    expect(names((await look({ path: root })).news, root)).toEqual([[name, 'left']])
  },
)

test('a folder gives its files; a folder within it is named, dot files are not', async () => {
  const root = folder({
    'a.csv': polaris(),
    'Holds/b.csv': polaris(),
    'Holds/old/c.csv': polaris(),
    '.hidden.csv': polaris(),
    '.git/d.csv': polaris(),
  })
  const { news } = await look({ path: root })
  expect(names(news, root)).toEqual([
    ['Holds', 'deeper'],
    ['a.csv', 'read'],
  ])
})

test('several paths are read in order, and a file that is named twice once', async () => {
  const root = folder({ 'a.csv': polaris(), 'b.csv': polaris() })
  symlinkSync(join(root, 'a.csv'), join(root, 'z.csv'))
  const { rows } = await look({ path: [join(root, 'b.csv'), root] })
  expect(rows.map(({ file }) => file)).toEqual([join(root, 'b.csv'), join(root, 'a.csv')])
})

// As root nothing is forbidden, so that `EACCES` is not made here: a link to nowhere, a path below a file and a pipe
// take the same way as a file without permission.
test('what cannot be opened is refused with a reason, and the rest is read', async () => {
  const root = folder({ 'a.csv': polaris() })
  symlinkSync(join(root, 'nowhere'), join(root, 'link.csv'))
  execFileSync('mkfifo', [join(root, 'pipe.csv')])
  const { news, rows, batches } = await look({
    path: [join(root, 'missing.csv'), join(root, 'a.csv', 'below.csv'), root],
  })
  expect(news.map(({ file, state, why }) => [file.replace(`${root}/`, ''), state, why])).toEqual([
    ['missing.csv', 'refused', 'there is no such file'],
    ['a.csv/below.csv', 'refused', 'it cannot be read (ENOTDIR)'],
    ['link.csv', 'refused', 'there is no such file'],
    ['pipe.csv', 'refused', 'it is neither a file nor a folder'],
    ['a.csv', 'read', undefined],
  ])
  expect(rows).toHaveLength(1)
  expect(batches[0]?.rejected).toHaveLength(4)
})

test('a file without permission is said to be one', () => {
  expect(reason(Object.assign(new Error(), { code: 'EACCES' }))).toBe('no permission to read it')
})

test.each([
  ['while it is recognised', 1, 'it cannot be read (EIO)'],
  ['while its rows are read', 9, 'after 0 rows it cannot be read (EIO)'],
])('a disk that fails at one file %s stops no other, and archives nothing of it', async (_, failing, why) => {
  const root = folder({ 'a.csv': polaris() })
  const handle = await open(join(root, 'a.csv'))
  await handle.close()
  const plain = handle.read
  let reads = 0
  vi.spyOn(Object.getPrototypeOf(handle), 'read').mockImplementation(function (this: unknown, ...args: unknown[]) {
    const eio = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' })
    return ++reads === failing ? Promise.reject(eio) : Reflect.apply(plain, this, args)
  })
  onTestFinished(() => void vi.restoreAllMocks())
  const { news } = await look({
    path: [join(root, 'a.csv'), folder({ 'b.csv': polaris() })],
    archive: join(root, 'done'),
  })
  expect(news.map((word) => [word.state, word.file.endsWith('a.csv') && word.why])).toContainEqual(['refused', why])
  expect(news.map(({ state }) => state)).toContain('archived')
  expect(existsSync(join(root, 'a.csv'))).toBe(true)
})

// ── archive ──────────────────────────────────────────────────────────────────────────────────

test('a file is archived after its last batch is committed, and not before', async () => {
  const root = folder({ 'PhoneNotices.csv': Array(1100).fill(polaris()).join('\n') })
  const archive = join(root, 'done')
  const pull = noticeFiles({ path: root, region: 'US', archive })
    .feed.pull(undefined, context())
    [Symbol.asyncIterator]()
  for (let batch = 1; batch <= 3; batch++) {
    expect((await pull.next()).done).toBe(false)
    expect(existsSync(join(root, 'PhoneNotices.csv'))).toBe(true)
  }
  expect((await pull.next()).done).toBe(true)
  expect([existsSync(join(root, 'PhoneNotices.csv')), readdirSync(archive)]).toEqual([false, ['PhoneNotices.csv']])
  expect((await look({ path: root, archive })).rows).toEqual([])
})

test('a host that stops after the last batch, uncommitted, archives nothing', async () => {
  const root = folder({ 'PhoneNotices.csv': polaris() })
  const archive = join(root, 'done')
  for await (const _ of noticeFiles({ path: root, region: 'US', archive }).feed.pull(undefined, context())) break
  expect(existsSync(join(root, 'PhoneNotices.csv'))).toBe(true)
})

test('nothing in the archive is overwritten', async () => {
  const root = folder({ 'a.csv': polaris({ holdId: '3' }), 'done/a.csv': 'one', 'done/a-2.csv': 'two' })
  const archive = join(root, 'done')
  const { news } = await look({ path: root, archive })
  expect(news.map(({ state, why }) => [state, why])).toEqual([
    ['read', undefined],
    ['archived', join(archive, 'a-3.csv')],
  ])
  expect(readdirSync(archive).sort()).toEqual(['a-2.csv', 'a-3.csv', 'a.csv'])
  expect(readFileSync(join(archive, 'a.csv'), 'utf8')).toBe('one')
})

test('without an archive a file is read again, with the same keys', async () => {
  const root = folder({ 'a.csv': [polaris(), itiva()].join('\n') })
  const [first, second] = [await look({ path: root }), await look({ path: root })]
  expect(second.facts).toEqual(first.facts)
})

test('a refused file stays where it is', async () => {
  const root = folder({ 'a.csv': 'prose\n' })
  await look({ path: root, archive: join(root, 'done') })
  expect([readdirSync(root), readdirSync(join(root, 'done'))]).toEqual([['a.csv', 'done'], []])
})

test('a file that changes while it is read is read to the end, not archived, and read again', async () => {
  const root = folder({ 'PhoneNotices.csv': polaris() })
  const path = join(root, 'PhoneNotices.csv')
  const news: FileNews[] = []
  const pull = noticeFiles({
    path,
    region: 'US',
    archive: join(root, 'done'),
    onFile: (word) => news.push(word),
  }).feed.pull(undefined, context())
  for await (const _ of pull) writeFileSync(path, polaris({ holdId: '18' }))
  expect(news.map(({ state, why }) => [state, why])).toEqual([
    ['read', undefined],
    ['left', 'it changed while it was read, and is read again'],
  ])
  expect(existsSync(path)).toBe(true)
})

test('of two that archive the same file at the same time one moves it, and the other says it is gone', async () => {
  const root = folder({ 'PhoneNotices.csv': polaris() })
  const archive = join(root, 'done')
  const told: { rows: Row[]; news: FileNews[] }[] = [
    { rows: [], news: [] },
    { rows: [], news: [] },
  ]
  const pulls = told.map(({ rows, news }) =>
    noticeFiles({
      path: root,
      region: 'US',
      archive,
      onRow: (row) => rows.push(row),
      onFile: (word) => news.push(word),
    })
      .feed.pull(undefined, context())
      [Symbol.asyncIterator](),
  )
  await Promise.all(pulls.map((pull) => pull.next()))
  await Promise.all(pulls.map((pull) => pull.next()))
  expect(told.map(({ news }) => news.at(-1)?.state).sort()).toEqual(['archived', 'gone'])
  // The name that is taken first may be that of who comes too late.
  expect(readdirSync(archive)).toEqual([expect.stringMatching(/^PhoneNotices(-2)?\.csv$/)])
  expect(new Set(told.flatMap(({ rows }) => rows.map((row) => ('key' in row ? row.key : '')))).size).toBe(1)
})

test('two processes on one folder archive each file once, lose none and fail at nothing', async () => {
  const root = folder(
    Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}.csv`, polaris({ holdId: String(i + 1) })])),
  )
  const archive = join(root, 'done')
  const run = promisify(execFile)
  const script = fileURLToPath(new URL('archiver.ts', import.meta.url))
  const ran = await Promise.all(
    [1, 2].map(() => run(process.execPath, ['--conditions=@prm/source', script, root, archive])),
  )
  const states = ran.flatMap(({ stdout }) => stdout.trim().split('\n').filter(Boolean))
  expect(states.filter((state) => state === 'archived')).toHaveLength(40)
  expect(states.filter((state) => !['read', 'archived', 'gone'].includes(state))).toEqual([])
  // Of two that reserve a name at once the second reserves another, and may be the one that moves the file.
  const names = readdirSync(archive).map((name) => name.replace('-2.csv', '.csv'))
  expect(names.sort()).toEqual(Array.from({ length: 40 }, (_, i) => `${i}.csv`).sort())
  expect(readdirSync(archive).every((name) => readFileSync(join(archive, name), 'utf8').length > 0)).toBe(true)
  expect(readdirSync(root)).toEqual(['done'])
})

test('a file that another process took between listing and opening is passed over', async () => {
  const root = folder({ 'a.csv': polaris(), 'text_patrons.txt': patron(), 'z.csv': hold() })
  const news: FileNews[] = []
  const pull = noticeFiles({ path: root, region: 'US', onFile: (word) => news.push(word) }).feed.pull(
    undefined,
    context(),
  )
  for await (const _ of pull) rmSync(join(root, 'z.csv'), { force: true })
  expect(names(news, root)).toContainEqual(['z.csv', 'gone'])
})

test('a file that is replaced after it was recognised is left for the next look, and not read as what it was', async () => {
  const root = folder({ 'a.csv': polaris(), 'z.csv': polaris() })
  const news: FileNews[] = []
  const pull = noticeFiles({ path: root, region: 'US', onFile: (word) => news.push(word) }).feed.pull(
    undefined,
    context(),
  )
  for await (const _ of pull) put(join(root, 'z.csv'), itiva(), 7200)
  expect(news.map(({ state, why }) => [state, why])).toEqual([
    ['read', undefined],
    ['left', 'it changed since it was found'],
  ])
})

test('an archive that cannot be made leaves the file, and says so', async () => {
  const root = folder({ 'a.csv': polaris(), 'not-a-folder': '' })
  const { news } = await look({ path: join(root, 'a.csv'), archive: join(root, 'not-a-folder', 'done') })
  expect(news.map(({ state }) => state)).toEqual(['read', 'left'])
  expect(existsSync(join(root, 'a.csv'))).toBe(true)
})

test.skipIf(!existsSync('/dev/shm'))('the archive may be on another device', async () => {
  const root = folder({ 'a.csv': polaris() })
  const archive = join('/dev/shm', `notice-files-${process.pid}`)
  mkdirSync(archive, { recursive: true })
  const { news } = await look({ path: root, archive })
  expect(news.at(-1)?.state).toBe('archived')
  expect(readFileSync(join(archive, 'a.csv'), 'utf8')).toBe(polaris())
  expect([readdirSync(root), readdirSync(archive)]).toEqual([[], ['a.csv']])
  rmSync(archive, { recursive: true })
})

test('a time in the future is another machine’s clock, and says nothing', async () => {
  const root = folder({ 'a.csv': polaris() })
  const then = Date.now() / 1000 + 3600
  utimesSync(join(root, 'a.csv'), then, then)
  expect((await look({ path: root })).rows).toHaveLength(1)
})
