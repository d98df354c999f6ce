import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stopClock } from './clock.ts'
import { both, folder, look, one, put } from './look.ts'
import { evergreen, fileOf, patron, samples } from './rows.ts'

const row = (id: string, title = 'Winter Garden') => samples[id]?.row(title) ?? ''
const cells = (id: string) => row(id).split('|')

test('a Sierra hold is keyed by its hold: the day its item was changed is no day of the hold', async () => {
  const again = row('shoutbomb-sierra-holds').replace('11-17-2026', '11-18-2026')
  const text = [row('shoutbomb-sierra-holds'), again].join('\n')
  const { notices, facts } = await look({ path: folder({ 'holds.txt': text, 'text.txt': `${patron()}|eng` }) })
  expect(notices.map(({ key }) => key)).toEqual(['hold-ready 17', 'hold-ready 17'])
  expect(notices[0]).toMatchObject({ card: '23307000001001', phone: '+12125550101', medium: 'sms' })
  expect(notices[0]).not.toHaveProperty('collectBy')
  expect(facts[0]).toMatchObject({
    at: '2026-11-17',
    who: { realm: 'notices/card', value: '23307000001001' },
    branch: 'main',
    data: {
      kind: 'hold-ready',
      subjectKey: 'hold:notices:17',
      items: [{ id: '7654321', barcode: '33307000002001', title: 'Winter Garden' }],
      pickup: 'main',
    },
  })
})

test('the older Sierra holds have no card: their patron is the number of the record, with five columns and with six', async () => {
  const five = cells('shoutbomb-sierra-holds-old').slice(0, 5).join('|')
  const none = [...cells('shoutbomb-sierra-holds-old').slice(0, 5), '0'].join('|')
  const piped = five.replace('Winter Garden', 'Winter|Garden')
  const text = [row('shoutbomb-sierra-holds-old'), five, none, piped].join('\n')
  const { notices, facts, people, bad } = await one('holds.txt', text)
  expect(bad).toEqual([])
  expect(notices.map(({ key, card }) => [key, card])).toEqual([
    ['hold-ready 17', ''],
    [`hold-ready ${both('7654321', '1234567', '2026-11-17')}`, ''],
    [`hold-ready ${both('7654321', '1234567', '2026-11-17')}`, ''],
    [`hold-ready ${both('7654321', '1234567', '2026-11-17')}`, ''],
  ])
  expect(facts.map(({ who }) => who)).toEqual(
    Array(4).fill({ scheme: 'ils', realm: 'notices/patron', value: '1234567' }),
  )
  expect(facts.map(({ data }) => data.subjectKey)).toEqual([
    'hold:notices:17',
    ...Array(3).fill('hold:notices:1234567/7654321'),
  ])
  expect(facts[3]?.data.items[0]?.title).toBe('Winter|Garden')
  expect(people).toEqual([])
})

test('Sierra loans are read with 13, 12 and 11 columns, and are one loan', async () => {
  const all = cells('shoutbomb-sierra-overdue-renew')
  const text = [13, 12, 11].map((count) => all.slice(0, count).join('|')).join('\n')
  const files = { 'overdue.txt': text, 'renew.txt': text, 'text.txt': `${patron()}|eng` }
  const { notices, facts, people, bad } = await look({ path: folder(files) })
  expect(bad).toEqual([])
  expect([...new Set(notices.map(({ key }) => key))]).toEqual([
    `overdue ${both('7654321', '1234567')} 2026-11-27`,
    `due-soon ${both('7654321', '1234567')} 2026-11-27`,
  ])
  expect(new Set(facts.map(({ data }) => data.subjectKey))).toEqual(new Set(['loan:notices:1234567/7654321']))
  expect(facts.slice(0, 3).map(({ who }) => who?.realm)).toEqual(['notices/card', 'notices/patron', 'notices/patron'])
  // A list is read, and who has no card is in none: that takes no number from anybody.
  expect(people.filter(({ at }) => at.realm === 'notices/patron')).toEqual([])
})

