// Prints how wink-nlp reads the mood of labelled posts beside our own word list: node --conditions=@prm/source test/wink.ts FILE.ndjson
import { readFileSync } from 'node:fs'
import model from 'wink-eng-lite-web-model'
import winkNLP from 'wink-nlp'
import { judge, readPacks, type ToneReader, tone } from '../src/index.ts'
import { unquoted } from '../src/text.ts'
import { figuresOf, printed, readLabelled } from './labelled.ts'

const nlp = winkNLP(model, ['sbd', 'negation', 'sentiment'])
/** The same preparation as for ours: without titles and quotations, unknown where English is not read or nothing is found. */
const wink: ToneReader = (text, language) => {
  if (language !== undefined && !language.startsWith('en')) return { sentiment: 'unknown', words: [] }
  const score = Number(nlp.readDoc(unquoted(text)).out(nlp.its.sentiment))
  return {
    sentiment: score === 0 ? 'unknown' : score > 0.1 ? 'positive' : score < -0.1 ? 'negative' : 'neutral',
    words: [],
  }
}

const packs = readPacks(readFileSync(new URL('alder.packs.json', import.meta.url), 'utf8'))
const all = readLabelled(process.argv[2] ?? '')
for (const [name, read] of [
  ['our word list', tone],
  ['wink-nlp', wink],
] as const)
  console.log(`${name}\n${printed(figuresOf(all, judge(packs), read))}\n`)
