export type OptOutWord = 'stop' | 'start' | 'help'

/**
 * The providers' own rule: a message that is just the keyword, in any case. They answer it themselves and block the
 * number. Words: Twilio's defaults for long codes (support.twilio.com 360034798533), which hold those of 47 CFR 64.1200(a)(10).
 */
export function optOutKeyword(text: string): OptOutWord | undefined {
  return keywords.get(text.trim().toLowerCase())
}

const keywords: ReadonlyMap<string, OptOutWord> = new Map([
  ...words('stop', 'stop stopall unsubscribe cancel end quit revoke optout'),
  ...words('start', 'start yes unstop'),
  ...words('help', 'help info'),
])

function words(word: OptOutWord, list: string): (readonly [string, OptOutWord])[] {
  return list.split(' ').map((one) => [one, word] as const)
}

/**
 * What a reasonable person takes the text for, which 47 CFR 64.1200(a)(10) asks for: the keyword among courtesies and
 * punctuation, in full-width letters, or a short plain sentence that says no more than "stop texting me". A sentence that
 * says something else is left to a person: "can you stop by" and "please cancel my hold" are no opt-outs.
 */
export function optOutWord(text: string): OptOutWord | undefined {
  if (text.length > 200) return undefined
  const plain = plainly(text)
  const bare = bared(plain)
  const [first = '', ...rest] = bare.split(' ')
  const keyword = keywords.get(first)
  // "Yes please" answers a question; only the bare word is the provider's START.
  if (keyword && rest.every((one) => one === first)) return first === 'yes' && plain !== first ? undefined : keyword
  return sentences.test(bare) ? 'stop' : undefined
}

/**
 * What a text asks for, and of what, where it narrows it: "STOP NEWS" is `stop` of `news`, "stop sending me ads" of
 * `promotional`. The kinds are those that a library's bulk texts may name; all else is read as `optOutWord` does.
 */
export function optOutOf(text: string): { readonly optOut?: OptOutWord; readonly scope?: string } {
  const [, verb, kind = ''] = (text.length <= 200 && narrowed.exec(bared(plainly(text)))) || []
  const scope = kinds.find(([pattern]) => new RegExp(`^(?:${pattern})$`).test(kind))?.[1]
  if (scope) return { optOut: /start|unstop/.test(verb ?? '') ? 'start' : 'stop', scope }
  const optOut = optOutWord(text)
  return optOut ? { optOut } : {}
}

function plainly(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/['’`´]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

function bared(plain: string): string {
  return plain
    .replace(/^s t o p$/, 'stop')
    .replace(before, '')
    .replace(after, '')
}

const courtesy = 'please|pls|plz|plse|thanks|thank you|thankyou|thx|ty|ok|okay|just|now|right now|immediately|already'
const before = new RegExp(`^(?:(?:${courtesy}|hi|hello|i want to|i would like to|id like to|i wish to|i) )+`)
const after = new RegExp(`(?: (?:${courtesy}|anymore|any more|again|ever|at once))+$`)

// The whole text, once courtesies are off.
const messages = '(?:texts?|txts?|sms|messages?|msgs?|text messages?|notices?|notifications?|alerts?|reminders?)'
const these = `(?:(?:me|all|any|more|the|these|those|this|your|my) )*${messages}`
const kinds = [
  ['promotional|promotions?|promos?|ads?|adverts?|advertisements?|advertising|marketing|offers?', 'promotional'],
  ['news', 'news'],
  ['newsletters?', 'newsletter'],
  ['events?', 'events'],
  ['surveys?', 'surveys'],
] as const
// "Cancel", "end" and "quit" are no verbs of it: "cancel event" is about a booking.
const narrowed = new RegExp(
  `^(stop(?: sending)?|unsubscribe(?: from)?|no more|start|unstop)(?: (?:me|all|any|the|these|those|your|my))* (${kinds.map(([pattern]) => pattern).join('|')})(?: ${messages})?$`,
)
const sentences = new RegExp(
  `^(?:${[
    'stop(?: all| it| this| that)?',
    `(?:stop|cancel|end|quit|no more|unsubscribe(?: from)?|opt out of|i am done with) ${these}`,
    `(?:stop|quit) (?:texting|txting|messaging|contacting|notifying|bothering|sending)(?: me| us)?(?: ${these})?`,
    `(?:dont|do not|never) (?:text|txt|message|contact|notify|send)(?: me| us)?(?: ${these})?`,
    '(?:unsubscribe|optout|opt out|opt me out|opting out)(?: me)?(?: of all| from all)?',
    '(?:i )?revoke(?: my)? (?:consent|permission)',
    `(?:take|remove) me(?: off| from)?(?: (?:this|the|your|all))?(?: (?:text|texting|sms|mailing))?(?: lists?)?`,
  ].join('|')})$`,
)
