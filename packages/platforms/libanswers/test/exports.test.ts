import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Interaction, Json } from '@prm/core'
import { afterAll, describe, expect, test } from 'vitest'
import { type ExportReport, type Exports, libanswers, type ReadOptions, readQuestions } from '../src/index.ts'
import { context } from './context.ts'

async function read(text: string, more: Partial<ReadOptions> = {}) {
  const facts: Interaction[] = []
  const bad: string[] = []
  let report: ExportReport | undefined
  async function* bytes() {
    yield new TextEncoder().encode(text)
  }
  const options = { of: 'chats', file: '2026.csv', timeZone: 'America/Chicago', ...more } as const
  for await (const batch of readQuestions(bytes(), options, 'answers')) {
    facts.push(...batch.interactions)
    bad.push(...batch.bad.map(({ line, reason }) => `${line}: ${reason}`))
    report = batch.report ?? report
  }
  return { facts, bad, report }
}

const chats = `\ufeffChat ID,Timestamp,Department,Answerer,Duration (seconds),Message Count,Rating (0-4),Tags,Initial Question,Transcript,Referrer,Name,IP,Favourite colour
501,2026-11-23 23:58:50,Reference,Sam Vega,190,4,4,"hours, rooms",When do you <b>close</b>?,"23:58:50 - Patron : When do you close?
00:00:10 - Sam Vega : See <a href=""https://alder.example/hours"">our hours</a> &amp; more",https://guides.alder.example/c.php?g=12&p=34&q=secret,Ada Pine,192.0.2.7,green
`

describe('a chat', () => {
  test('is a question with when it was answered and ended, its page, and what else is said of it', async () => {
    const { facts, report } = await read(chats)
    expect(facts).toEqual([
      {
        key: 'chat 501',
        type: 'question.asked',
        source: 'answers',
        at: '2026-11-24T05:58:50.000Z',
        by: { kind: 'staff', id: 'Sam Vega' },
        page: {
          system: 'web',
          id: 'guides.alder.example/c.php?g=12&p=34',
          url: 'https://guides.alder.example/c.php?g=12&p=34',
        },
        evidence: { independence: 'chat 501' },
        data: {
          medium: 'chat',
          text: 'When do you close?',
          answered: '2026-11-24T06:00:10.000Z',
          closed: '2026-11-24T06:02:00.000Z',
          queue: 'Reference',
          tags: ['hours', 'rooms'],
          other: {
            'Message Count': '4',
            'Rating (0-4)': '4',
            'Favourite colour': 'green',
            Duration: '190',
            Transcript: '23:58:50 - Patron : When do you close?\n00:00:10 - Sam Vega : See our hours & more',
          },
        },
      },
    ])
    expect(report).toMatchObject({
      file: '2026.csv',
      delimiter: ',',
      rows: 1,
      facts: 1,
      bad: 0,
      withoutId: 0,
      leftOut: ['Name', 'IP'],
      other: ['Message Count', 'Rating (0-4)', 'Favourite colour'],
      columns: { id: 'Chat ID', at: 'Timestamp', page: 'Referrer' },
    })
    expect(JSON.stringify(facts)).not.toMatch(/Ada|192\.0|secret/)
  })

  test('in two exports that overlap is one fact, also without an id', async () => {
    const header = 'Timestamp,Initial Question\n'
    const [a, b] = ['2026-11-23 10:00:00,Where?\n', '2026-11-23 10:00:00,When?\n']
    const keys = async (rows: string) => (await read(header + rows)).facts.map(({ key }) => key)
    const [first, second] = [await keys(a + b), await keys(b)]
    expect(new Set(first).size).toBe(2)
    expect(second).toEqual([first[1]])
    expect((await read(header + a)).report?.withoutId).toBe(1)
    expect(await keys('2026-11-23 10:00:00,Where?\n')).toEqual([first[0]])
  })

  test('of 0 as its id has none', async () => {
    const { facts } = await read(
      'Chat ID,Timestamp,Initial Question\n0,2026-11-23 10:00:00,Where?\n0,2026-11-24 10:00:00,Where?\n',
    )
    expect(new Set(facts.map(({ key }) => key)).size).toBe(2)
  })
})

describe('headers', () => {
  test.each([
    ['English', 'Chat ID;Timestamp;Initial Question'],
    ['Spanish', 'ID del chat;Marca de tiempo;Pregunta inicial'],
    ['French', 'ID de chat;Horodatage;Question initiale'],
  ])('in %s', async (_, header) => {
    const { facts } = await read(`${header}\n7;2026-11-23 10:00:00;Where?\n`)
    expect(facts.map(({ key, data }) => [key, (data as { text: string }).text])).toEqual([['chat 7', 'Where?']])
  })

  test('that are none of ours are named, and can be set', async () => {
    const text = 'Nummer,Wann,Frage\n7,2026-11-23 10:00:00,Wo?\n'
    await expect(read(text)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('Nummer, Wann, Frage'),
    })
    const { facts, report } = await read(text, { columns: { id: 'Nummer', at: 'Wann', question: 'Frage' } })
    expect([facts[0]?.key, report?.guessed]).toEqual(['chat 7', []])
  })
})

