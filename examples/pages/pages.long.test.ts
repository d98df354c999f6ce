import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import axe from 'axe-core'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { datesOf } from './dates.ts'
import { sourcesOf } from './sources.ts'

const example = fileURLToPath(new URL('../run.ts', import.meta.url))
const start = fileURLToPath(new URL('../notice-to-sms/main.ts', import.meta.url))
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prm-pages-'))
})
afterAll(() => rm(folder, { recursive: true }))

const zone = 'America/Chicago'
function run(program: string, args: readonly string[], flags: readonly string[] = []) {
  const all = ['--disable-warning=ExperimentalWarning', '--conditions=@prm/source', ...flags, program, 'pages', ...args]
  return promisify(execFile)(process.execPath, all, {
    cwd: folder,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
    maxBuffer: 64e6,
  })
}
async function file(name: string, ...lines: readonly string[]): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, lines.join('\r\n'))
  return path
}

describe('the report of an invented library', () => {
  let out = ''
  beforeAll(async () => {
    out = join(folder, 'sample.html')
    await run(start, ['--out', out])
  })

  test('ranks pages, tells that the edit helped, and is the same as JSON', () => {
    const { pages, edits, rows } = JSON.parse(readFileSync(out.replace('.html', '.json'), 'utf8'))
    expect(pages.pages[0]).toMatchObject({ title: 'Borrowing and renewing' })
    expect(pages.pages[0].clusters[0].name).toContain('renew')
    expect(edits.edits[0]).toMatchObject({ day: '2026-02-16', effect: { enough: true, changed: true, controls: 8 } })
    expect(rows[pages.pages[0].ref]).toHaveLength(pages.pages[0].questions)
    // 26 and more chats stand in both yearly files.
    expect(new Set(Object.values(rows['pages unplaced'] ?? [])).size).toBe(rows['pages unplaced']?.length ?? 0)
  })

  test('holds nothing of what was planted about persons', () => {
    const raw = readFileSync(new URL('./samples/chats-2026.csv', import.meta.url), 'utf8')
    for (const planted of ['Abernathy', 'q.abernathy@', '+1212555', 'My card is 2', 'Rowan'])
      expect(raw).toContain(planted)
    for (const name of [out, out.replace('.html', '.json')]) {
      const report = readFileSync(name, 'utf8')
      expect(report).not.toMatch(/abernathy|quillon|\+1212555|212555\d|2\d{12}|rowan|PHPSESSID|ezproxy/i)
    }
  })

  test.skipIf(!existsSync('/usr/bin/chromium') && !process.env.CI)(
    'opens in a browser without a request, passes axe, and each number leads to as many rows',
    async () => {
      const browser = await chromium.launch({
        executablePath: process.env.PRM_CHROMIUM ?? '/usr/bin/chromium',
        args: ['--no-sandbox'],
      })
      try {
        for (const colorScheme of ['light', 'dark'] as const) {
          const page = await browser.newPage({ colorScheme })
          const asked: string[] = []
          page.on('request', (request) => asked.push(request.url()))
          await page.goto(pathToFileURL(out).href)
          expect(asked).toEqual([pathToFileURL(out).href])
          await page.evaluate(axe.source)
          const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
          expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
          const links = await page.$$eval('td a[href^="#rows-"], h4 a[href^="#rows-"]', (all) =>
            all.map((one) => {
              const ids = one.ownerDocument.querySelector(`${one.getAttribute('href')} + p`)?.textContent ?? ''
              return [Number(one.textContent), ids === '' ? 0 : ids.split(', ').length]
            }),
          )
          expect(links.length).toBeGreaterThan(80)
          for (const [shown, rows] of links) expect(rows).toBe(shown)
          await page.close()
        }
        const page = await browser.newPage()
        await page.goto(pathToFileURL(out).href)
        expect((await page.pdf({ format: 'A4' })).byteLength).toBeGreaterThan(10_000)
      } finally {
        await browser.close()
      }
    },
  )

  test('without rows no id is in it', async () => {
    const bare = join(folder, 'bare.html')
    await run(example, ['--out', bare, '--without-rows'])
    expect(readFileSync(bare, 'utf8')).not.toContain('rows-1')
    expect(JSON.parse(readFileSync(bare.replace('.html', '.json'), 'utf8')).rows).toBeUndefined()
  })
})

