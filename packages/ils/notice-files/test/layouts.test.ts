import { expect, test } from 'vitest'
import { both, folder, look, one } from './look.ts'
import { evergreen, hold, itiva, loan, patron, polaris } from './rows.ts'

test('a Koha i-tiva row is a fact with card, number, branch and pick-up day', async () => {
  const { notices, facts, people, bad } = await one('outbound.csv', `${itiva()}\n`)
  expect(bad).toEqual([])
  expect(notices).toEqual([
    {
      is: 'notice',
      file: expect.stringMatching(/outbound\.csv$/),
      line: 1,
      layout: 'koha-itiva-outbound',
      kind: 'hold-ready',
      medium: 'voice',
      phone: '+12125550101',
      card: '23529000012345',
      collectBy: '2026-11-24',
      key: `hold-ready ${both('23529000012345', '39529000054321')} 2026-11-24`,
    },
  ])
  expect(facts).toEqual([
    {
      key: `hold-ready ${both('23529000012345', '39529000054321')} 2026-11-24`,
      type: 'notice',
      source: 'notices',
      who: { scheme: 'ils', realm: 'notices/card', value: '23529000012345' },
      branch: 'MAIN',
      origin: 'itiva:77',
      data: {
        kind: 'hold-ready',
        subjectKey: 'hold:notices:23529000012345/39529000054321',
        items: [{ barcode: '39529000054321', title: 'The Tall Ship', collectBy: '2026-11-24' }],
        pickup: 'Main Library',
        medium: 'voice',
        language: 'en',
      },
    },
  ])
  expect(people).toEqual([
    {
      at: { scheme: 'ils', realm: 'notices/card', value: '23529000012345' },
      also: [
        { scheme: 'tel', value: '+12125550101' },
        { scheme: 'mailto', value: 'ada@example.org' },
      ],
      name: 'Ada Pine',
      locale: 'en',
      branch: 'MAIN',
    },
  ])
})

test('i-tiva types are due-soon, overdue with its level, and hold-ready', async () => {
  const rows = [itiva({ type: 'PREOVERDUE' }), itiva({ type: 'OVERDUE', level: '2' }), itiva()]
  const { notices } = await one('outbound.csv', rows.join('\n'))
  expect(notices.map(({ kind, level, due, collectBy }) => ({ kind, level, due, collectBy }))).toEqual([
    { kind: 'due-soon', level: undefined, due: '2026-11-24', collectBy: undefined },
    { kind: 'overdue', level: 2, due: '2026-11-24', collectBy: undefined },
    { kind: 'hold-ready', level: undefined, due: undefined, collectBy: '2026-11-24' },
  ])
})

test('message_id is in no key: 0 is no id, and each run of the script queues another for the same hold', async () => {
  const rows = [itiva({ id: '0' }), itiva({ id: '0', barcode: '39529000054322' }), itiva({ id: '78' })]
  const { notices } = await one('outbound.csv', rows.join('\n'))
  expect(notices[0]?.key).not.toBe(notices[1]?.key)
  expect(notices[2]?.key).toBe(notices[0]?.key)
})

test('i-tiva items without a barcode are told apart by a hash of the title, not by the title', async () => {
  const { notices } = await one(
    'outbound.csv',
    [itiva({ barcode: '', title: 'Snow' }), itiva({ barcode: '', title: 'Rain' })].join('\n'),
  )
  expect(new Set(notices.map(({ key }) => key)).size).toBe(2)
  expect(notices[0]?.key).not.toMatch(/snow/i)
})

test('an i-tiva row asks for a call, and for a text with voiceAs: sms', async () => {
  const asked = await one('outbound.csv', itiva())
  expect([asked.notices[0]?.medium, asked.facts[0]?.data.medium]).toEqual(['voice', 'voice'])
  const texted = await one('outbound.csv', itiva(), { voiceAs: 'sms' })
  expect([texted.notices[0]?.medium, texted.facts[0]?.data.medium]).toEqual(['sms', 'sms'])
})

