import { describe, expect, test } from 'vitest'
import { clockIn } from '../src/clock.ts'
import { dated, type Header, type Row, readCsv, whenOf } from '../src/index.ts'

const names = {
  id: ['chat id', 'id del chat', 'id du clavardage'],
  when: ['timestamp', 'fecha', 'date'],
  duration: ['duration', 'duracion', 'duree'],
  text: ['initial question', 'pregunta inicial', 'question initiale'],
} as const
type Role = keyof typeof names

async function* pieces(text: string | Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size)
}

async function read(text: string | Uint8Array, columns: { readonly [role in Role]?: string } = {}, size = 7) {
  const rows: Row<Role>[] = []
  const bad: string[] = []
  let header: Header<Role> | undefined
  for await (const batch of readCsv(pieces(text, size), { names, columns, file: 'chats.csv' })) {
    header = batch.header
    rows.push(...batch.rows)
    bad.push(...batch.bad.map(({ line, reason }) => `${line}: ${reason}`))
  }
  return { rows, bad, header }
}

describe('columns are found by their names', () => {
  test.each([
    ['English', 'Chat ID,Timestamp,Duration (seconds),Initial Question\n7,2026-11-24,60,Where?\n'],
    ['Spanish', 'Pregunta inicial;ID del chat;Duración (segundos);Fecha\nWhere?;7;60;2026-11-24\n'],
    ['French', 'ID du clavardage\tDate\tDurée (secondes)\tQuestion initiale\n7\t2026-11-24\t60\tWhere?\n'],
    [
      'a mark, capitals and CRLF',
      '\ufeff"CHAT ID","TimeStamp","duration","INITIAL QUESTION"\r\n"7","2026-11-24","60","Where?"\r\n',
    ],
  ])('%s', async (_, text) => {
    const { rows, bad, header } = await read(text)
    expect(rows.map(({ cells }) => cells)).toEqual([{ id: '7', when: '2026-11-24', duration: '60', text: 'Where?' }])
    expect(bad).toEqual([])
    expect(header?.guessed.toSorted()).toEqual(['duration', 'id', 'text', 'when'])
  })

  test('as they were set, before what they seem to be; and one that is set and missing is said, with what there is', async () => {
    const text = 'Chat ID,Ref,Initial Question\n7,A-7,Where?\n'
    const { rows, header } = await read(text, { id: 'ref' })
    expect(rows[0]?.cells.id).toBe('A-7')
    expect(rows[0]?.other).toEqual({ 'Chat ID': '7' })
    expect(header?.guessed).toEqual(['text'])
    await expect(read(text, { id: 'Number' })).rejects.toMatchObject({
      code: 'config',
      field: 'columns.id',
      message: expect.stringContaining('Chat ID, Ref, Initial Question'),
    })
  })

  test('of 200 columns all are kept, those of one name apart', async () => {
    const more = Array.from({ length: 198 }, (_, n) => `Field ${n}`)
    const { rows, header } = await read(`Chat ID,${more.join()},Note,Note\n7,${more.map((_, n) => n).join()},a,b\n`)
    expect(header?.other.length).toBe(200)
    expect(rows[0]?.other).toMatchObject({ 'Field 0': '0', 'Field 197': '197', Note: 'a', 'Note (2)': 'b' })
  })
})

describe('a row that cannot be read is bad, and the next one goes on', () => {
  test('too many columns', async () => {
    const { rows, bad } = await read('Chat ID,Initial Question\n1,a,b\n2,c\n3,d,\n4\n')
    expect(rows.map(({ cells }) => cells.id)).toEqual(['2', '3', '4'])
    expect(bad).toEqual(['2: it has 3 columns, and the header 2'])
  })

  test('a file cut off within quotes', async () => {
    const { rows, bad } = await read('Chat ID,Initial Question\n1,a\n2,"cut')
    expect(rows.map(({ cells }) => cells.id)).toEqual(['1'])
    expect(bad).toEqual([expect.stringContaining('a quote is not closed')])
  })

  test('a quote that swallows the rest, once it is longer than a row can be', async () => {
    const lines = `${'x'.repeat(1000)}\n`.repeat(5000)
    const { rows, bad } = await read(new TextEncoder().encode(`Chat ID,Initial Question\n1,a\n2,"${lines}`), {}, 65_536)
    expect(rows.map(({ cells }) => cells.id)).toContain('1')
    expect(bad[0]).toContain('a quote is not closed')
  })

  test('quotes, line ends and delimiters within a cell are of it', async () => {
    const { rows } = await read('Chat ID,Initial Question\n1,"a ""b"", c\nd"\n2,say "hi"\n')
    expect(rows.map(({ cells }) => cells.text)).toEqual(['a "b", c\nd', 'say "hi"'])
  })
})