test('a Sierra list says the language, and one without is read where its name is given', async () => {
  const { people } = await one('text11242026.txt', [`${patron()}|spi`, `${patron('2125550102', 'B2')}|`].join('\n'))
  expect(people.map(({ locale, preferences }) => [locale, preferences])).toEqual([
    ['spi', { '*': ['sms'] }],
    [undefined, { '*': ['sms'] }],
  ])
  const named = await one('list.txt', patron(), { layout: 'shoutbomb-sierra-patrons:voice' })
  expect(named.contacts.map(({ layout, medium }) => [layout, medium])).toEqual([['shoutbomb-sierra-patrons', 'voice']])
})

test('headers of psql are no rows', async () => {
  const head = 'title,last_update,item_no,patron_no,pickup_location,item_barcode,hold_id,patron_barcode'
  const { rows } = await one('holds-1795000000.csv', `${head}\n${row('shoutbomb-sierra-holds-csv')}`)
  expect(rows.map(({ line, is }) => [line, is])).toEqual([[2, 'notice']])
  const list = 'phone_number,barcode,iii_language_pref_code'
  const { contacts } = await one('text-patrons-1.csv', `${list}\n${row('shoutbomb-sierra-patrons-csv')}`)
  expect(contacts.map(({ line }) => line)).toEqual([2])
})

test('Evergreen says the same of a hold to Shoutbomb and in its notify CSV', async () => {
  const files = {
    'hold_notice.txt': fileOf('shoutbomb-evergreen-hold', ['A "B" | C']),
    'notice_prefs.txt': fileOf('shoutbomb-evergreen-prefs', ['']).replace('23307000001001', '23529000012345'),
  }
  const { facts, notices, bad } = await look({ path: folder(files) })
  expect(bad).toEqual([])
  expect(notices[0]).toMatchObject({ phone: '+12125550101', medium: 'sms', collectBy: '2026-11-24' })
  const csv = await one('notify.csv', evergreen({ title: 'A "B" | C' }))
  expect(facts[0]?.key).toBe(csv.facts[0]?.key)
  expect(facts[0]?.data).toMatchObject({ subjectKey: csv.facts[0]?.data.subjectKey, items: csv.facts[0]?.data.items })
  expect(facts[0]).toMatchObject({ at: '2026-11-17', branch: 'MAIN', data: { pickup: 'MAIN' } })
})

test('while its preferences are being written the holds wait for them', async () => {
  stopClock()
  const path = folder({ 'hold_notice.txt': fileOf('shoutbomb-evergreen-hold', ['Snow']) })
  put(join(path, 'notice_prefs.txt'), fileOf('shoutbomb-evergreen-prefs', ['']), 0)
  const { rows, news } = await look({ path })
  expect([rows, news.map(({ state }) => state)]).toEqual([[], ['left', 'left']])
})

test('Evergreen courtesy notices are due soon, with nine columns and with eight, and overdues overdue', async () => {
  const old = fileOf('shoutbomb-evergreen-courtesy', ['Snow']).replace('|RENEWAL_REMAINING', '').replace(/\|1$/, '')
  const files = {
    'a.txt': fileOf('shoutbomb-evergreen-courtesy', ['Snow']),
    'b.txt': old,
    'c.txt': fileOf('shoutbomb-evergreen-overdue', ['Rain']),
  }
  const { notices, facts, bad } = await look({ path: folder(files) })
  expect(bad).toEqual([])
  expect(notices.map(({ key }) => key)).toEqual([
    `due-soon ${both('23529000012345', '39529000054321')} 2026-11-27`,
    `due-soon ${both('23529000012345', '39529000054321')} 2026-11-27`,
    `overdue ${both('23529000012345', '39529000054321')} 2026-11-20`,
  ])
  expect(facts[0]?.data).toMatchObject({ subjectKey: 'loan:notices:23529000012345/39529000054321' })
})

test('lists of languages with two letters and with three are told apart; without any the list must be named', async () => {
  const { news } = await one('text.txt', `${patron()}|en`)
  expect(news[0]?.layout).toBe('shoutbomb-evergreen-prefs')
  const none = await one('text.txt', `${patron()}|`)
  expect([none.rows, none.news[0]?.state]).toEqual([[], 'refused'])
  const named = await one('text.txt', `${patron()}|`, { layout: 'shoutbomb-sierra-patrons:text' })
  expect(named.contacts.map(({ phone }) => phone)).toEqual(['+12125550101'])
})