describe('dates', () => {
  test('are not guessed where the file does not tell, and are once it is set', async () => {
    const text = 'Chat ID,Timestamp\n1,04/05/2026 10:00\n2,05/05/2026 10:00\n'
    const { facts, bad, report } = await read(text)
    expect(facts.map(({ key }) => key)).toEqual(['chat 2'])
    expect(bad).toEqual([expect.stringContaining('2: its day and month can be read in two ways')])
    expect(report?.dates).toEqual({ by: 'unknown', guessed: 0 })
    const set = await read(text, { dates: 'day first' })
    expect(set.facts[0]?.at).toBe('2026-05-04T15:00:00.000Z')
    expect(set.report?.dates).toEqual({ by: 'set', order: 'day first', guessed: 0 })
  })

  test('that another date of the file decides are counted', async () => {
    const { facts, report } = await read('Chat ID,Timestamp\n1,04/05/2026 10:00\n2,25/05/2026 10:00\n')
    expect(facts[0]?.at).toBe('2026-05-04T15:00:00.000Z')
    expect(report?.dates).toEqual({ by: 'read', order: 'day first', guessed: 1 })
  })
})

test('a ticket has its state, and its patron by mail; a tally of a chat is one voice with it', async () => {
  const ticket =
    'Ticket ID,Created,Question,Status,Email,READ\n9,2026-11-23 10:00:00,Where?,Open,Ada@Patron.Example,2\n'
  expect((await read(ticket, { of: 'tickets' })).facts[0]).toMatchObject({
    key: 'ticket 9',
    who: { scheme: 'mailto', value: 'ada@patron.example' },
    data: { medium: 'ticket', open: true, readLevel: 2 },
  })
  const tally =
    'Id,Date,Time,Entered By,Email Address,Ticket #,Chat #,READ\n7,11/23/2026,10:05 AM,Sam,sam@alder.example,,501,1\n'
  const { facts } = await read(tally, { of: 'transactions', dataset: '77' })
  expect(facts[0]).toMatchObject({
    key: 'transaction 77/7',
    at: '2026-11-23T16:05:00.000Z',
    evidence: { independence: 'chat 501' },
    data: { readLevel: 1 },
  })
  expect(JSON.stringify(facts)).not.toContain('sam@')
})

describe('a folder of exports', () => {
  const made: string[] = []
  afterAll(() => made.forEach((path) => void rmSync(path, { recursive: true })))
  function folder(more: Partial<Exports> = {}) {
    const path = mkdtempSync(join(tmpdir(), 'prm-exports-'))
    made.push(path)
    const reports: ExportReport[] = []
    const answers = (columns?: Exports['columns']) =>
      libanswers({
        baseUrl: 'https://a.example',
        clientId: '1',
        clientSecret: 's',
        timeZone: 'America/Chicago',
        exports: [{ of: 'chats', path, onFile: (one) => reports.push(one), ...more, ...(columns && { columns }) }],
      })
    const pull = async (cursor?: Json, columns?: Exports['columns']) => {
      const keys: string[] = []
      const bad: string[] = []
      for await (const batch of answers(columns).feed?.pull(cursor, context()) ?? []) {
        keys.push(...batch.interactions.map(({ key }) => key))
        bad.push(...(batch.rejected ?? []).map(({ source, reason }) => `${source}: ${reason}`))
        cursor = batch.cursor
      }
      return { keys, bad, cursor }
    }
    return { path, pull, reports, write: (name: string, text: string) => writeFileSync(join(path, name), text) }
  }
  const row = (id: number) => `${id},2026-11-23 10:00:00,Where?\n`
  const header = 'Chat ID,Timestamp,Initial Question\n'

  test('is read file by file, and again only what is new or was exported again', async () => {
    const { path, pull, write, reports } = folder()
    write('2025.csv', header + row(1) + row(2))
    write('2026.csv', header + row(2) + row(3))
    write('notes.pdf', 'no export')
    const first = await pull()
    expect(first.keys).toEqual(['chat 1', 'chat 2', 'chat 2', 'chat 3']) // core keeps a key once
    expect((await pull(first.cursor)).keys).toEqual([])
    write('2026.csv', header + row(2) + row(3) + row(4))
    utimesSync(join(path, '2026.csv'), 1_800_000_000, 1_800_000_000)
    expect((await pull(first.cursor)).keys).toEqual(['chat 2', 'chat 3', 'chat 4'])
    expect(reports.map(({ file, facts }) => [file, facts])).toEqual([
      ['2025.csv', 2],
      ['2026.csv', 2],
      ['2026.csv', 3],
    ])
  })

  test('one file that is no export keeps no other from being read, and is read once its columns are set', async () => {
    const { pull, write } = folder()
    write('1.csv', 'Nummer,Wann\n7,2026-11-23 10:00:00\n')
    write('2.csv', header + row(1))
    const first = await pull()
    expect([first.keys, first.bad]).toEqual([
      ['chat 1'],
      [expect.stringContaining('1.csv: 1.csv: no column is known to be its date')],
    ])
    const set = await pull(first.cursor, { at: 'Wann', id: 'Nummer' })
    expect(set.keys).toContain('chat 7')
  })

  test('a folder that is not there is a wrong config', async () => {
    const { pull } = folder({ path: '/nowhere/at/all' })
    await expect(pull()).rejects.toMatchObject({ code: 'config' })
  })
})
