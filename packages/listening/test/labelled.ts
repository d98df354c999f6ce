// Prints how well the rules do on labelled posts: node --conditions=@prm/source test/labelled.ts FILE.ndjson [--missed]
import { readFileSync } from 'node:fs'
import { advice, type Judge, judge, type Post, readPacks, type Sentiment, type ToneReader, tone } from '../src/index.ts'

/** A post as somebody labelled it who does not know the rules. */
export interface Labelled {
  readonly id: string
  readonly source: string
  readonly language: string | null
  readonly text: string
  readonly link?: string | null
  readonly location?: string | null
  /** Posts of one campaign. */
  readonly group: string | null
  readonly label: {
    readonly relevant: boolean
    readonly decision: string
    readonly sentiment: Sentiment
    readonly urgent: boolean
    readonly why: string
  }
}

export interface Score {
  readonly precision: number
  readonly recall: number
  readonly right: number
  readonly said: number
  readonly of: number
}

export function readLabelled(file: string): readonly Labelled[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Labelled)
}

function postOf({ text, source, language, link, location }: Labelled): Post {
  return {
    text,
    source,
    ...(language && { language }),
    ...(link && { url: link }),
    ...(location && { place: location }),
  }
}

/** Of those that are said to be so, how many are; of those that are, how many are said to be so. */
function scoreOf<T>(all: readonly T[], said: (one: T) => boolean, is: (one: T) => boolean): Score {
  const [sayings, truths] = [all.filter(said), all.filter(is)]
  const right = sayings.filter(is).length
  return {
    precision: right / sayings.length,
    recall: right / truths.length,
    right,
    said: sayings.length,
    of: truths.length,
  }
}

export interface Figures {
  readonly relevance: Score
  readonly help: Score
  readonly urgent: Score
  readonly negative: Score
  readonly positive: Score
  /** Of those that are about the library and sound one way or the other: how many got the right sign, and how many none. */
  readonly sign: { readonly right: number; readonly wrong: number; readonly none: number }
}

export function figuresOf(
  all: readonly Labelled[],
  relevant: Judge,
  read: ToneReader = tone,
  threshold = 0.5,
): Figures & { readonly rows: readonly Row[] } {
  const rows = all.map((one): Row => {
    const post = postOf(one)
    const { score, reasons } = relevant(post)
    const told = advice(post, score >= threshold, read)
    return {
      one,
      score,
      reasons,
      shown: score >= threshold,
      suggested: told.suggested,
      urgent: told.urgency === 'urgent',
      sentiment: told.tone.sentiment,
      words: told.tone.words,
    }
  })
  const about = rows.filter(({ one }) => one.label.relevant)
  const polar = about.filter(({ one }) => one.label.sentiment !== 'neutral')
  const has = (sentiment: Sentiment) => (row: Row) => row.sentiment === sentiment
  const is = (sentiment: Sentiment) => (row: Row) => row.one.label.sentiment === sentiment
  const unsaid = (row: Row): boolean => row.sentiment === 'neutral' || row.sentiment === 'unknown'
  const right = polar.filter((row) => row.sentiment === row.one.label.sentiment).length
  const none = polar.filter(unsaid).length
  return {
    relevance: scoreOf(
      rows,
      ({ shown }) => shown,
      ({ one }) => one.label.relevant,
    ),
    help: scoreOf(
      rows,
      ({ suggested }) => suggested === 'help',
      ({ one }) => one.label.decision === 'help',
    ),
    urgent: scoreOf(
      rows,
      ({ urgent }) => urgent,
      ({ one }) => one.label.urgent,
    ),
    negative: scoreOf(about, has('negative'), is('negative')),
    positive: scoreOf(about, has('positive'), is('positive')),
    sign: { right, wrong: polar.length - right - none, none },
    rows,
  }
}

export interface Row {
  readonly one: Labelled
  readonly score: number
  readonly reasons: readonly string[]
  readonly shown: boolean
  readonly suggested: string
  readonly urgent: boolean
  readonly sentiment: Sentiment
  readonly words: readonly string[]
}

export function printed({ relevance, help, urgent, negative, positive, sign }: Figures): string {
  const line = (name: string, { precision, recall, right, said, of }: Score): string =>
    `${name.padEnd(20)} precision ${precision.toFixed(3)} (${right} of ${said})  recall ${recall.toFixed(3)} (${right} of ${of})`
  return [
    line('relevant', relevance),
    line('decision help', help),
    line('urgent', urgent),
    line('sentiment negative', negative),
    line('sentiment positive', positive),
    `sign of what is about the library and not neutral: ${sign.right} right, ${sign.wrong} wrong, ${sign.none} not said`,
  ].join('\n')
}

if (import.meta.filename === process.argv[1]) {
  const [, , file = '', ...more] = process.argv
  const packs = readPacks(readFileSync(new URL('alder.packs.json', import.meta.url), 'utf8'), 'alder.packs.json')
  const all = readLabelled(file)
  const figures = figuresOf(all, judge(packs))
  console.log(`${all.length} posts, ${all.filter(({ label }) => label.relevant).length} about the library`)
  console.log(printed(figures))
  const short = (row: Row): string =>
    `  ${row.one.id} ${row.score.toFixed(2)} [${row.one.source} ${row.one.language ?? '-'}] ${row.one.text.replace(/\s+/g, ' ').slice(0, 220)}\n      ${row.reasons.join('; ')}`
  const missed = figures.rows.filter(({ one, shown }) => one.label.relevant && !shown)
  console.log(`\nmissed, ${missed.length}:\n${missed.map(short).join('\n')}`)
  const wrong = figures.rows.filter(({ one, shown }) => !one.label.relevant && shown)
  console.log(`\nshown and not about the library, ${wrong.length}:\n${wrong.map(short).join('\n')}`)
  if (more.includes('--missed')) {
    const help = figures.rows.filter(
      ({ one, suggested, shown }) => shown && (one.label.decision === 'help') !== (suggested === 'help'),
    )
    console.log(
      `\nhelp or not, ${help.length}:\n${help.map((row) => `  ${row.one.id} said ${row.suggested}, is ${row.one.label.decision} (${row.sentiment}: ${row.words.join(', ')})  ${row.one.text.replace(/\s+/g, ' ').slice(0, 240)}`).join('\n')}`,
    )
    const sign = figures.rows.filter(
      ({ one, sentiment }) =>
        one.label.relevant && one.label.sentiment !== 'neutral' && sentiment !== one.label.sentiment,
    )
    console.log(
      `\nsign, ${sign.length}:\n${sign.map((row) => `  ${row.one.id} said ${row.sentiment}, is ${row.one.label.sentiment} (${row.words.join(', ')}) ${row.one.text.replace(/\s+/g, ' ').slice(0, 240)}`).join('\n')}`,
    )
  }
}