describe('bytes', () => {
  test.each([
    ['UTF-8, cut within a letter', new TextEncoder().encode('Chat ID,Initial Question\n1,¿Dónde?\n')],
    ['windows-1252', Buffer.from('Chat ID,Initial Question\n1,¿Dónde?\n', 'latin1')],
    [
      'UTF-16 with a mark',
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Chat ID,Initial Question\n1,¿Dónde?\n', 'utf16le')]),
    ],
  ])('%s', async (_, bytes) => {
    expect((await read(bytes)).rows[0]?.cells.text).toBe('¿Dónde?')
  })

  test('a NUL somewhere is left out', async () => {
    expect((await read(`Chat ID,Initial Question\n1,${'a'.repeat(80)}\0b\n`, {}, 64)).rows[0]?.cells.text).toBe(
      `${'a'.repeat(80)}b`,
    )
  })

  test('what is no text is refused, and so is what is empty', async () => {
    await expect(read(new Uint8Array([80, 75, 3, 4, 0, 0]))).rejects.toMatchObject({ code: 'invalid' })
    await expect(read('')).rejects.toMatchObject({ code: 'invalid' })
  })
})

test('who stops reading ends the reading', async () => {
  let open = true
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      yield new TextEncoder().encode('Chat ID,Initial Question\n')
      for (let n = 0; ; n++) yield new TextEncoder().encode(`${n},a\n`.repeat(100))
    } finally {
      open = false
    }
  }
  for await (const { rows } of readCsv(endless(), { names, file: 'endless.csv' })) if (rows.length > 0) break
  await expect.poll(() => open).toBe(false)
})

describe('dates of a file', () => {
  const clock = clockIn('America/Chicago')
  async function at(dates: readonly string[], set?: 'month first' | 'day first'): Promise<readonly unknown[]> {
    const text = `Chat ID,Timestamp\n${dates.map((date, n) => `${n},"${date}"\n`).join('')}`
    const told: unknown[] = []
    for await (const { rows, dating } of dated(readCsv(pieces(text, 4096), { names, file: 'x.csv' }), ['when'], set))
      for (const { cells } of rows) told.push(whenOf(cells.when ?? '', dating, clock))
    return told.map((one) => ('at' in (one as object) ? (one as { at: string }).at : (one as { why: string }).why))
  }

  test('one that can be read in one order only tells it of the others', async () => {
    expect(await at(['04/05/2026', '25/12/2026'])).toEqual(['2026-05-04', '2026-12-25'])
    expect(await at(['04/05/2026 9:05 PM', '12/25/2026 00:00'])).toEqual([
      '2026-04-06T02:05:00.000Z',
      '2026-12-25T06:00:00.000Z',
    ])
  })

  test('where none does, or they contradict each other, nothing is guessed', async () => {
    expect(await at(['04/05/2026', '05/05/2026'])).toEqual([
      expect.stringContaining('can be read in two ways, and the file does not tell'),
      '2026-05-05',
    ])
    expect(await at(['04/05/2026', '25/12/2026', '12/25/2026'])).toEqual([
      expect.stringContaining('the file has both'),
      '2026-12-25',
      '2026-12-25',
    ])
    expect(await at(['04/05/2026'], 'day first')).toEqual(['2026-05-04'])
  })

  test('the evidence may come late, up to a thousand rows', async () => {
    const many = [...Array<string>(900).fill('04/05/2026'), '25/12/2026']
    expect((await at(many))[0]).toBe('2026-05-04')
  })
})
