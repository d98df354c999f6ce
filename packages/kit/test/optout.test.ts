import { expect, test } from 'vitest'
import { languages } from '../src/languages.ts'
import { list } from '../src/lexicon.ts'
import { asWords, optOutKeyword, optOutOf, optOutWord, readOptOut, unaccented } from '../src/optout.ts'

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

test.each([
  ['ALTO', 'dejen de mandarme mensajes', 'no me manden avisos de libros vencidos', 'quiero dar de baja mi tarjeta'],
  [
    'ARRÊT',
    'arrêtez de m’envoyer des textos',
    'arrêtez les avis de retard',
    'vous avez arrêté de m’envoyer des textos',
  ],
  ['STOPP', 'Bitte hören Sie auf, mir SMS zu schicken', 'keine Mahnungen mehr', 'warum bekomme ich keine SMS mehr?'],
  ['退订', '请不要再给我发短信', '不要再给我发逾期通知', '请不要取消我的预约'],
  ['hủy', 'đừng nhắn tin cho tôi nữa', 'ngừng gửi thông báo quá hạn', 'hủy đặt phòng giúp tôi'],
])('%s and “%s” are stop, “%s” is of overdue notices, and “%s” is for a person', (word, sentence, overdue, other) => {
  expect(optOutOf(word)).toEqual({ optOut: 'stop' })
  expect(optOutOf(sentence)).toEqual({ optOut: 'stop' })
  expect(optOutOf(overdue)).toEqual({ optOut: 'stop', scope: 'overdue' })
  expect(optOutOf(other)).toEqual({})
})

// đúng (right), dùng (use) and dừng (stop) are all "dung" where no accents are typed; Huy is a name.
test.each([
  ['dừng', 'stop'],
  ['đừng nhắn nữa', 'stop'],
  ['dung nhan tin nua', 'stop'],
  ['huy dang ky', 'stop'],
  ['ngung', 'stop'],
  ['tu choi', 'stop'],
  ['tự chơi', undefined],
  ['đúng', undefined],
  ['dùng', undefined],
  ['dung', undefined],
  ['dùng tin nhắn', undefined],
  ['Huy', undefined],
] as const)('Vietnamese “%s” is %s', (text, word) => {
  expect(optOutWord(text)).toBe(word)
})

test.each(['ARRET', 'REMOVE', 'OPT-OUT', 'TD', 'STOP ALL'])('%s, which other carriers answer, is stop', (word) => {
  expect(readOptOut(word)).toEqual({ word: 'stop', how: word === 'STOP ALL' ? 'intent' : 'exact' })
  expect(optOutKeyword(word)).toBeUndefined()
})

test.each(['STPO', 'sotp', 'stoppp', 'STOOOOP', 'unsuscribe', 'unsubcribe', 'cancle'])(
  '“%s” is plainly mistyped',
  (text) => {
    expect(readOptOut(text)).toEqual({ word: 'stop', how: 'fuzzy' })
  },
)

test.each([
  'stoop',
  'shop',
  'step',
  'spot',
  'stp',
  'top',
  'stomp',
  'cancer',
  'subscribe',
  'resubscribe',
  'undescribed',
  'remote',
  'ned',
  'quite',
])('“%s” is another word', (text) => expect(readOptOut(text)).toBeUndefined())

test.each([
  'Wrong person. Stop texting me.',
  'wrong number please stop',
  'I moved to Ohio pls stop texting me',
  'Please stop, I use email now',
  'Not interested, stop',
  'stop. thank you, Dana',
  'Who is this? Stop',
  'I said stop',
  'merci de cesser les textos',
  'stop please ya no me manden mensajes',
  'Stop. Who is this?',
  'stop texting me or i will call a lawyer',
  `${'This is the third time that I ask. '.repeat(20)}Please stop texting this number. Thank you.`,
])('one sentence among others says so: “%s”', (text) => {
  expect(optOutOf(text)).toEqual({ optOut: 'stop' })
})

test.each([
  'why did you stop texting me',
  'i didnt tell you to stop texting me',
  'I told you not to stop texting me',
  'will you stop texting me once it is back',
  'Stop texting me? No, please keep sending',
  'Stop, the presses!',
  'what your text says, stop',
  'So I write you back, stop?',
  'Stop, Look and Listen - u got it?',
  'Is this the bus stop? Next, full stop.',
  'stop texting me at 6am',
  'I said cancel, my hold I mean',
])('it is told of, denied, asked about, or says something else: “%s”', (text) => {
  expect(readOptOut(text)).toBeUndefined()
})

test('a kind among other sentences is that kind, and two kinds are everything', () => {
  expect(optOutOf('Hi. Please stop texting me about overdue books. Thanks')).toEqual({
    optOut: 'stop',
    scope: 'overdue',
  })
  expect(optOutOf('stop overdue notices but keep hold notices')).toEqual({ optOut: 'stop', scope: 'overdue' })
  expect(optOutOf('stop overdue texts, stop hold texts')).toEqual({ optOut: 'stop' })
})

test.each(['stop my hold', 'stop the hold', 'no more fines', 'stop late books', 'cancel holds', 'remove the overdue'])(
  '“%s” is of the thing, not of its notices',
  (text) => expect(optOutOf(text)).toEqual({}),
)