describe('files as they come', () => {
  const more = Array.from({ length: 200 }, (_, at) => `Custom ${at}`)
  test.each([
    ['en.csv', ',', ['Chat ID', 'Timestamp', 'Referrer', 'Initial Question'], ['Date', 'Page URL', 'Views']],
    [
      'es.csv',
      ';',
      ['Identificador', 'Fecha y hora', 'Página de origen', 'Pregunta inicial'],
      ['Fecha', 'Página', 'Vistas'],
    ],
    [
      'fr.csv',
      '\t',
      ['ID du clavardage', 'Horodatage', 'Page d’origine', 'Question initiale'],
      ['Jour', 'Page', 'Vues'],
    ],
    ['de.csv', ';', ['Chat-ID', 'Zeitstempel', 'Herkunftsseite', 'Erste Frage'], ['Datum', 'Seite', 'Seitenaufrufe']],
  ])('%s: 200 more columns, in its language', async (name, sign, head, viewHead) => {
    const wide = (cells: readonly string[], rest: readonly string[]) =>
      [...rest.slice(0, 90), ...cells, ...rest.slice(90)].join(sign)
    const chats = await file(
      name,
      wide(head, more),
      wide(
        ['7', '2026-10-05 15:00', 'https://a.example.org/x', '"how; do, I <b>renew</b> &amp; pay"'],
        more.map(() => ''),
      ),
    )
    const views = await file(
      `v-${name}`,
      '# a comment',
      viewHead.join(sign),
      ['05.10.2026', 'https://a.example.org/x', '"1.234"'].join(sign),
    )
    const { said, metrics, notes } = await sourcesOf([chats], [views], zone, 'month first')
    expect(said).toEqual([
      {
        id: 'chat 7',
        kind: 'chat',
        text: 'how; do, I renew & pay',
        at: '2026-10-05T20:00:00.000Z',
        page: 'https://a.example.org/x',
      },
    ])
    expect(metrics).toMatchObject([{ day: '2026-10-05', views: 1_234 }])
    expect(notes.join()).toContain('200 other columns left out')
  })

  test('yearly files that overlap: the same chat is once, the same day of views too', async () => {
    const head = 'Chat ID,Timestamp,Referrer,Initial Question'
    const [a, b] = ['1,2026-01-01 10:00,https://a.org/x,one', '2,2026-01-02 10:00,https://a.org/x,two']
    const chats = [await file('y1.csv', head, a), await file('y2.csv', head, a, b)]
    const viewed = ['2026-01-01,https://a.org/x,10', '2026-01-02,https://a.org/x,20']
    const views = [
      await file('w1.csv', 'Date,URL,Views', viewed[0] ?? ''),
      await file('w2.csv', 'Date,URL,Views', ...viewed),
    ]
    const { said, metrics, notes } = await sourcesOf(chats, views, zone, 'month first')
    expect(said.map(({ id }) => id)).toEqual(['chat 1', 'chat 2'])
    expect(metrics.map(({ views: seen }) => seen)).toEqual([10, 20])
    expect(notes.join()).toContain('1 chats were in another file')
  })

  test('views that are a dash are not known, and a date that is none is said', async () => {
    const chats = await file('d.csv', 'Chat ID,Timestamp,Referrer,Initial Question', '1,soon,https://a.org/x,one')
    const views = await file('dv.csv', 'Date,URL,Views', '2026-01-01,https://a.org/x,-', 'never,https://a.org/x,5')
    const { metrics, said, notes } = await sourcesOf([chats], [views], zone, 'month first')
    expect(metrics).toEqual([{ id: 'views dv.csv:2', day: '2026-01-01', page: 'https://a.org/x' }])
    expect(said[0]).not.toHaveProperty('at')
    expect(notes.join()).toMatch(/1 rows have a date that cannot be read.*1 rows without a day/)
  })

  test('a column that is missing is named with what it may be called', async () => {
    const chats = await file('m.csv', 'Chat ID,When,Initial Question', '1,2026-01-01,one')
    await expect(run(example, ['--chats', chats, '--views', chats])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/m\.csv has no column for: date \(Timestamp, .*; page \(Referrer/),
    })
  })

  test('an option that is none is refused with all there are', async () => {
    await expect(run(example, ['--chat', 'x'])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--views FILE'),
    })
  })

  test('100 MB of transcripts are read in less memory than that', async () => {
    const path = join(folder, 'big.csv')
    const stream = createWriteStream(path)
    stream.write('Chat ID,Timestamp,Referrer,Initial Question,Transcript\n')
    const talk = `"${'14:03:22 - Guest : hello <b>there</b>, how do I renew? '.repeat(700)}"`
    for (let at = 0; at < 2_800; at++)
      if (!stream.write(`${at},2026-01-0${(at % 9) + 1} 10:00,https://a.org/x,how do I renew,${talk}\n`))
        await once(stream, 'drain')
    stream.end()
    await once(stream, 'close')
    const views = await file('bv.csv', 'Date,URL,Views', '2026-01-01,https://a.org/x,9000')
    const { stdout } = await run(
      example,
      ['--chats', path, '--views', views, '--out', join(folder, 'big.html')],
      ['--max-old-space-size=80'],
    )
    expect(stdout).toContain('questions; 1 pages with a rate')
  })
})

