import { expect, test } from 'vitest'
import { read, standard, table } from '../src/index.ts'

const words = table(standard)
const say = (text: string, known: { locale?: string; open?: boolean; stopped?: boolean } = {}) =>
  read(text, { table: words, ...known })

test.each([
  ['please stop texting me', { word: 'stop', scope: '*', how: 'intent' }],
  ['stop sending me overdue notices', { word: 'stop', scope: 'overdue', how: 'intent' }],
  ['can I cancel my room booking?', {}],
  ['STOP', { word: 'stop', scope: '*', how: 'exact' }],
  ['Stop.', { word: 'stop', scope: '*', how: 'exact' }],
  ['pls stop', { word: 'stop', scope: '*', how: 'exact' }],
  ['STPO', { word: 'stop', scope: '*', how: 'fuzzy' }],
  ['stoop', {}],
  ['shop', {}],
  ['HELP', { word: 'help', how: 'exact' }],
  ['START', { word: 'start', scope: '*', how: 'exact' }],
  ['RENEW', { word: 'renew', how: 'exact' }],
  ['RENEW 2', { word: 'renew', rest: '2', how: 'exact' }],
  ['Renew 1, 3 and 4 pls', { word: 'renew', rest: '1 3 4', how: 'exact' }],
  ['renew all', { word: 'renew', rest: 'all', how: 'exact' }],
  ['renew2', { word: 'renew', rest: '2', how: 'exact' }],
  ['MyHolds', { word: 'myholds', how: 'exact' }],
  ['my items', { word: 'myitems', how: 'exact' }],
  ['JOIN TEENS', { word: 'join', scope: 'teens', how: 'exact' }],
  ['leave teens', { word: 'leave', scope: 'teens', how: 'exact' }],
] as const)('“%s”', (text, reading) => {
  expect(say(text)).toEqual(reading)
})

test('what is reserved is read before the table, in a sentence too', () => {
  expect(say('leave me alone').word).toBe('stop')
  expect(say('renew nothing, stop texting me').word).toBe('stop')
})

test.each(['YES', 'yes please', 'Y', 'sí', 'oui svp', 'ja', '是的', 'dạ có', 'Đồng ý'])(
  '“%s” confirms an open question',
  (text) => {
    expect(say(text, { open: true })).toEqual({ word: 'yes', how: 'exact' })
    expect(say(text, { open: true, stopped: true })).toEqual({ word: 'yes', how: 'exact' })
  },
)

test('YES is START only where the number has stopped and nothing is open, and then only the bare word', () => {
  expect(say('Yes!', { stopped: true })).toEqual({ word: 'start', scope: '*', how: 'exact' })
  expect(say('yes', { open: false, stopped: true })).toEqual({ word: 'start', scope: '*', how: 'exact' })
  expect(say('sí', { stopped: true })).toEqual({})
  expect(say('yes', { open: false, stopped: false })).toEqual({})
  expect(say('yes', { stopped: false })).toEqual({})
  expect(say('yes', { open: false })).toEqual({})
  expect(say('yes')).toEqual({ word: 'yes', how: 'exact' })
})

test('what says more than yes confirms nothing', () => {
  for (const text of ['yes but not at night', 'yes renew', 'no', 'is it yes?', 'ok', '👍'])
    expect(say(text, { open: true }).word).not.toBe('yes')
})

test.each([
  ['RNEW', 'renew'],
  ['renwe', 'renew'],
  ['reneww', 'renew'],
  ['my hodls', 'myholds'],
  ['horus', 'hours'],
  ['openning hours', 'hours'],
])('“%s” suggests %s', (text, word) => {
  expect(say(text)).toEqual({ word, how: 'fuzzy' })
})

test.each([
  'fine',
  'coin',
  'house',
  'wines',
  'books',
  'jo',
  'renewal',
  'joins',
  'holders',
  'hi',
  'the hours',
  'renew my card',
])('“%s” suggests nothing', (text) => expect(say(text)).toEqual({}))

test('a suggestion that could be two words is none', () => {
  const two = table([{ word: 'STORIES' }, { word: 'STORIED' }])
  expect(read('storiesd', { table: two })).toEqual({})
  expect(read('stroies', { table: two })).toEqual({ word: 'stories', how: 'fuzzy' })
})

test('a list that there is not is handed back, one that is mistyped is suggested, and a sentence is neither', () => {
  const lists = table([{ word: 'JOIN', takes: { teens: ['teen club', 'adolescentes'], chess: [] } }])
  const join = (text: string) => read(text, { table: lists })
  expect(join('Join the teens')).toEqual({})
  expect(join('JOIN TEEN CLUB')).toEqual({ word: 'join', scope: 'teens', how: 'exact' })
  expect(join('join adolecentes')).toEqual({ word: 'join', scope: 'teens', how: 'fuzzy' })
  expect(join('join knitting')).toEqual({ word: 'join', rest: 'knitting', how: 'exact' })
  expect(join('join us tomorrow for tea')).toEqual({})
  expect(join('join us')).toEqual({})
})

test('a purpose of the table is stopped and begun again by any of its names', () => {
  const lists = table([{ word: 'JOIN', takes: { teens: ['teen club'] } }])
  expect(read('STOP TEENS', { table: lists })).toEqual({ word: 'stop', scope: 'teens', how: 'exact' })
  expect(read('stop teen club pls', { table: lists })).toEqual({ word: 'stop', scope: 'teens', how: 'exact' })
  expect(read('START TEENS', { table: lists })).toEqual({ word: 'start', scope: 'teens', how: 'exact' })
  expect(read('stop teens', { table: words })).toEqual({})
})

test('where the library names all its purposes, a kind is one of them, or a STOP of everything', () => {
  const named = table(standard, { purposes: { late: ['overdue'], pickup: [] } })
  const scope = (text: string) => read(text, { table: named }).scope
  expect(scope('no more overdue texts')).toBe('late')
  expect(scope('stop hold notices')).toBe('pickup')
  expect(scope('stop the newsletter')).toBe('*')
  expect(scope('stop ads')).toBe('promotional')
})

test('a locale counts where a word is an opt-out in one language and an ordinary word in another', () => {
  expect(say('stp', { locale: 'en-US' })).toEqual({ word: 'stop', scope: '*', how: 'fuzzy' })
  expect(say('stp', { locale: 'fr' })).toEqual({})
  expect(say('para', { locale: 'es-MX' })).toEqual({ word: 'stop', scope: '*', how: 'exact' })
  expect(say('para', { locale: 'en' })).toEqual({})
  expect(say('ARRET', { locale: 'zh' }).word).toBe('stop')
})

test.each([
  'Renew\nSent from my iPhone',
  '"RENEW"',
  'ＲＥＮＥＷ',
  '  re new ',
  'rеnеw',
  '📚 Renew 📚',
  'RENEW, thanks!',
  'i want to renew',
])('“%s” is renew', (text) => expect(say(text)).toEqual({ word: 'renew', how: 'exact' }))

test('what follows a dash may be a book, and is no signature', () => {
  expect(say('Renew - Dune')).toEqual({})
  expect(say('Cancel\nHold')).toEqual({})
  expect(say('Stop\nMaria Lopez')).toEqual({ word: 'stop', scope: '*', how: 'exact' })
})
