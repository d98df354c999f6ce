import type { Language } from './language.ts'

const texts =
  '(?:texts?|txts?|sms|messages?|msgs?|(?:text|txt|sms) (?:messages?|msgs?|alerts?|notices?|notifications?|reminders?)|notices?|notifications?|alerts?|reminders?|texting|messaging)'
const these = `(?:(?:me|all|any|more|no|the|these|those|this|that|your|ur|my|of|from|to|receive|receiving|get|getting|be|sent|such) )*${texts}`
const to = '(?: (?:me|us|him|her|them|this number|this phone|my number|my phone|my cell|here))?'
const write = '(?:text|txt|messag|msg|contact|notify|bother|send|sms|spamm?|call)(?:e|s|ing)?'
const name = '(?:my|this) (?:(?:phone|cell|mobile|telephone) )?(?:number|num|phone|cell|no|info|name)'
const roll =
  '(?:(?:this|the|your|ur|all|any) )*(?:(?:text|texting|txt|sms|mailing|message|messaging|contact|call|notification|alert)s? )?(?:lists?|systems?|databases?|records?|texts?|messages?|alerts?|notifications?)'
const stuff = '(?:stuff|things?|anything|this|these|crap|shit|junk|spam|them)'
const asked = `(?:stop|quit|no more|unsubscribe(?: me)?(?: from)?|opt(?: me)? out of|(?:stop|quit) (?:${write}|getting|receiving)|(?:dont|do not|never) (?:${write}|want|need|get|receive)|no longer want)`
const fill = '(?: (?:me|us|any|all|any more|more|the|these|those|this|your|ur|my|to|get|receive))*'

/** "No more ads", "stop the survey texts", "stop texting me about events": kinds that patrons hear of by messages only. */
function english(kind: string): string {
  return `${asked}${fill}(?: ${texts}${fill})?(?: (?:about|for|on|regarding|re|with))?${fill} (?:${kind})(?: ${texts})?|(?:cancel|end|turn off)${fill} (?:${kind}) ${texts}`
}

/** Kinds that are also things: "stop my hold" is of the hold. It takes "notices", "about", or nothing but "stop holds". */
function english2(kind: string, alone: string): string {
  const things = '(?: (?:books?|items?|materials?|stuff|things?))?'
  return [
    `(?:${asked}|cancel|end|turn off)${fill} (?:${kind})${things} ${texts}`,
    `${asked}${fill}(?: ${texts})? (?:about|for|on|regarding|re|that|when)${fill} (?:${kind})${things}(?: (?:i|on|from|which|that|we) .{1,40})?`,
    `(?:stop|unsubscribe(?: from)?) (?:${alone})`,
  ].join('|')
}

