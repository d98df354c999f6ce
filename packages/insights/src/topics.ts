import { cluster } from './cluster.ts'
import { english, type Language } from './languages.ts'
import { type Privacy, redactor } from './redact.ts'
import type { Voices } from './respondents.ts'
import { reader } from './tokens.ts'

export interface Reading extends Privacy {
  /** Those that people write in, the commonest first; English by default. */
  readonly languages?: readonly Language[]
}

/** What was said, in groups that share their words. */
export interface Topics {
  /** The topic of each row, by its place; -1 has no word that tells anything. */
  readonly of: readonly number[]
  /** The words of those who raised it, the commonest first, that at least `k` of them wrote. */
  label(rows: readonly number[]): string
  /** What some of them wrote, redacted: those of whom most can be shown, one a voice. */
  quotes(rows: readonly number[], most?: number): readonly Quote[]
}

export interface Quote {
  readonly text: string
  /** Names the row in `rows`; no id stands in what is shown. */
  readonly row: string
}

/** A long text is what it begins with. */
const breadth = 30

export function topics({ rows, of }: Voices, k: number, { languages = [english], ...privacy }: Reading): Topics {
  const read = reader(languages)
  const redact = redactor(rows, of, k, read, privacy)
  const terms = rows.map(({ text }) => {
    const found = read(text).words.flatMap(({ term }) => (term === undefined ? [] : [term]))
    return [...new Set(found)].slice(0, breadth)
  })
  const docs = new Map<string, { readonly terms: readonly string[]; weight: number; readonly rows: number[] }>()
  for (const [at, own] of terms.entries()) {
    const key = [...own].sort().join(' ')
    const doc = docs.get(key) ?? { terms: own, weight: 0, rows: [] }
    doc.weight += rows[at]?.times ?? 1
    doc.rows.push(at)
    docs.set(key, doc)
  }
  const groups = cluster([...docs.values()])
  const topicOf = new Int32Array(rows.length).fill(-1)
  for (const [at, doc] of [...docs.values()].entries()) for (const row of doc.rows) topicOf[row] = groups[at] ?? -1

  return {
    of: [...topicOf],
    label(members) {
      const words = new Map<string, Map<string, Set<string>>>() // by term, its spellings, and who wrote them
      for (const row of members) {
        const text = rows[row]?.text ?? ''
        for (const { word, term } of read(text).words) {
          if (term === undefined) continue
          const spellings = words.get(term) ?? new Map<string, Set<string>>()
          const by = spellings.get(word) ?? new Set<string>()
          words.set(term, spellings.set(word, by.add(voiceOf(row))))
        }
      }
      const shown = [...words.values()].flatMap((spellings) => {
        const [word, by] = [...spellings]
          .filter(([one]) => redact.shows(one))
          .sort(([a, x], [b, y]) => y.size - x.size || (a < b ? -1 : 1))[0] ?? ['', new Set()]
        return by.size === 0 || weightOf(by, members) < k ? [] : [{ word, by: weightOf(by, members) }]
      })
      return shown
        .sort((a, b) => b.by - a.by || (a.word < b.word ? -1 : 1))
        .slice(0, 4)
        .map(({ word }) => word)
        .join(' ')
    },
    quotes(members, most = 2) {
      const taken = new Set<string>()
      return members
        .map((row) => ({ row, text: redact.quote(rows[row]?.text.slice(0, 400) ?? '') }))
        .map((one) => ({ ...one, text: short(one.text), gaps: one.text.split('[').length - 1 }))
        .filter(({ text }) => says(text))
        .sort((a, b) => a.gaps / a.text.length - b.gaps / b.text.length || a.row - b.row)
        .filter(({ row, text }) => {
          const again = taken.has(voiceOf(row)) || taken.has(text)
          taken.add(voiceOf(row)).add(text)
          return !again
        })
        .slice(0, most)
        .map(({ text, row }) => ({ text, row: rows[row]?.id ?? '' }))
    },
  }

  /** Of what was taken out enough is left, and not only the words between. */
  function says(quote: string): boolean {
    const { words } = read(quote.replace(/\[[^\]]*\]/g, ' '))
    return words.length >= 3 && words.some(({ term }) => term !== undefined)
  }
  function voiceOf(row: number): string {
    return of[row] ?? ''
  }
  /** A row that stands for several searches stands for several people who share its words. */
  function weightOf(by: ReadonlySet<string>, members: readonly number[]): number {
    let weight = 0
    const times = new Map(members.map((row) => [voiceOf(row), rows[row]?.times ?? 1]))
    for (const voice of by) weight += times.get(voice) ?? 1
    return weight
  }
}

const short = (text: string): string => (text.length <= 240 ? text : `${text.slice(0, 240).replace(/\s+\S*$/, '')} …`)
