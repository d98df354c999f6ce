import { stemmer as danishStem } from '@orama/stemmers/danish'
import { stemmer as dutchStem } from '@orama/stemmers/dutch'
import { stemmer as englishStem } from '@orama/stemmers/english'
import { stemmer as finnishStem } from '@orama/stemmers/finnish'
import { stemmer as frenchStem } from '@orama/stemmers/french'
import { stemmer as germanStem } from '@orama/stemmers/german'
import { stemmer as italianStem } from '@orama/stemmers/italian'
import { stemmer as portugueseStem } from '@orama/stemmers/portuguese'
import { stemmer as spanishStem } from '@orama/stemmers/spanish'
import { stemmer as swedishStem } from '@orama/stemmers/swedish'
import { stopwords as danishWords } from '@orama/stopwords/danish'
import { stopwords as dutchWords } from '@orama/stopwords/dutch'
import { stopwords as englishWords } from '@orama/stopwords/english'
import { stopwords as finnishWords } from '@orama/stopwords/finnish'
import { stopwords as frenchWords } from '@orama/stopwords/french'
import { stopwords as germanWords } from '@orama/stopwords/german'
import { stopwords as italianWords } from '@orama/stopwords/italian'
import { stopwords as portugueseWords } from '@orama/stopwords/portuguese'
import { stopwords as spanishWords } from '@orama/stopwords/spanish'
import { stopwords as swedishWords } from '@orama/stopwords/swedish'

/** What is needed to read a language. Any stemmer and list will do; these are Orama's, which follow Snowball. */
export interface Language {
  readonly code: string
  /** Words that tell nothing of what is asked, courtesies among them. */
  readonly stopWords: readonly string[]
  /** Nouns are written like names. */
  readonly capitals?: boolean
  stem(word: string): string
}

const words = (text: string): readonly string[] => text.split(' ')

export const danish: Language = {
  code: 'da',
  stopWords: [...danishWords, ...words('hej godmorgen goddag tak venligst ja vil gerne hjælp spørgsmål')],
  stem: danishStem,
}
export const dutch: Language = {
  code: 'nl',
  stopWords: [
    ...dutchWords,
    ...words('hallo goedemorgen goedemiddag dag dank bedankt alstublieft graag ja wil vraag hulp'),
  ],
  stem: dutchStem,
}
export const english: Language = {
  code: 'en',
  stopWords: [
    ...englishWords,
    ...words(
      'hi hello hey please thanks thank thx ok okay yes need want know get help question good morning afternoon evening im ive dont cant just like',
    ),
  ],
  stem: englishStem,
}
export const finnish: Language = {
  code: 'fi',
  stopWords: [...finnishWords, ...words('hei moi terve kiitos ole hyvä kyllä haluan tarvitsen apua kysymys')],
  stem: finnishStem,
}
export const french: Language = {
  code: 'fr',
  stopWords: [
    ...frenchWords,
    ...words('bonjour bonsoir salut merci svp oui voudrais veux besoin savoir aide question plaît'),
  ],
  stem: frenchStem,
}
export const german: Language = {
  code: 'de',
  stopWords: [
    ...germanWords,
    ...words('hallo guten tag morgen abend danke bitte ja möchte brauche wissen hilfe frage gibt'),
  ],
  capitals: true,
  stem: germanStem,
}
export const italian: Language = {
  code: 'it',
  stopWords: [
    ...italianWords,
    ...words('ciao buongiorno buonasera grazie favore prego sì vorrei bisogno sapere aiuto domanda'),
  ],
  stem: italianStem,
}
export const portuguese: Language = {
  code: 'pt',
  stopWords: [
    ...portugueseWords,
    ...words('olá oi bom boa dia tarde noite obrigado obrigada favor sim quero preciso saber ajuda pergunta'),
  ],
  stem: portugueseStem,
}
export const spanish: Language = {
  code: 'es',
  stopWords: [
    ...spanishWords,
    ...words('hola buenos buenas días tardes noches gracias favor sí quiero necesito saber ayuda pregunta'),
  ],
  stem: spanishStem,
}
export const swedish: Language = {
  code: 'sv',
  stopWords: [...swedishWords, ...words('hej godmorgon tack snälla ja vill gärna behöver hjälp fråga')],
  stem: swedishStem,
}
