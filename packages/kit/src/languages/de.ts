import type { Language } from './language.ts'

// Written without a native speaker: UNVERIFIED. Umlauts are "o" or, typed without them, "oe".
const messages =
  '(?:sms|nachrichten?|texte|textnachrichten?|mitteilungen|benachrichtigungen?|erinnerungen?|meldungen|infos)'
const all = '(?:(?:die|diese|diesen|alle|allen|eure|euren|ihre|ihren|meine|den|der|weitere|weiteren) )*'
const off =
  '(?:abbestellen|abmelden|stoppen|stornieren|kundigen|kuendigen|abschalten|ausschalten|abstellen|beenden|deaktivieren|loschen|loeschen)'
const would = '(?:(?:ich|wir) )?(?:will|mochte|moechte|wunsche|wuensche|wollen|mochten|moechten|brauche)'

function kind(names: string): string {
  return [
    `(?:${would} )?keine (?:weiteren? )?(?:${names}) mehr(?: (?:per sms|als sms|schicken|senden|erhalten|bekommen|haben))*`,
    `${would} keine (?:${names})(?: (?:per sms|als sms|erhalten|bekommen|haben))*`,
    `(?:den |die |das )?(?:${names}) ${off}`,
    `(?:stopp?|stoppt|stoppen sie|schluss)(?: (?:mit|die|den|der))* (?:${names})`,
  ].join('|')
}

export const de: Language = {
  locale: 'de',
  stop: [
    'stopp',
    'abmelden',
    'abmeldung',
    'abbestellen',
    'austragen',
    'ende',
    'aufhoren',
    'aufhoeren',
    'schluss',
    'beenden',
  ],
  start: ['starten', 'anmelden', 'fortsetzen'],
  help: ['hilfe'],
  courtesy: ['bitte|danke|dankeschon|danke schon|vielen dank|hallo|guten tag|sofort|endlich|jetzt|mal|doch|ab sofort'],
  opening: [
    '(?:(?:das ist|sie haben|ihr habt) )?(?:die |eine )?falsche nummer|falsch verbunden|kein interesse|es reicht',
  ],
  asking: [
    '(?:konnen|koennen|konnten|koennten) sie|(?:konnt|koennt) ihr|ich (?:will|mochte|moechte|wurde gerne?|wuerde gerne?)|wie kann ich',
  ],
  sentences: [
    `keine weiteren ${messages}`,
    `keine (?:weiteren )?${messages} mehr(?: (?:schicken|senden|schreiben|an mich|an diese nummer))*`,
    `${would} (?:bitte )?(?:keine (?:weiteren )?${messages}(?: mehr)?|nichts mehr)(?: (?:von ihnen|von euch|erhalten|bekommen|kriegen|haben|empfangen))*`,
    `(?:hort|hoert|hor|hoer|horen sie|hoeren sie)(?: (?:bitte|doch|endlich))* auf(?: (?:mir|uns|mich|immer|standig|staendig))*(?: ${messages})?(?: (?:zu (?:schreiben|schicken|senden|texten|nerven|belastigen|kontaktieren|simsen)|anzuschreiben|damit))?`,
    `(?:hort|hoert|horen sie|hoeren sie|aufhoren|aufhoeren|schluss)(?: auf)? mit (?:den |der |diesen )?${messages}`,
    `(?:nehmt|nehmen sie|nimm|streicht|streichen sie|entfernt|entfernen sie|loscht|loescht|loschen sie|loeschen sie|tragt|tragen sie)(?: bitte)? (?:mich|uns|meine (?:(?:handy|telefon|mobil) ?)?(?:nummer|daten))(?: (?:bitte|aus|von|der|dem|eurer|ihrer|eurem|ihrem|den|liste|verteiler|system|raus))*`,
    `(?:schreibt|schreiben sie|schreib|schickt|schicken sie|schick|sendet|senden sie)(?: (?:mir|uns|bitte))* (?:keine ${messages}(?: mehr)?|nicht mehr|nichts mehr)`,
    '(?:mir |mich )?(?:nicht mehr|nie wieder) (?:schreiben|anschreiben|kontaktieren|texten|belastigen|simsen)|nichts mehr (?:schicken|senden|schreiben)',
    `${all}${messages}(?: ?(?:dienst|service))? ${off}`,
    `(?:stoppt?|stoppen sie|stop|schluss)(?: bitte)?(?: (?:mit|die|den|der|diese|diesen|allen|alle|euren|ihren))* ${messages}`,
    '(?:mich |uns )(?:abmelden|austragen|streichen|loschen|loeschen)|(?:meldet|melden sie) (?:mich|uns) ab|abmelden von (?:der liste|allem)',
    '(?:lasst|lassen sie) mich in ruhe',
  ],
  narrowed: [
    [kind('werbung|reklame|angebote|werbe ?(?:sms|nachrichten)'), 'promotional'],
    [kind('neuigkeiten'), 'news'],
    [kind('newsletters?|rundbriefe?'), 'newsletter'],
    [kind('veranstaltungs ?(?:hinweise|infos|tipps|nachrichten|sms)'), 'events'],
    [kind('umfragen'), 'surveys'],
    [kind('mahnungen|mahn ?(?:sms|nachrichten)'), 'overdue'],
    [kind('(?:abhol|vormerk|vormerkungs|bereitstellungs) ?(?:benachrichtigungen|nachrichten|sms|infos)'), 'pickup'],
    [kind('(?:frist|leihfrist|ruckgabe|rueckgabe) ?(?:erinnerungen|nachrichten|sms)'), 'due'],
    [kind('gebuhren ?(?:nachrichten|sms|hinweise|infos)'), 'fines'],
  ],
  unless: ['nicht (?:auf|abmelden|abbestellen|stoppen|loschen)', 'weiter (?:schicken|senden|schreiben)'],
}
