import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, put, run, samples } from './run.ts'

const at = ['--now', '2026-11-25T03:30:00Z', '--voice-as', 'sms']
const itiva = (card: string, phone: string, item: string, id: string): string =>
  `"V","EN","RESERVE","1","${card}","","Omar","Said","${phone}","","MPL","MPL","Midtown","${item}","04/12/2026","A Title","${id}"\n`

/** A family of two holds, one who failed at the vendor, one of whom nothing is reported, and one who cannot be told. */
function notices(): string {
  const to = folder()
  const rows = [
    itiva('21234000000203', '212-555-0160', '31234000000030', '11'),
    itiva('21234000000203', '212-555-0160', '31234000000031', '12'),
    itiva('21234000000204', '212-555-0161', '31234000000032', '13'),
    itiva('21234000000205', '212-555-0162', '31234000000033', '14'),
    itiva('21234000000206', '', '31234000000034', '15'),
    itiva('21234000000207', '212-555-0164', '31234000000035', '16'),
  ]
  put(to, 'outbound.csv', rows.join(''))
  return to
}

function reports(): string {
  const to = folder()
  const ids = ['"11","SUCCESS"', '"12","SUCCESS"', '"13","FAIL"', '"15","SUCCESS"', '"16","SUCCESS"', '"99","SUCCESS"']
  put(to, 'results.csv', `${ids.join('\n')}\n`)
  const mail = [
    'Subject: Invalid patron phone number Tue, November 24th 2026',
    '',
    'These patrons have OPTED-OUT:',
    '2125550164 :: 21234000000207 :: 12 :: 8 :: SMS',
    '',
    'These are invalid:',
    '2125550199 :: 21234000000208 :: 13 :: 8 :: SMS',
  ]
  put(to, 'mail.txt', `${mail.join('\n')}\n`)
  return to
}

test('--shadow lists per patron what would be sent and when, and what the vendor did otherwise', async () => {
  const store = join(folder(), 's.db')
  const ran = await run([notices(), '--shadow', reports(), '--json', '--store', store, ...at])
  expect(ran.err).not.toContain('expected')
  expect(ran.code).toBe(0)
  const of = (card: string) => ran.lines.find(({ shadow }) => shadow?.card === card)?.shadow
  expect(of('21234000000203')).toMatchObject({
    ours: { to: '+12125550160', at: '2026-11-25T14:00:00.000Z', notices: 2 },
    vendor: ['told', 'told'],
    differs: ['one text here, 2 notices at the vendor'],
  })
  expect(of('21234000000203')?.about).toEqual([
    expect.stringContaining('outbound.csv:1'),
    expect.stringContaining('outbound.csv:2'),
  ])
  expect(of('21234000000204')).toMatchObject({ vendor: ['failed'], differs: [expect.stringContaining('failed')] })
  expect(of('21234000000205')).toMatchObject({ vendor: ['silent'], differs: [expect.stringContaining('nothing')] })
  expect(of('21234000000206')).toMatchObject({
    ours: { why: 'address' },
    differs: [expect.stringContaining('we would not')],
  })
  expect(of('21234000000207')).toMatchObject({ vendor: ['told'], differs: [expect.stringContaining('opted out')] })
  const lonely = ran.lines.flatMap(({ shadow }) => shadow?.vendorOnly ?? [])
  expect(lonely).toEqual([{ id: '99', place: expect.stringContaining('results.csv:6') }])
  expect(ran.lines.find(({ beside }) => beside)?.beside).toEqual({ decisions: 5, differ: 5, vendorOnly: 1 })
  const off = ran.lines.find(({ switchOff }) => switchOff)?.switchOff?.join(' ')
  expect(off).toMatch(/TalkingTech_itiva_outbound.pl.*HOLD, HOLDDGST/)
  expect(off).not.toContain('ODUE')
  expect(ran.lines.filter(({ message }) => message)).toEqual([])
  expect(readdirSync(join(store, '..'))).toEqual([])
})

test('where both agree nothing is marked, and people read it without --json', async () => {
  const agreed = put(folder(), 'results.csv', '"4471","SUCCESS"\n"4472","SUCCESS"\n')
  const file = put(folder(), 'out.csv', itiva('21234000000204', '212-555-0161', '31234000000031', '4471'))
  const ran = await run([file, '--shadow', agreed, ...at])
  expect(ran.out).toContain('card 21234000000204')
  expect(ran.out).toContain('▸ +12125550161 25 Nov 2026, 08:00 Your library: 1 hold is ready')
  expect(ran.out).toContain('1 decisions, 0 differ; 1 only at the vendor')
  expect(ran.out.match(/≠/g)).toHaveLength(1) // 4472, of which there is no notice
})

test('a report that cannot be read, or is none, is named and ends with 1; --send is refused', async () => {
  const file = put(folder(), 'out.csv', itiva('21234000000204', '212-555-0161', '31234000000031', '4471'))
  const junk = folder()
  put(junk, 'results.csv', '"4471","MAYBE","x"\n')
  const ran = await run([file, '--shadow', junk, ...at])
  expect(ran.code).toBe(1)
  expect(ran.err).toContain('results.csv')
  const swapped = await run([file, '--shadow', join(samples, 'itiva-outbound.csv'), ...at])
  expect(swapped.code).toBe(1)
  expect(swapped.err).toContain('where results and reports of the vendor were expected')
  const sending = await run([file, '--shadow', junk, '--send', '--simulate', ...at])
  expect(sending.code).toBe(2)
  expect(sending.err).toContain('--shadow sends nothing')
})