test('what the source calls a notice is its origin: message_id, of which 0 and blank are none, and the event id', async () => {
  const koha = await one('outbound.csv', [itiva(), itiva({ id: '0' }), itiva({ id: '' })].join('\n'))
  expect(koha.facts.map(({ origin }) => origin)).toEqual(['itiva:77', undefined, undefined])
  const csv = await one('notify.csv', [evergreen(), evergreen({ id: '0' }), evergreen({ id: '' })].join('\n'))
  expect(csv.facts.map(({ origin }) => origin)).toEqual(['evergreen:901', undefined, undefined])
})

test('Evergreen types are kinds, with the level of an overdue and the last day of a hold', async () => {
  const types = 'FINES OVERDUE PREOVERDUE PRERESERVE RECALL RESERVE RESERVECANCEL RESERVEEXPIRE SUSPEND'.split(' ')
  const rows = types.map((type) => evergreen({ type, level: '2' }))
  const { notices, facts, bad } = await one('notify.csv', rows.join('\n'))
  expect(bad).toEqual([])
  expect(notices.map(({ kind, level, due, collectBy }) => [kind, level, due ?? collectBy])).toEqual([
    ['fine', undefined, '2026-11-24'],
    ['overdue', 2, '2026-11-24'],
    ['due-soon', undefined, '2026-11-24'],
    ['hold-soon', undefined, '2026-11-24'],
    ['recall', undefined, '2026-11-24'],
    ['hold-ready', undefined, '2026-11-24'],
    ['hold-cancelled', undefined, '2026-11-24'],
    ['hold-expiring', undefined, '2026-11-24'],
    ['suspended', undefined, '2026-11-24'],
  ])
  expect(facts.map(({ data }) => data.subjectKey.split(':')[0])).toEqual(
    'fine loan loan hold loan hold hold hold account'.split(' '),
  )
})

test('an Evergreen row is a fact with card, number, branch and pick-up library, and T is a text', async () => {
  const { facts, people, notices } = await one('notify.csv', evergreen({ media: 'T', title: 'The "Tall" Ship' }))
  expect(notices[0]).not.toHaveProperty('repaired')
  expect(facts).toEqual([
    {
      key: `hold-ready ${both('23529000012345', '39529000054321')} 2026-11-24`,
      type: 'notice',
      source: 'notices',
      who: { scheme: 'ils', realm: 'notices/card', value: '23529000012345' },
      branch: 'MAIN',
      origin: 'evergreen:901',
      data: {
        kind: 'hold-ready',
        subjectKey: 'hold:notices:23529000012345/39529000054321',
        items: [{ barcode: '39529000054321', title: 'The "Tall" Ship', collectBy: '2026-11-24' }],
        pickup: 'Main Library',
        medium: 'sms',
        language: 'en',
      },
    },
  ])
  expect(people[0]).toMatchObject({ name: 'Ada Pine', locale: 'en', branch: 'MAIN' })
})

test('the event id is in no key that has a day, and tells apart what has none', async () => {
  const bare = { barcode: '', date: '', title: '' }
  const rows = [
    evergreen(),
    evergreen({ id: '902' }),
    evergreen({ ...bare, type: 'FINES', id: '903' }),
    evergreen({ ...bare, type: 'FINES', id: '904' }),
    evergreen({ ...bare, type: 'SUSPEND', id: '905' }),
    evergreen({ ...bare, type: 'RESERVECANCEL', id: '906' }),
  ]
  const { notices, facts, bad } = await one('notify.csv', rows.join('\n'))
  expect(bad).toEqual([])
  expect(notices.map(({ key }) => key)).toEqual([
    `hold-ready ${both('23529000012345', '39529000054321')} 2026-11-24`,
    `hold-ready ${both('23529000012345', '39529000054321')} 2026-11-24`,
    `fine ${both('23529000012345', '903')}`,
    `fine ${both('23529000012345', '904')}`,
    `suspended ${both('23529000012345', '905')}`,
    `hold-cancelled ${both('23529000012345', '906')}`,
  ])
  expect(facts[4]?.data).toMatchObject({ subjectKey: 'account:notices:23529000012345', items: [{}] })
})