describe('dates', () => {
  const one = (text: string, all: readonly string[] = [], otherwise: 'day first' | 'month first' = 'month first') =>
    datesOf([text, ...all], zone, otherwise).read(text)

  test.each([
    ['2026-10-05', '2026-10-05'],
    ['20261005', '2026-10-05'],
    ['2026-10-05 15:00:30', '2026-10-05T20:00:30.000Z'],
    ['2026-10-05T15:00:30Z', '2026-10-05T15:00:30.000Z'],
    ['2026-10-05T15:00:30+02:00', '2026-10-05T13:00:30.000Z'],
    ['10/25/2026 3:05 PM', '2026-10-25T20:05:00.000Z'],
    ['25/10/2026 03:05', '2026-10-25T08:05:00.000Z'],
    ['5.10.2026, 12:00 AM', '2026-10-05T05:00:00.000Z'],
    ['Oct 5, 2026', '2026-10-05'],
    ['5 de octubre de 2026', '2026-10-05'],
    ['14 juillet 2026', '2026-07-14'],
    ['3. März 2026', '2026-03-03'],
    // The hour that comes twice is the first, the one that is left out the next.
    ['2026-11-01 01:30', '2026-11-01T06:30:00.000Z'],
    ['2026-03-08 02:30', '2026-03-08T08:30:00.000Z'],
  ])('%s is %s', (text, at) => expect(one(text)).toBe(at))

  test.each(['soon', '2026-02-30', '31/31/2026', '2026-10-05 25:00', ''])('%j is no date', (text) => {
    expect(one(text)).toBeUndefined()
  })

  test('03/04 is read as the rest of its column, else as told, and the report says which', () => {
    expect(one('03/04/2026', ['25/04/2026'])).toBe('2026-04-03')
    expect(one('03/04/2026', ['04/25/2026'])).toBe('2026-03-04')
    expect(one('03/04/2026', [], 'day first')).toBe('2026-04-03')
    expect(datesOf(['03/04/2026'], zone, 'day first').why).toContain('no day is above 12, so day first was taken')
    const mixed = datesOf(['25/04/2026', '26/04/2026', '04/27/2026', '03/04/2026'], zone, 'month first')
    expect(mixed.why).toBe('2 dates can only be read day first, 1 only the other way')
    expect(mixed.read('04/27/2026')).toBe('2026-04-27')
  })
})
