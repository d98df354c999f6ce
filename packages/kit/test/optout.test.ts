import { expect, test } from 'vitest'
import { optOutKeyword, optOutOf, optOutWord } from '../src/optout.ts'

const stops = ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT']

// reference/channels.md §1.5: only a message that is just the word triggers at Twilio, in any case.
test.each([
  ...stops.map((word) => [word, 'stop'] as const),
  ...['START', 'YES', 'UNSTOP'].map((word) => [word, 'start'] as const),
  ...['HELP', 'INFO'].map((word) => [word, 'help'] as const),
])('the provider answers %s as %s', (word, meaning) => {
  for (const text of [word, word.toLowerCase(), `${word[0]}${word.slice(1).toLowerCase()}`, `  ${word}\n`]) {
    expect(optOutKeyword(text)).toBe(meaning)
    expect(optOutWord(text)).toBe(meaning)
  }
})

test.each([
  'STOP.',
  'stop!!',
  '"STOP"',
  '(stop)',
  'Stop 🛑',
  'ＳＴＯＰ',
  'ｓｔｏｐ',
  'S T O P',
  'stop stop stop',
  'opt out',
  'Opt-Out',
  'OPT OUT!',
  'opt me out',
  'stop all',
  'STOP ALL.',
  'stop please',
  'pls stop',
  'Please, stop.',
  'please stop texting me',
  'Stop texting me!',
  'stop sending me texts',
  'stop these messages',
  'please stop these text messages',
  'no more texts',
  "don't text me",
  'don’t text me anymore',
  'DO NOT TEXT ME AGAIN',
  'do not contact me',
  'unsubscribe me',
  'unsubscribe please',
  'cancel texts',
  'quit texting me',
  'end messages',
  'I want to opt out',
  'i revoke my consent',
  'revoke consent',
  'remove me from this list',
  'take me off your list',
  'take me off the text list please',
  'cancel please',
  'stop it',
])('a reasonable person reads “%s” as stop, and the provider does not', (text) => {
  expect(optOutWord(text)).toBe('stop')
  expect(optOutKeyword(text)).toBeUndefined()
})

test.each([
  'can you stop by',
  'can you stop by tomorrow?',
  'I will stop by at 5',
  'stop by',
  'is there a bus stop nearby',
  'full stop',
  'please cancel my hold',
  'cancel my hold',
  'cancel the hold on that book',
  'when does the sale end',
  'end of the month',
  "don't cancel",
  'I quit smoking, any books?',
  'nonstop',
  'yes please',
  'Yes, renew it',
  'yes renew',
  'no',
  'renew',
  '',
  '   ',
  '?',
  '🛑',
  'help me find a book',
  'info on story time',
  'start time?',
  'do not stop',
  "don't stop",
  'thanks',
  'ok',
  'please send me a message when it is here',
  'stop sending the books to the north branch',
  'I need a text for class',
  `stop ${'and go '.repeat(60)}`,
])('“%s” is no opt-out', (text) => {
  expect(optOutWord(text)).toBeUndefined()
})

test('a long text is left to a person, whatever it says', () => {
  expect(optOutWord(`${'please '.repeat(10)}stop`)).toBe('stop')
  expect(optOutWord(`${'please '.repeat(40)}stop`)).toBeUndefined()
})

test.each([
  ['help!', 'help'],
  ['Help please', 'help'],
  ['INFO?', 'help'],
  ['Start.', 'start'],
  ['please start', 'start'],
] as const)('“%s” is %s', (text, word) => {
  expect(optOutWord(text)).toBe(word)
})

test.each([
  ['STOP NEWS', 'stop', 'news'],
  ['stop promotional', 'stop', 'promotional'],
  ['Stop ads!', 'stop', 'promotional'],
  ['please stop sending me ads', 'stop', 'promotional'],
  ['Stop the newsletter, thanks', 'stop', 'newsletter'],
  ['stop newsletters', 'stop', 'newsletter'],
  ['unsubscribe from event messages', 'stop', 'events'],
  ['no more marketing texts', 'stop', 'promotional'],
  ['ＳＴＯＰ surveys', 'stop', 'surveys'],
  ['START NEWS', 'start', 'news'],
  ['unstop promotions', 'start', 'promotional'],
] as const)('“%s” is %s of %s, and no word of everything', (text, optOut, scope) => {
  expect(optOutOf(text)).toEqual({ optOut, scope })
  expect(optOutWord(text)).toBeUndefined()
})

test.each([
  'stop by',
  'can you stop by for the event',
  'is there any news',
  'cancel my hold',
  'cancel event',
  'end survey',
  'start time of the event?',
  'yes news',
  'stop the presses',
  'do not stop news',
  'stop news and sports from being thrown out',
  `stop ${'the '.repeat(60)}news`,
])('“%s” narrows nothing and is none', (text) => {
  expect(optOutOf(text)).toEqual({})
})

test.each(['STOP', 'please stop texting me', 'start', 'HELP', 'stop reminders'])('“%s” is of everything', (text) => {
  expect(optOutOf(text)).toEqual({ optOut: optOutWord(text) })
  expect(optOutOf(text).optOut).toBeDefined()
})