test('an i-tiva result is a result and no fact', async () => {
  const { rows, facts, results } = await one('results.csv', '"77","SUCCESS"\n"78","FAIL"\n')
  expect(results.map(({ id, outcome, line }) => [id, outcome, line])).toEqual([
    ['77', 'SUCCESS', 1],
    ['78', 'FAIL', 2],
  ])
  expect([rows.length, facts.length]).toEqual([2, 0])
})

test('a Polaris hold is keyed by hold and day, and says its medium, pick-up place and patron', async () => {
  const { notices, facts, people } = await one(
    'PhoneNotices.csv',
    polaris({ area: 'Drive-up', email: 'alice@example.org' }),
  )
  expect(notices[0]).toMatchObject({
    kind: 'hold-ready',
    medium: 'sms',
    phone: '+12125550102',
    collectBy: '2026-11-24',
    key: 'hold-ready 17 2026-11-24',
  })
  expect(notices[0]).not.toHaveProperty('level')
  expect(facts[0]).toMatchObject({
    branch: 'MPL',
    data: {
      subjectKey: 'hold:notices:17',
      items: [{ id: '200001', barcode: '33307000002001', title: 'Winter Garden', collectBy: '2026-11-24' }],
      pickup: 'Maple Library, Drive-up',
      medium: 'sms',
      language: 'en',
    },
  })
  expect(people[0]).toMatchObject({
    name: 'ALICE JOHNSON',
    locale: 'en',
    branch: 'MPL',
    also: [{ value: '+12125550102' }, { value: 'alice@example.org' }],
  })
})

test('Polaris kinds and levels follow notice_type, refined by notification_type_id', async () => {
  const rows = [
    polaris({ type: '1', typeId: '1', holdId: '0' }),
    polaris({ type: '1', typeId: '13', level: '3', holdId: '0' }),
    polaris({ type: '1', typeId: '7', holdId: '0' }),
    polaris({ typeId: '18' }),
    polaris({ type: '3', typeId: '3' }),
    polaris({ type: '4', typeId: '8', holdId: '0', owed: '12.50' }),
    polaris({ type: '4', typeId: '21', holdId: '0', owed: '12.50' }),
  ]
  const { notices, facts } = await one('PhoneNotices.csv', rows.join('\r\n'))
  expect(notices.map(({ kind, level, key }) => [kind, level, key])).toEqual([
    ['overdue', 1, `overdue ${both('200001', '100001')} 2026-11-24 1`],
    ['overdue', 3, `overdue ${both('200001', '100001')} 2026-11-24 3`],
    ['due-soon', undefined, `due-soon ${both('200001', '100001')} 2026-11-24`],
    ['hold-ready', 2, 'hold-ready 17 2026-11-24 2'],
    ['hold-cancelled', undefined, 'hold-cancelled 17 2026-11-24'],
    ['fine', undefined, `fine ${both('100001', '200001')} 2026-11-24`],
    ['fine', 2, `fine ${both('100001', '200001')} 2026-11-24 2`],
  ])
  expect(facts[4]?.data.items[0]).not.toHaveProperty('collectBy')
})

test('a Polaris hold id of 0 or blank is no id: patron and item stand in', async () => {
  const { notices } = await one(
    'PhoneNotices.csv',
    [polaris({ holdId: '0' }), polaris({ holdId: ' ' }), polaris({ holdId: '0', itemId: '0' })].join('\r\n'),
  )
  expect(notices.map(({ key }) => key)).toEqual([
    `hold-ready ${both('100001', '200001')} 2026-11-24`,
    `hold-ready ${both('100001', '200001')} 2026-11-24`,
    `hold-ready ${both('100001', '33307000002001')} 2026-11-24`,
  ])
})