test.each([
  // Of a class or club, also where the clause beside it says so.
  ['Take me off the Monday chess club', 'Take me off the Monday texts'],
  ['ich möchte mich vom Häkelkreis abmelden', 'ich möchte mich vom SMS-Dienst abmelden'],
  ['can’t make the class, please remove me', 'can’t stand the texts, please remove me'],
  // The contrary, denied and hoped.
  ['no me vayan a dar de baja', 'no me vayan a escribir más'],
  ['bitte meldet mich bloß nicht ab', 'bitte meldet mich bloß ab'],
  ['别把我的号码删掉', '把我的号码删掉'],
  ['do not let the texts stop', 'do not continue to text me'],
  // Told of, without a complaint.
  ['I texted STOP last week', 'I texted STOP last week and still get them, three times now'],
  ['Hab gestern STOP geschickt', 'Hab gestern STOP geschickt und es kommt immer noch was'],
  // Meant, and taken back.
  ['I wanted to unsubscribe but I stay', 'I wanted to unsubscribe'],
  ['本來想退訂的，後來覺得挺方便', '我想退訂'],
  // A phone’s thumb on our own message.
  ['Liked “Due tomorrow. Reply STOP to opt out”', 'STOP “Due tomorrow. Reply STOP to opt out”'],
])('“%s” is none, and “%s” is one', (none, one) => {
  expect(readOptOut(none)).toBeUndefined()
  expect(readOptOut(one)?.word).toBe('stop')
})

test('a kind after any language’s word is that kind', () => {
  expect(readOptOut('BAJA avisos de retraso')).toEqual({ word: 'stop', scope: 'overdue', how: 'exact' })
  expect(readOptOut('ARRÊT retards')).toEqual({ word: 'stop', scope: 'overdue', how: 'exact' })
  expect(readOptOut('BAJA la calefacción')).toBeUndefined()
})

test('a library’s own names are kinds too', () => {
  expect(readOptOut('stop teen club pls', { kinds: { teens: ['Teen Club'] } })).toEqual({
    word: 'stop',
    scope: 'teens',
    how: 'exact',
  })
  expect(readOptOut('stop teen club pls')).toBeUndefined()
})

test('a text longer than any message is not read', () => {
  expect(readOptOut(`${'so. '.repeat(390)}stop texting me`)).toBeDefined()
  expect(readOptOut(`${'so. '.repeat(400)}stop texting me`)).toBeUndefined()
})

// Each of these is in no list as a whole.
test.each([
  ['I would be grateful if you could refrain from messaging this number any further', undefined],
  ['Les agradecería que no me volvieran a contactar por este medio', undefined],
  ['Auriez-vous l’amabilité de ne plus m’envoyer de rappels par texto ?', undefined],
  ['Es wäre nett, wenn Sie mir keine weiteren Nachrichten mehr schicken würden', undefined],
  ['可不可以以后都不要再给我发短信了', undefined],
  ['Thư viện có thể ngừng gửi tin nhắn cho bác được không ạ', undefined],
  ['The overdue notices come every day. Please stop sending them.', 'overdue'],
  ['Take me off the newsletter but I still want hold notices', 'newsletter'],
  ['no me avisen más cuando llegue una reserva, lo demás sí', 'pickup'],
  ['问卷调查能不能别发了 其他都ok', 'surveys'],
  ['If you text me one more time I am calling my lawyer', undefined],
  ['STOP are you open on Monday', undefined],
  ['> Library: Dune is ready. Txt STOP to quit\nSTOP', undefined],
  ['plz stpo sending msgs', undefined],
] as const)('“%s” is put together from the lists', (text, scope) => {
  expect(optOutOf(text)).toEqual({ optOut: 'stop', ...(scope && { scope }) })
})

test.each([
  'the kids are texting in the quiet room, make them stop',
  'If I reply STOP do I still get the texts?',
  'I never got the text with the code',
  "Don't call me, text me",
  'please take my name off the list for the July craft',
  '> Library: Dune is overdue. Txt STOP to quit\nI returned it',
  'Do you have “Stop Texting Me” by Ann Lee?',
  'ne m’appelez pas, écrivez-moi',
  'ich möchte mich vom Kurs abmelden',
  '请不要打电话，发短信就行',
  'sao không nhắn tin cho tôi nữa',
  'no me llegó el mensaje de la reserva',
])('“%s” has the words, and is none', (text) => expect(readOptOut(text)).toBeUndefined())

test('a library’s own name at the end of a request is what it is of', () => {
  const kinds = { teens: ['Teen Club'] }
  expect(readOptOut('please stop texting me about the teen club', { kinds })).toMatchObject({ scope: 'teens' })
})

test('no phrase stands twice in a language, and none is written otherwise than a text is read', () => {
  for (const { locale, words, kinds, asking, please, accents } of languages) {
    const all = [...Object.values(words), ...kinds.map(([, , names]) => names), asking, please].flatMap(list)
    expect(
      all.filter((one, at) => all.indexOf(one) !== at),
      locale,
    ).toEqual([])
    for (const one of all) expect(asWords(one.replaceAll('*', '')), one).toBe(one.replaceAll('*', ''))
    if (!accents) for (const one of all) expect(unaccented(one), locale).toBe(one)
  }
})