export const en: Language = {
  locale: 'en',
  // 47 CFR 64.1200(a)(10) and the carriers' lists: Twilio, AWS (which has REMOVE and OPT-OUT), Telnyx.
  stop: ['stop', 'stopall', 'unsubscribe', 'cancel', 'end', 'quit', 'revoke', 'optout', 'opt out', 'remove'],
  start: ['start', 'unstop'],
  help: ['help', 'info'],
  courtesy: [
    'please|pls|plz|plse|plss|kindly|thanks|thank you|thank u|thankyou|thx|ty|tysm|ok|okay|just|now|right now|immediately',
    'already|omg|ugh|hey|hi|hello|good morning|sorry|sir|maam|guys|asap|today|at once|fuck off|fuck you|damn|enough|lol',
  ],
  opening: [
    'i want to|i would like to|id like to|i wish to|i need to|i want you to|i need you to|i am asking you to|i',
    'i(?: have)?(?: already)? (?:said|told you(?: to)?|asked(?: you)?(?: to)?)|for the last time',
    '(?:(?:you have|u have|its|this is|you got|u got) )?(?:the |a )?wrong (?:number|person|phone)|not interested|not me',
    '(?:yes|yeah|yep|no|nope|nah|no thanks|no thank you)(?= (?:stop|unsubscribe|opt ?out)(?: |$))',
  ],
  closing: [
    'from (?:you|u|the library|your library)|(?:to|on|at) (?:this|my) (?:number|phone|cell)',
    'anymore|any more|no more|again|ever|ever again|or else|or i will .{1,40}',
  ],
  asking: [
    '(?:can|could|would|will) (?:you|u|ya)(?: guys)?|can i|may i|how (?:do|can) (?:i|we)|how to|where do i|id like you to',
  ],
  sentences: [
    `(?:stop|end|cease|no more|unsubscribe(?: me)?(?: from)?|opt(?: me)? out of|cancel|quit|discontinue|turn off|done with|i am done with|im done with|stop with) ${these}`,
    `(?:dont|do not|never|not to) (?:ever )?(?:text|txt|message|msg|contact|notify|bother|sms)${to}`,
    `(?:dont|do not|never) send${to}(?: (?:${these}|${stuff}))?`,
    `(?:dont|do not|no longer|never) (?:want|wish|need|care)(?: you)?(?: to)? (?:${these}|${write}${to}|hear from you|be (?:texted|contacted|messaged))`,
    `(?:id like|would like|want|need|make) ${these}(?: to)? (?:stop|end)`,
    `(?:unsubscribe|opt) me(?: out)?(?: (?:of|from))?(?: (?:all|everything|this|these|here|your ${texts}|it))?`,
    '(?:unsubscribe|optout|opt out|opting out)(?: (?:of|from) (?:all|everything|this|these))?',
    '(?:do not|dont|revoke|withdraw)(?: my)? (?:consent|permission)(?: (?:to|for) .{1,40})?',
    `(?:take|remove|delete|get|drop|erase) (?:me|${name}) (?:off|from|out of)(?: of)?(?: (?:this|here|it|${roll}))?`,
    `(?:lose|forget|delete|remove|erase) (?:my|this) (?:phone |cell )?number|leave (?:me|us) alone`,
  ],
  anywhere: [`(?:stop|quit|cease) ${write}${to}(?: ${these}| ${stuff}| about .{1,60})?`],
  short: [
    'stop(?: (?:all|it|this|that|this shit|everything))?',
    '(?:remove|take) me(?: off)?',
    'no (?:texts?|txts?|texting)|make it stop|(?:cancel|stop|end)(?: (?:my|this|the|text))* subscription',
    'stop (?:please|pls) (?:this|i|im|my|its) .{1,60}',
  ],
  narrowed: [
    [
      english('promotional|promotions?|promos?|ads?|adverts?|advertisements?|advertising|marketing|offers?'),
      'promotional',
    ],
    [english('news'), 'news'],
    [english('newsletters?'), 'newsletter'],
    [english('events?|programs?'), 'events'],
    [english('surveys?'), 'surveys'],
    [english2('overdues?|over due|late|past due', 'overdues?'), 'overdue'],
    [english2('holds?|holds? ready|ready holds|reserves|hold pick ?ups?|pick ?ups?', 'holds|pickups?'), 'pickup'],
    [english2('due(?: date| soon)?s?|courtesy|coming due', 'due'), 'due'],
    [english2('fines?|fees?|bills?|billing', 'fines'), 'fines'],
  ],
  unless: [
    '(?:dont|do not|never|not) (?:stop|quit|cancel|unsubscribe)',
    '(?:keep|continue|resume) (?:sending|texting|messaging|getting|them|it)',
    'want to (?:keep|continue)',
  ],
  // Before a request within a longer text: then it is told of, asked about or denied.
  denied:
    '(?:dont|do not|not|never|didnt|did|cant|wont|will|does|do|you|u|they|she|he|i|we|if|when|until|once|unless|should|not to|(?:didnt|did not|never|dont|do not) (?:tell|ask|want|mean|need)(?: (?:you|u|them))? to)',
}