test('Polaris V is a call, and a text with voiceAs: sms; T is a text', async () => {
  const text = [polaris({ method: 'V' }), polaris()].join('\r\n')
  expect((await one('PhoneNotices.csv', text)).notices.map(({ medium }) => medium)).toEqual(['voice', 'sms'])
  expect((await one('PhoneNotices.csv', text, { voiceAs: 'sms' })).notices.map(({ medium }) => medium)).toEqual([
    'sms',
    'sms',
  ])
})

test('a missing or wrong number is no bad row: the text stays under tel, and the row says what is wrong', async () => {
  const rows = [
    polaris({ phone: ' ' }),
    polaris({ phone: '555-0102', card: 'B' }),
    polaris({ phone: 'ask mother', card: 'C' }),
  ]
  const { notices, people, bad } = await one('PhoneNotices.csv', rows.join('\r\n'))
  expect(bad).toEqual([])
  expect(notices.map(({ phone, phoneProblem }) => [phone, phoneProblem])).toEqual([
    [null, 'missing'],
    [null, 'too short'],
    [null, 'not a number'],
  ])
  expect(people.map(({ also }) => also)).toEqual([
    [],
    [{ scheme: 'tel', value: '555-0102' }],
    [{ scheme: 'tel', value: 'ask mother' }],
  ])
})

test('a Shoutbomb hold has the key and matter of the same hold in PhoneNotices', async () => {
  const shoutbomb = await look({ path: folder({ 'holds.txt': hold(), 'text_patrons.txt': patron() }) })
  const phoneNotices = await one('PhoneNotices.csv', polaris())
  expect(shoutbomb.notices[0]?.key).toBe(phoneNotices.notices[0]?.key)
  expect(shoutbomb.facts[0]?.data.subjectKey).toBe(phoneNotices.facts[0]?.data.subjectKey)
  expect(shoutbomb.facts[0]).toMatchObject({
    at: '2026-11-17',
    branch: '3',
    data: { pickup: '3', items: [{ title: 'Winter Garden', collectBy: '2026-11-24' }] },
  })
  expect(shoutbomb.facts[0]?.data).not.toHaveProperty('medium')
})

test('Shoutbomb renewals are due soon and overdues overdue, about the same loan as in PhoneNotices', async () => {
  const { notices, facts } = await look({
    path: folder({ 'renew.txt': loan(), 'overdue.txt': loan(), 'text_patrons.txt': '' }),
  })
  expect(notices.map(({ kind, due, key }) => [kind, due, key])).toEqual([
    ['overdue', '2026-11-27', `overdue ${both('200002', '100002')} 2026-11-27`],
    ['due-soon', '2026-11-27', `due-soon ${both('200002', '100002')} 2026-11-27`],
  ])
  const other = await one(
    'PhoneNotices.csv',
    polaris({ type: '1', typeId: '1', itemId: '200002', patronId: '100002', holdId: '0' }),
  )
  expect(new Set([...facts, ...other.facts].map(({ data }) => data.subjectKey)).size).toBe(1)
})

test('realm names the system in cards and matters', async () => {
  const { facts } = await one('PhoneNotices.csv', polaris(), { realm: 'maple' })
  expect(facts[0]).toMatchObject({ who: { realm: 'maple/card' }, data: { subjectKey: 'hold:maple:17' } })
})

test('a card beside an item is in the key as one hash, also one with blanks', async () => {
  const { notices, bad } = await one('outbound.csv', itiva({ card: 'HB Pine Residence' }))
  expect(bad).toEqual([])
  expect(notices[0]).toMatchObject({
    card: 'HB Pine Residence',
    key: `hold-ready ${both('HB Pine Residence', '39529000054321')} 2026-11-24`,
  })
})
