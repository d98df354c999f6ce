import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linesOf } from '../src/file.ts'
import { type Audience, csv, csvLine, ndjson, type Read, rows } from '../src/index.ts'
import { bytes, header, library, text } from './town.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

async function read(audience: Audience): Promise<readonly Read[]> {
  const all: Read[] = []
  for await (const one of audience.read({ library })) all.push(one)
  return all
}
const ok = '1,Ann,212-555-0142,ann@example.org,es-mx,America/New_York,MAIN,adult,1980-02-29,2030-01-01,yes'

describe('a list', () => {
  test('becomes people with numbers that can be dialled, and keeps its columns', async () => {
    const [one] = await read(csv(text(`${header},Chess Club`, `${ok},Fridays`)))
    expect(one?.row).toEqual({
      line: 2,
      id: '1',
      consent: 'yes',
      person: {
        at: { scheme: 'ils', realm: 'list/id', value: expect.stringMatching(/^1~/) },
        also: [
          { scheme: 'tel', value: '+12125550142' },
          { scheme: 'mailto', value: 'ann@example.org' },
        ],
        name: 'Ann',
        locale: 'es-MX',
        timeZone: 'America/New_York',
        branch: 'MAIN',
        category: 'adult',
        birthDate: '1980-02-29',
        expires: '2030-01-01',
      },
      fields: expect.objectContaining({ id: '1', chess_club: 'Fridays', phone: '212-555-0142' }),
    })
  })

  test.each([
    ['id', ok.replace('1,', ','), 'There is no id'],
    ['phone', ok.replace('212-555-0142', '212-55'), 'too short'],
    ['phone', ok.replace('212-555-0142', 'ask her mother'), 'not a number'],
    ['email', ok.replace('ann@', 'ann'), 'no e-mail'],
    ['id', ok.replace('1,', '2.9001E+13,'), 'format its column as text'],
    ['phone', ok.replace('212-555-0142', '"2,12556E+11"'), 'format its column as text'],
    ['id', ok.replace('1,', '2e+13,'), 'format its column as text'],
    ['language', ok.replace('es-mx', 'the second'), 'no language'],
    ['language', ok.replace('es-mx', 'Spanish'), 'such as en or es-MX'],
    ['language', ok.replace('es-mx', 'zz'), 'no language'],
    ['timezone', ok.replace('America/New_York', 'Eastern'), 'IANA'],
    ['birthdate', ok.replace('1980-02-29', '1981-02-29'), 'no day'],
    ['birthdate', ok.replace('1980-02-29', '2/28/1980'), '2011-02-28'],
    ['expires', ok.replace('2030-01-01', 'never'), 'no day'],
    ['consent', ok.replace('yes', 'maybe'), 'neither yes nor no'],
  ])('whose %s is wrong is listed by line and field, and its value is not told', async (field, line, why) => {
    const [first, second] = await read(csv(text(header, line, ok)))
    expect(first?.bad).toMatchObject({ line: 2, field, why: expect.stringContaining(why) })
    expect(first?.bad?.why).not.toMatch(/mother|Eastern|1981|maybe|never/)
    expect(second?.row?.line).toBe(3)
  })

  test.each([
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${header}\n1,Zoë,,,,,,,,,yes\n`)],
    ['UTF-16, little end first', Buffer.from(`\ufeff${header}\n1,Zoë,,,,,,,,,yes\n`, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\ufeff${header}\n1,Zoë,,,,,,,,,yes\n`, 'utf16le').swap16()],
    ['UTF-16 without a mark', Buffer.from(`${header}\n1,Zoë,,,,,,,,,yes\n`, 'utf16le')],
    ['windows-1252', Buffer.from(`${header}\n1,Zoë,,,,,,,,,yes\n`, 'latin1')],
    ['old Mac line ends', Buffer.from(`${header}\r1,Zoë,,,,,,,,,yes\r`)],
  ])('in %s is read', async (_, raw) => {
    // A byte at a time: no encoding may depend on how the bytes come.
    const one = bytes(...[...raw].map((byte) => Uint8Array.of(byte)))
    expect((await read(csv(one))).map(({ row }) => [row?.id, row?.fields.name])).toEqual([['1', 'Zoë']])
  })

  test('pasted together of two encodings is read line by line', async () => {
    const mixed = Buffer.concat([
      Buffer.from(`${header}\n1,Zoë,,,,,,,,,yes\n`),
      Buffer.from('2,Zoë,,,,,,,,,yes\n', 'latin1'),
    ])
    expect((await read(csv(bytes(mixed)))).map(({ row }) => row?.fields.name)).toEqual(['Zoë', 'Zoë'])
  })

  test.each([';', '\t', '|'])('with the delimiter %j is recognised by its header', async (delimiter) => {
    const [one] = await read(csv(text(header.replaceAll(',', delimiter), ok.replaceAll(',', delimiter))))
    expect(one?.row?.id).toBe('1')
  })

  test('may say its delimiter in a first line, as Excel writes it', async () => {
    for (const first of ['sep=;', 'SEP=;', '"sep=;"']) {
      const all = await read(csv(text(first, header.replaceAll(',', ';'), ok.replaceAll(',', ';'), 'x;y')))
      expect(all.map(({ row, bad }) => [row?.line ?? bad?.line, row?.id])).toEqual([
        [3, '1'],
        [4, undefined],
      ])
    }
  })

  test.each(['es_MX', 'MAM', 'fre', 'zh-Hant-TW', 'es-419'])('knows the language %s', async (language) => {
    expect((await read(csv(text(header, ok.replace('es-mx', language)))))[0]?.row?.person.locale).toBeDefined()
  })

  test('believes who says no, though a spreadsheet spoilt their id', async () => {
    const [one] = await read(csv(text(header, ok.replace('1,', '2.9001E+13,').replace('yes', 'no'))))
    expect(one?.row?.consent).toBe('no')
  })

  test.each(['29001000000000', '2E13', 'E+1', 'A2E+13', '2+13'])('has the id %s as it is', async (id) => {
    expect((await read(csv(text(header, ok.replace('1,', `${id},`)))))[0]?.row?.id).toBe(id)
  })

  test.each(['yes', 'no'])('may have a number that a spreadsheet marked as text (consent %s)', async (consent) => {
    const [one] = await read(csv(text(header, ok.replace('212-555-0142', "'+12125550142").replace('yes', consent))))
    expect(one?.row?.person.also).toContainEqual({ scheme: 'tel', value: '+12125550142' })
  })

  test('may have quotes inside, also where none belong, and breaks within quotes', async () => {
    const all = await read(
      csv(
        text(
          header,
          '1,"Ann ""Annie"", B",,,,,,,,,yes',
          '2,Bo "Bobby" C,,,,,,,,,yes',
          '',
          '3,"two\nlines",,,,,,,,,yes',
          ok,
        ),
      ),
    )
    expect(all.map(({ row }) => [row?.line, row?.fields.name])).toEqual([
      [2, 'Ann "Annie", B'],
      [3, 'Bo "Bobby" C'],
      [5, 'two\nlines'],
      [7, 'Ann'],
    ])
  })

  test('with a ragged row says how many columns it has, and reads on', async () => {
    const [one, two] = await read(csv(text(header, '7,Ann,+12125550142', ok)))
    expect(one?.bad).toMatchObject({ line: 2, id: '7', why: expect.stringContaining('3 columns, the header 11') })
    expect(two?.row?.line).toBe(3)
  })

  test.each([
    ['no id', 'name,phone', 'no column "id"'],
    ['neither phone nor email', 'id,name', 'no column "phone": rename the one of the numbers, or add "email"'],
    ['numbers by another name', 'id,Mobile', 'no column "phone": rename "mobile", if that is the one, or add "email"'],
    ['one column twice', 'id,phone,Name,name', '"name" is there twice'],
    ['a column without a name', 'id,,phone', 'Column 2 has no name'],
  ])('whose header has %s is refused', async (_, head, why) => {
    await expect(read(csv(text(head, '1,2,3')))).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining(why),
    })
  })

  test('with a quote that is never closed is refused with its line: no row is eaten', async () => {
    const many = Array.from({ length: 30_000 }, () => ok)
    for (const rest of [[ok], many])
      await expect(read(csv(text(header, ok, ok.replace('Ann', '"Ann'), ...rest)))).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringContaining('line 3'),
      })
  })

  test.each([
    ['at the next quoted cell', [ok.replace('Ann', '"Ann'), ok, ok.replace('Ann', '"Bo"')], 5],
    ['in the next row', [ok.replace('Ann', '"Ann'), ok.replace('Ann', 'Bo"')], 4],
    ['in another column', [ok.replace(',MAIN', ',"MAIN'), ok, ok.replace('1,Ann', '1,"Bo"')], 5],
    ['within a quoted cell', [ok.replace('1,', '"1,'), ok.replace('Ann', '"Lee, Ann"')], 4],
  ])('with a quote that is closed %s is refused: nobody is told what the rows between say', async (_, some, until) => {
    await expect(read(csv(text(header, ok, ...some, ok)))).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(`line 3: A quote .* closed in line ${until} only`),
    })
  })

  test('may have prose of several lines, with commas', async () => {
    const prose = '"12 Elm St, Apt 4, Springfield, IL\nUSA, North America, and so on"'
    const all = await read(csv(text('id,phone,address', `1,212-555-0142,${prose}`, '2,212-555-0143,')))
    expect(all.map(({ row }) => row?.line)).toEqual([2, 4])
  })

  test.each([
    ['nothing', Buffer.from('')],
    ['a spreadsheet', Buffer.from('PK\x03\x04 and so on')],
    ['zero bytes', Buffer.from(`${header}\n1,A\0nn,,,,,,,,,yes\n`)],
  ])('that is %s is refused', async (_, raw) => {
    await expect(read(csv(bytes(raw)))).rejects.toMatchObject({ code: 'invalid' })
  })

  test('that is not there is refused, naming no path', async () => {
    await expect(read(csv('/nowhere/patrons.csv'))).rejects.toMatchObject({
      code: 'invalid',
      message: 'The list cannot be read: there is no such file.',
    })
  })

  test('is read whole where a character stands across the end of a piece, wherever that is', async () => {
    for (const before of ['', 'x']) {
      const name = `${before}${'😀'.repeat(20_000)}`
      const [one] = await read(csv(bytes(Buffer.from(`id,name,phone\n1,${name},+12125550142\n`))))
      expect(one?.row?.fields.name === name).toBe(true)
    }
  })

  test('takes no more memory the longer it is', async () => {
    const lines = `${ok}\n`.repeat(1_000)
    const audience = csv(
      Readable.from(
        (function* () {
          yield Buffer.from(`${header}\n`)
          for (let at = 0; at < 200; at++) yield Buffer.from(lines)
        })(),
      ),
    )
    const heap: number[] = []
    let count = 0
    for await (const { row } of audience.read({ library })) {
      if (!row || ++count % 40_000 !== 0) continue
      collect()
      heap.push(process.memoryUsage().heapUsed)
    }
    expect(count).toBe(200_000)
    // In 14 MB of text.
    expect((heap.at(-1) as number) - (heap[0] as number)).toBeLessThan(3 * 1024 * 1024)
  })

  test('can be JSON, a line each', async () => {
    const all = await read(
      ndjson(
        text(
          '{"id":1,"phone":"+12125550142","consent":true,"interests":["chess","go"]}',
          '',
          '{"id":',
          '[]',
          '{"id":"2","who":{}}',
        ),
      ),
    )
    expect(all[0]?.row).toMatchObject({ line: 1, id: '1', consent: 'yes', fields: { interests: 'chess;go' } })
    expect(all.slice(1).map(({ bad }) => [bad?.line, bad?.why])).toEqual([
      [3, 'It is no JSON.'],
      [4, 'It is no object.'],
      [5, 'It is neither a text, a number nor a list of them.'],
    ])
  })

  test('can be objects', async () => {
    const [one] = await read(rows([{ ID: 'a', Email: 'ANN@example.org' }]))
    expect(one?.row).toMatchObject({ id: 'a', person: { also: [{ scheme: 'mailto', value: 'ann@example.org' }] } })
    expect(one?.row).not.toHaveProperty('consent')
  })

  test('whatever is written as CSV is read back, and no cell is a formula', async () => {
    const cell = fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .map((one) => one.replaceAll('\0', '').replaceAll('\r', '').trim())
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 8 }), async (names) => {
        const lines = names.map((name, index) => csvLine([String(index + 1), name, '+12125550142']))
        const all = await read(csv(bytes(Buffer.from(['id,name,phone\r\n', ...lines].join('')))))
        const bare = (name = '') => name.replace(/^'(?=[=+\-@\t\r＝＋－＠])/, '')
        expect(all.map(({ row }) => bare(row?.fields.name))).toEqual(names.map(bare))
        for (const { row } of all) expect(row?.fields.name).not.toMatch(/^[=@]/)
      }),
      { numRuns: 200 },
    )
    expect(csvLine(['=HYPERLINK("http://evil.example")', '+1', '-1+1', '@x', '+12125550142'])).toBe(
      `"'=HYPERLINK(""http://evil.example"")",+1,"'-1+1","'@x",+12125550142\r\n`,
    )
  })
})

test('lines end with LF, CR or both, wherever the pieces of a text end, and with nothing else', async () => {
  async function* pieces() {
    yield* ['a\r', '\nb\rc', '\n', '\u2028d\u2029', '\n\ne\r']
  }
  const lines: string[] = []
  for await (const line of linesOf(pieces())) lines.push(line)
  expect(lines).toEqual(['a', 'b', 'c', '\u2028d\u2029', '', 'e'])
})
