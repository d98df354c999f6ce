import { readFileSync } from 'node:fs'
import type { Conversation, Library } from '@prm/core'
import { afterEach, describe, expect, test } from 'vitest'
import { maria, type Town, town } from '../springfield/town.ts'

const { patron_id, phone } = maria
const stranger = '+12125550144'
const open: Town[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

/** A Tuesday, ten in the morning, unless said otherwise. */
async function springfield(at = '2026-11-24T16:00:00.000Z', library: Partial<Library> = {}) {
  const place = await town({ at, library })
  open.push(place)
  // Koha says whose number it is with the news that a loan is due.
  place.koha.loan({ checkout_id: 2003, patron_id, item_id: 501, due_date: `${at.slice(0, 10)}T23:59:00-06:00` })
  await place.prm.pull('koha')
  /** What this was answered. */
  const said = async (body: string, from = phone): Promise<readonly string[]> => {
    const before = place.texts(from).length
    await place.text(from, body)
    return place
      .texts(from)
      .slice(before)
      .map((one) => one.replace('Springfield Library: ', ''))
  }
  const send = async (purpose: 'pickup' | 'teens', key: string) =>
    (await place.prm.send({ to: { scheme: 'tel', value: phone }, purpose, content: { text: 'news' }, key })).outcome
      .send
  const waiting = async (): Promise<readonly Conversation[]> => {
    const found: Conversation[] = []
    for await (const one of place.prm.conversations({ state: 'open', order: 'oldest' })) found.push(one)
    return found
  }
  return { place, said, send, waiting }
}

// ── success ──────────────────────────────────────────────────────────────────────────────────
// "fixture of 300 messages in 6 languages routed as labelled" is in packages/keywords/test/corpus.test.ts.

interface Labelled {
  readonly body: string
  readonly locale: string
  readonly word?: string
  readonly scope?: string
  readonly stopped?: boolean
  readonly open?: boolean
}
const corpus = ['open', 'kept', 'others-open', 'own-fitted', 'own-aside'].flatMap((file) => {
  const path = new URL(`../../packages/keywords/test/corpus/${file}.json`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')) as readonly Labelled[]
})

test('every opt-out wording in the set honoured', async () => {
  const { place } = await springfield()
  const stops = corpus.filter(({ word, scope }) => word === 'stop' && (scope === undefined || scope === '*'))
  expect(stops.length).toBeGreaterThan(300)
  const numberOf = (index: number) => `+1312555${String(index).padStart(4, '0')}`
  for (const [index, { body }] of stops.entries())
    await place.prm.handle(place.sms.webhook({ from: numberOf(index), body }))
  await place.settle()
  const heard: string[] = []
  for (const [index, { body, locale }] of stops.entries()) {
    const to = { scheme: 'tel', value: numberOf(index) }
    const { outcome } = await place.prm.send({
      to,
      purpose: 'answer',
      content: { text: 'x' },
      key: `x ${index}`,
      dryRun: true,
    })
    if (outcome.send) heard.push(`${locale} ${body}`)
  }
  expect(heard).toEqual([])
})

describe('HOURS right on holidays and DST', () => {
  const hours = {
    sun: [
      { from: '00:30', to: '03:30' },
      { from: '12:00', to: '17:00' },
    ],
    mon: [{ from: '09:00', to: '20:00' }],
  }
  test.each<[string, string, string, Partial<Library>]>([
    ['an ordinary day', '2026-11-24T16:00:00.000Z', 'Tue, Nov 24: open 10:00-20:00. Open now, until 20:00.', {}],
    [
      'the evening before a holiday',
      '2026-11-26T03:00:00.000Z',
      'Wed, Nov 25: open 10:00-20:00. Closed now, opens Fri, Nov 27, 10:00.',
      {},
    ],
    ['the holiday', '2026-11-26T18:00:00.000Z', 'Thu, Nov 26: closed. Closed now, opens Fri, Nov 27, 10:00.', {}],
    [
      'the minute before closing',
      '2026-11-25T01:59:00.000Z',
      'Tue, Nov 24: open 10:00-20:00. Open now, until 20:00.',
      {},
    ],
    [
      'the minute of closing',
      '2026-11-25T02:00:00.000Z',
      'Tue, Nov 24: open 10:00-20:00. Closed now, opens Wed, Nov 25, 10:00.',
      {},
    ],
    // 8 March 2026: after 01:59 comes 03:00. 1 November: 01:00 to 01:59 come twice.
    [
      'before the hour that is left out',
      '2026-03-08T07:59:00.000Z',
      'Sun, Mar 8: open 0:30-3:30 and 12:00-17:00. Open now, until 3:30.',
      { openingHours: hours },
    ],
    [
      'after it',
      '2026-03-08T08:31:00.000Z',
      'Sun, Mar 8: open 0:30-3:30 and 12:00-17:00. Closed now, opens 12:00.',
      { openingHours: hours },
    ],
    [
      'the second pass of an hour',
      '2026-11-01T07:30:00.000Z',
      'Sun, Nov 1: open 0:30-3:30 and 12:00-17:00. Open now, until 3:30.',
      { openingHours: hours },
    ],
  ])('%s', async (_, at, answer, library) => {
    const { said } = await springfield(at, library)
    expect(await said('hours?', stranger)).toEqual([answer])
  })

  test.each<[string, string, string, Partial<Library>]>([
    ['over the spring night', '2026-03-08T02:00:00.000Z', 'from Sun, Mar 8, 12:00 on, in 15 h 0 min.', {}],
    ['over the autumn night', '2026-11-01T01:07:00.000Z', 'from Sun, Nov 1, 12:00 on, in 16 h 53 min.', {}],
    [
      'until soon after the autumn night',
      '2026-11-01T01:07:00.000Z',
      'from Sun, Nov 1, 6:00 on, in 10 h 53 min.',
      { openingHours: { sun: [{ from: '06:00', to: '12:00' }] } },
    ],
    ['over a holiday', '2026-11-26T02:30:00.000Z', 'from Fri, Nov 27, 10:00 on, in 37 h 30 min.', {}],
  ])('a question after hours is told when it is read, to the minute: %s', async (_, at, answer, library) => {
    const { said } = await springfield(at, library)
    expect(await said('do you have a 3d printer?', stranger)).toEqual([expect.stringContaining(answer)])
  })
})

// ── failures ─────────────────────────────────────────────────────────────────────────────────

test('carrier already intercepted STOP', async () => {
  const { place } = await springfield()
  place.sms.setWebhookUrl('https://nobody.example/sms') // the text never comes here
  await place.sms.text({ from: phone, body: 'STOP' })
  place.sms.setWebhookUrl(`${place.url}/sms`)
  const hold = {
    patron_id,
    biblio_id: 102,
    item_id: 502,
    status: 'W',
    waiting_date: '2026-11-24',
    expiration_date: '2026-12-01',
  }
  place.koha.hold({ ...hold, hold_id: 3003 })
  await place.until('2026-11-24T17:00:00.000Z')
  const [{ outcome = '' } = {}] = (await place.prm.explain('ready hold-ready 3003 2026-11-24')).message?.attempts ?? []
  expect(outcome).toMatch(/^blocked/)
  // It is learnt from the refusal: the next goes by mail, and Twilio is not tried again.
  place.koha.hold({ ...hold, hold_id: 3004, biblio_id: 103 })
  await place.until('2026-11-24T18:00:00.000Z')
  expect(place.texts(phone)).toEqual([])
  expect(place.mailbox.mails.map(({ to }) => to)).toEqual([maria.mail])
  expect((await place.prm.explain('ready hold-ready 3004 2026-11-24')).text).toContain('✗ suppressed (sms)')
})

test('auto-reply loops between two machines', async () => {
  const { said, waiting } = await springfield()
  const answers: number[] = []
  for (let n = 0; n < 6; n++) answers.push((await said(`Thank you for your message. Ticket ${n}`, stranger)).length)
  expect(answers).toEqual([1, 1, 1, 0, 0, 0])
  expect((await waiting()).map(({ pending }) => pending.length)).toEqual([6]) // one line of the list, with all of it
  // A keyword begins anew.
  expect((await said('HOURS', stranger)).length).toBe(1)
  expect((await said('hello? anybody', stranger)).length).toBe(1)
})

test('keyword equals a book title', async () => {
  const { place, said, send, waiting } = await springfield()
  for (const title of ['do you have "Stop"?', 'is The Hours in?', 'have you got the book Quit'])
    expect(await said(title), title).toEqual([expect.stringContaining('A librarian reads this')])
  expect((await waiting()).flatMap(({ pending }) => pending).length).toBe(3)
  expect(await send('pickup', 'a')).toBe(true) // nobody was opted out
  expect(place.koha.town.loans.get(2003)?.renewals_count).toBe(0)
})

test('long multipart arriving out of order', async () => {
  const { place, said, waiting, send } = await springfield()
  const parts = [
    '(1/2) I would like to reserve the room for my reading group, if it is free on',
    '(2/2) Friday. Otherwise please cancel. '.padEnd(1_500, '🙂 '),
  ]
  await said(parts[1] as string)
  await said(parts[0] as string)
  const [conversation, ...more] = await waiting()
  expect(more).toEqual([])
  const { thread } = await place.desk.thread(conversation?.id ?? '')
  const received = thread
    .filter(({ type }) => type === 'message.received')
    .map(({ data }) => (data as { content: { text: string } }).content.text)
  expect(received).toEqual([parts[1], parts[0]].map((part) => part as string))
  expect(await send('pickup', 'a')).toBe(true) // a part that says cancel opts nobody out
  const sam = place.desk.as({ kind: 'staff', id: 'sam' })
  await sam.reply(conversation?.id ?? '', 'It is free, and yours.')
  await place.settle()
  expect(await waiting()).toEqual([]) // one answer answers both
  expect(place.texts(phone).filter((one) => one === 'It is free, and yours.').length).toBe(1)
})

test('number ported to someone else', async () => {
  const { place, said, waiting } = await springfield()
  const hold = { patron_id, biblio_id: 102, item_id: 502, status: 'W', expiration_date: '2026-12-05' }
  place.koha.hold({ ...hold, hold_id: 3003, waiting_date: '2026-11-24' })
  await place.until('2026-11-24T17:00:00.000Z')
  expect(place.texts(phone).length).toBe(1)
  // Maria has a new number, and her old one is somebody else's now; Koha knows.
  Object.assign(place.koha.town.patrons.get(patron_id) ?? {}, { sms_number: '(212) 555-0199' })
  place.koha.hold({ ...hold, hold_id: 3004, waiting_date: '2026-11-25' })
  await place.until('2026-11-25T17:00:00.000Z')
  expect([place.texts(phone).length, place.texts('+12125550199').length]).toEqual([1, 1])
  // Whoever has it now renews nothing of hers, and is told nothing of her.
  expect(await said('RENEW')).toEqual([expect.stringContaining('we do not know this number yet')])
  expect(await said('MYHOLDS')).toEqual([expect.stringContaining('we do not know this number yet')])
  expect(place.koha.town.loans.get(2003)?.renewals_count).toBe(0)
  await said('who is this?')
  expect((await waiting()).map(({ patronId }) => patronId)).toEqual([undefined])
  // Their STOP is of the number, and Maria goes on being told at hers.
  await said('wrong person, stop texting me')
  place.koha.hold({ ...hold, hold_id: 3005, waiting_date: '2026-11-27' })
  await place.until('2026-11-28T17:00:00.000Z')
  expect(place.texts('+12125550199').length).toBe(2)
})

// "flood from one number" is in packages/inbox/test/page.test.ts; here, what it costs.
test('a keyword that floods in is answered once a minute', async () => {
  const { place, said } = await springfield()
  for (let n = 0; n < 20; n++) await place.prm.handle(place.sms.webhook({ from: phone, body: 'HOURS' }))
  await place.settle()
  expect(place.texts(phone)).toHaveLength(1)
  await place.until('2026-11-24T16:02:00.000Z')
  expect(await said('HOURS')).toHaveLength(1)
  expect(await said('RENEW')).toHaveLength(1)
})

test('a number that Koha knows is known at its first text, and one of two cards is not', async () => {
  const { place, said } = await springfield()
  place.koha.patron({ patron_id: 1004, cardnumber: '23529000010004', surname: 'Rowan', sms_number: '212-555-0177' })
  place.koha.loan({ checkout_id: 2004, patron_id: 1004, item_id: 502, due_date: '2026-11-26T23:59:00-06:00' })
  expect(await said('RENEW', '+12125550177')).toEqual([expect.stringContaining('renewed until')])
  for (const id of [1005, 1006])
    place.koha.patron({ patron_id: id, cardnumber: `235290000${id}`, surname: 'Oak', sms_number: '212-555-0178' })
  expect(await said('RENEW', '+12125550178')).toEqual([expect.stringContaining('we do not know this number yet')])
})

test('a number that Koha cannot be asked about is not called unknown', async () => {
  const { place, said } = await springfield()
  for (let n = 0; n < 9; n++) place.koha.faultAt('server-error', /GET \/api\/v1\/patrons/)
  expect(await said('RENEW', '+12125550177')).toEqual([expect.stringContaining('cannot be asked just now')])
})

// ── what else the keywords do ────────────────────────────────────────────────────────────────

test('JOIN asks, and only a YES puts the number on the list, with what was shown', async () => {
  const { place, said, send } = await springfield()
  expect(await said('Join teens!')).toEqual([expect.stringContaining('reply YES')])
  expect(await send('teens', 'a')).toBe(false)
  expect(await said('hm, what is that')).toEqual([expect.stringContaining('A librarian reads this')])
  expect(await send('teens', 'a')).toBe(false)
  expect(await said('yes pls')).toEqual(['you are on the list.'])
  expect(await send('teens', 'b')).toBe(true)
  const rows: unknown[] = []
  for await (const row of place.prm.export()) rows.push(row)
  expect(JSON.stringify(rows)).toContain('Message rates may apply. STOP ends them. | yes pls')
})

test('without a YES within a day it was nothing', async () => {
  const { place, said, send } = await springfield()
  await said('JOIN TEENS')
  await place.until('2026-11-25T17:00:00.000Z')
  await said('yes')
  expect(await send('teens', 'a')).toBe(false)
})

test('STOP of a list is of that list, STOP in any words of everything, and neither is answered as a question', async () => {
  const { said, send, waiting } = await springfield()
  await said('JOIN TEENS')
  await said('YES please')
  expect(await said('stop teen club')).toEqual([expect.stringContaining('no more texts of this list')])
  expect([await send('teens', 'a'), await send('pickup', 'a')]).toEqual([false, true])
  await said('ya no me manden mensajes por favor')
  expect(await send('pickup', 'b')).toBe(false)
  expect(await waiting()).toEqual([])
})

test('an account word is answered for a number that the ILS knows, and with a link for any other', async () => {
  const { place, said } = await springfield()
  place.koha.loan({ checkout_id: 2004, patron_id, item_id: 503, due_date: '2026-11-28T23:59:00-06:00' })
  expect(await said('renew 2 pls')).toEqual(['2) renewed until Dec 19.'])
  expect(await said('renew 7')).toEqual(['There is no such item. MYITEMS lists your 2.'])
  expect(await said('MYITEMS')).toEqual(['Out on your card: 1) due Nov 24, 2) due Dec 19.'])
  place.koha.debit({ patron_id, amount: 1.5, amount_outstanding: 1.5 })
  expect(await said('fines')).toEqual(['You owe 1.50 USD.'])
  // A number that somebody else says is hers is not one that Koha vouches for.
  const card = { scheme: 'ils', realm: 'koha/card', value: '23529000010003' }
  await place.prm.record([], [{ at: card, also: [{ scheme: 'tel', value: '+12125550145' }] }])
  for (const other of [stranger, '+12125550145'])
    expect(await said('renew 1 pls', other)).toEqual([
      expect.stringContaining('https://catalogue.springfield.example/'),
    ])
  expect(place.koha.town.loans.get(2003)?.renewals_count).toBe(0)
})

test('a mistyped word is asked about, free text goes to a person', async () => {
  const { said, waiting } = await springfield()
  expect(await said('RNEW')).toEqual(['did you mean RENEW?'])
  expect(await waiting()).toEqual([])
  expect(await said('can my wife collect it?')).toEqual([expect.stringContaining('A librarian reads this')])
  expect((await waiting()).length).toBe(1)
})
