import { expect, test } from 'vitest'
import { answerKey, verified } from '../src/index.ts'

const text = (key: string, about?: string) => ({
  source: 'sms',
  key,
  ...(about && { about: { source: 'prm', key: about } }),
})

test('two machines that answer each other are silent after three', () => {
  const keys: (string | undefined)[] = []
  for (let n = 1; n <= 5; n++) keys.push(answerKey(text(`SM${n}`, keys.at(-1) ?? keys.findLast(Boolean))))
  expect(keys).toEqual(['answer 1 sms SM1', 'answer 2 sms SM2', 'answer 3 sms SM3', undefined, undefined])
})

test('an answer to anything else begins anew', () => {
  expect(answerKey(text('SM9', 'keyword SM8'))).toBe('answer 1 sms SM9')
  expect(answerKey({ ...text('SM9'), about: { source: 'koha', key: 'answer 3 x' } })).toBe('answer 1 sms SM9')
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
