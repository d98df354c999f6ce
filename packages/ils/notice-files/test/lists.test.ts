import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stopClock } from './clock.ts'
import { folder, look, put } from './look.ts'
import { hold, loan, patron } from './rows.ts'

const at = (value: string) => ({ scheme: 'ils', realm: 'notices/card', value })
const tel = (value: string) => ({ scheme: 'tel', value })

test('lists are read before notices, whatever the order of names and paths', async () => {
  const root = folder({
    'a/holds.txt': hold({ card: 'A1' }),
    'z/text_patrons.txt': patron('2125550101', 'A1'),
    'z/voice_patrons.txt': patron('2125550102', 'B2'),
  })
  const { rows, people } = await look({ path: [join(root, 'a'), join(root, 'z')] })
  expect(rows.map(({ is }) => is)).toEqual(['contact', 'contact', 'notice'])
  expect(rows[2]).toMatchObject({ phone: '+12125550101', medium: 'sms' })
  expect(people).toEqual([
    { at: at('A1'), also: [tel('+12125550101')], preferences: { '*': ['sms'] } },
    { at: at('B2'), also: [tel('+12125550102')], preferences: { '*': ['voice'] } },
  ])
})

test('the voice list asks for calls, and for texts with voiceAs: sms', async () => {
  const files = {
    'voice_patrons.txt': patron('2125550102', 'B2'),
    'text_patrons.txt': patron('2125550101', 'A1'),
    'holds.txt': hold({ card: 'B2' }),
  }
  const asked = await look({ path: folder(files) })
  expect([asked.notices[0]?.medium, asked.people[1]?.preferences]).toEqual(['voice', { '*': ['voice'] }])
  const texted = await look({ path: folder(files), voiceAs: 'sms' })
  expect([texted.notices[0]?.medium, texted.people[1]?.preferences]).toEqual(['sms', { '*': ['sms'] }])
})

test('a phone in both lists is a conflict in both rows, told without the number, and text goes first', async () => {
  const files = {
    'text_patrons.txt': `${patron('2125550101', 'A1')}\n${patron('2125550103', 'C3')}`,
    'voice_patrons.txt': patron('(212) 555-0101', 'B2'),
  }
  const { contacts, people, news, logs } = await look({ path: folder(files) })
  expect(contacts.map(({ card, conflict }) => [card, conflict])).toEqual([
    ['A1', true],
    ['C3', undefined],
    ['B2', true],
  ])
  expect(people.map(({ preferences }) => preferences?.['*'])).toEqual([['sms', 'voice'], ['sms'], ['sms', 'voice']])
  expect(news.filter(({ state }) => state === 'conflict')).toEqual([
    {
      file: expect.stringMatching(/voice_patrons\.txt$/),
      state: 'conflict',
      why: '1 of its numbers stand in the text list too: text goes first',
    },
  ])
  expect(JSON.stringify([news, logs])).not.toMatch(/555.?0101/)
})

test('a card with two phones keeps the first, and the text list comes first', async () => {
  const files = {
    'text_patrons.txt': patron('2125550101', 'A1'),
    'voice_patrons.txt': patron('2125550102', 'A1'),
    'holds.txt': hold({ card: 'A1' }),
  }
  const { contacts, notices, people } = await look({ path: folder(files) })
  expect(contacts.map(({ conflict }) => conflict)).toEqual([undefined, true])
  expect([notices[0]?.phone, notices[0]?.medium, people.length]).toEqual(['+12125550101', 'sms', 1])
})

test('a card that is in no list loses the number of an earlier day', async () => {
  const files = {
    'text_patrons.txt': patron('2125550101', 'A1'),
    'holds.txt': [hold({ card: 'A1' }), hold({ card: 'B2', id: '18' })].join('\n'),
  }
  const { notices, people, facts } = await look({ path: folder(files) })
  expect(notices.map(({ phone, medium }) => [phone, medium])).toEqual([
    ['+12125550101', 'sms'],
    [null, null],
  ])
  expect(people.at(-1)).toEqual({ at: at('B2'), also: [] })
  expect(facts).toHaveLength(2)
})

test('without any list nobody loses a number, and the file says what is missing', async () => {
  const root = folder({ 'holds.txt': hold(), 'renew.txt': loan() })
  const { people, facts, news, logs } = await look({ path: root })
  expect([people.length, facts.length]).toEqual([0, 2])
  expect(news.filter(({ state }) => state === 'missing-list')).toEqual(
    ['holds.txt', 'renew.txt'].map((name) => ({
      file: join(root, name),
      state: 'missing-list',
      why: expect.stringMatching(/^text_patrons and voice_patrons are not here/),
    })),
  )
  expect(logs.filter(({ level }) => level === 'warn')).toHaveLength(2)
})

test('with the voice list alone, the text list is missing, and nobody loses a number', async () => {
  const { people, news } = await look({
    path: folder({ 'holds.txt': hold(), 'voice_patrons.txt': patron('2125550102', 'B2') }),
  })
  expect(people.map((person) => person.at.value)).toEqual(['B2'])
  expect(news.find(({ state }) => state === 'missing-list')?.why).toMatch(/^text_patrons is not here/)
})

test('while a list is being written the notices wait for it: they would lose their numbers', async () => {
  stopClock()
  const root = folder({ 'holds.txt': hold(), 'voice_patrons.txt': patron('2125550102', 'B2') })
  put(join(root, 'text_patrons.txt'), patron(), 0)
  const { notices, contacts, news } = await look({ path: root, archive: join(root, 'done') })
  expect([notices.length, contacts.length]).toEqual([0, 1])
  expect(news.find(({ file }) => file.endsWith('holds.txt'))).toMatchObject({
    state: 'left',
    why: expect.stringContaining('text_patrons.txt'),
  })
})

test('a family shares a number without conflict, and a number that is none stays as it was typed', async () => {
  const files = {
    'text_patrons.txt': [
      patron('2125550101', 'A1'),
      patron('2125550101', 'B2'),
      patron('5550101', 'C3'),
      patron('', 'D4'),
    ].join('\n'),
  }
  const { contacts, people, bad } = await look({ path: folder(files) })
  expect(bad).toEqual([])
  expect(contacts.map(({ phone, phoneProblem, conflict }) => [phone, phoneProblem, conflict])).toEqual([
    ['+12125550101', undefined, undefined],
    ['+12125550101', undefined, undefined],
    [null, 'too short', undefined],
    [null, 'missing', undefined],
  ])
  expect(people.map(({ also }) => also)).toEqual([[tel('+12125550101')], [tel('+12125550101')], [tel('5550101')], []])
})
