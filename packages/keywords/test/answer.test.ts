import { expect, test } from 'vitest'
import { answerKey, verified } from '../src/index.ts'

const seen = '2026-11-24T10:00:00.000Z'
const text = (key: string, about?: string) => ({
  source: 'sms',
  key,
  seen,
  conversationId: 'c1',
  ...(about && { about: { source: 'prm', key: about } }),
})

test('two machines that answer each other are silent after three', () => {
  const keys: (string | undefined)[] = []
  for (let n = 1; n <= 5; n++) keys.push(answerKey(text(`SM${n}`, keys.at(-1) ?? keys.findLast(Boolean))))
  expect(keys.map((key) => key?.slice(0, 9))).toEqual(['answer 1 ', 'answer 2 ', 'answer 3 ', undefined, undefined])
  expect(new Set(keys).size).toBe(4)
})

test('a hundred texts that come before our answer get one, also where they answer nothing of ours', () => {
  const keys = (about?: string) => new Set(Array.from({ length: 100 }, (_, n) => answerKey(text(`SM${n}`, about))))
  expect([...keys('keyword SM0')]).toEqual(['answer 1 keyword SM0'])
  expect([...keys()]).toEqual(['answer 1 c1 2026-11-24'])
  const tomorrow = { ...text('SM1'), seen: '2026-11-25T10:00:00.000Z' }
  expect(answerKey(tomorrow)).toBe('answer 1 c1 2026-11-25')
  expect(answerKey({ ...text('SM1'), conversationId: 'c2' })).toBe('answer 1 c2 2026-11-24')
  expect(answerKey({ source: 'sms', key: 'SM1' })).toBe('answer 1 sms SM1')
})

test('an answer to anything else begins anew', () => {
  expect(answerKey(text('SM9', 'keyword SM8'))).toBe('answer 1 keyword SM8')
  expect(answerKey({ ...text('SM9'), about: { source: 'koha', key: 'answer 3 x' } })).toBe('answer 1 c1 2026-11-24')
})

const at = { scheme: 'tel', value: '+12125550123' }
const patron = (seenBy: string, value = at.value) => ({
  id: 'p',
  identities: [{ scheme: 'tel', value, seenBy, seenAt: '2026-11-24T10:00:00.000Z' }],
})

test('an account is only for a number that a source of the library knows as this patron’s', () => {
  expect(verified(patron('koha'), at, ['koha'])).toBe(true)
  expect(verified(patron('webform'), at, ['koha'])).toBe(false)
  expect(verified(patron('koha', '+12125550124'), at, ['koha'])).toBe(false)
  expect(verified(undefined, at, ['koha'])).toBe(false)
})
