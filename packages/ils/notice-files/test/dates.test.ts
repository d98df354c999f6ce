import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DateForm, dateEvidence, dayOf } from '../src/dates.ts'
import { folder, look, one } from './look.ts'
import { hold, itiva, patron, polaris } from './rows.ts'

const forms: readonly [DateForm, ...DateForm[]] = ['DD/MM/YYYY', 'MM/DD/YYYY', 'YYYY-MM-DD', 'DD.MM.YYYY']

test('every day that exists is read back from every form, and no other', () => {
  const write = (iso: string, form: DateForm) => {
    const [y = '', m = '', d = ''] = iso.split('-')
    return form.replace('YYYY', y).replace('MM', m).replace('DD', d)
  }
  const noInvalidDate = { min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true }
  fc.assert(
    fc.property(fc.date(noInvalidDate), fc.constantFrom<DateForm>(...forms), (date, form) => {
      const iso = date.toISOString().slice(0, 10)
      expect(dayOf(write(iso, form), form)).toBe(iso)
    }),
  )
  for (const text of [
    '2026-02-29',
    '2026-00-10',
    '2026-13-01',
    '2026-04-31',
    '0026-01-01',
    '2026-1-1',
    '26-01-01',
    '2026-01-01 ',
  ]) {
    expect(dayOf(text, 'YYYY-MM-DD')).toBeUndefined()
  }
  expect(dayOf('2028-02-29', 'YYYY-MM-DD')).toBe('2028-02-29')
})

test.each<[string, readonly string[], DateForm]>([
  ['fit both ways', ['01/02/2026', '03/04/2026'], 'DD/MM/YYYY'],
  ['are possible as DD/MM only', ['24/11/2026', '03/04/2026'], 'DD/MM/YYYY'],
  ['are possible as MM/DD only, two and more', ['11/24/2026', '11/25/2026', '03/04/2026'], 'MM/DD/YYYY'],
  ['are possible as MM/DD only, but one value', ['11/24/2026', '11/24/2026', '03/04/2026'], 'DD/MM/YYYY'],
  ['contradict each other', ['11/24/2026', '11/25/2026', '11/26/2026', '24/11/2026'], 'DD/MM/YYYY'],
  ['are ISO days', ['2026-11-24'], 'YYYY-MM-DD'],
  ['have dots', ['24.11.2026'], 'DD.MM.YYYY'],
  ['are ISO days but one', ['2026-11-24', '2026-11-25', '24/11/2026'], 'YYYY-MM-DD'],
  ['are none', [], 'DD/MM/YYYY'],
])('a file whose dates %s', (_, dates, form) => {
  const evidence = dateEvidence(forms)
  for (const date of dates) evidence.see(date)
  expect(evidence.form()).toBe(form)
})

test('a Koha file in American dates is read as such, from all its rows', async () => {
  const dates = ['11/24/2026', '11/25/2026', '03/04/2026']
  const { notices, bad } = await one('outbound.csv', dates.map((date) => itiva({ date })).join('\n'))
  expect(bad).toEqual([])
  expect(notices.map(({ collectBy }) => collectBy)).toEqual(['2026-11-24', '2026-11-25', '2026-03-04'])
})

test('the rows that contradict the form of their file are bad', async () => {
  const dates = ['24/11/2026', '11/24/2026', '03/04/2026']
  const { notices, bad } = await one('outbound.csv', dates.map((date) => itiva({ date })).join('\n'))
  expect(notices.map(({ collectBy }) => collectBy)).toEqual(['2026-11-24', '2026-04-03'])
  expect(bad.map(({ line, why }) => [line, why])).toEqual([
    [2, 'column 15 (date) should be a day as DD/MM/YYYY: found 10 characters of another form'],
  ])
})

test('an impossible date is a bad row in each layout', async () => {
  expect((await one('outbound.csv', [itiva(), itiva({ date: '31/11/2026' })].join('\n'))).bad).toHaveLength(1)
  expect((await one('PhoneNotices.csv', [polaris(), polaris({ date: '24/11/2026' })].join('\n'))).bad).toHaveLength(1)
  const shoutbomb = await look({
    path: folder({ 'holds.txt': [hold(), hold({ until: '2026-11-31' })].join('\n'), 'text_patrons.txt': patron() }),
  })
  expect(shoutbomb.bad.map(({ why }) => why)).toEqual([
    'column 6 (HoldTillDate) should be a day as YYYY-MM-DD: found 10 characters of another form',
  ])
})

test('a file that holds nothing but impossible dates is still its layout', async () => {
  const { bad, news } = await one('PhoneNotices.csv', polaris({ date: '24/11/2026' }))
  expect([bad.length, news.map(({ state }) => state)]).toEqual([1, ['read']])
})
