import { type Cell, hide, threshold } from './cells.ts'
import type { Told } from './pages.ts'
import { type Rate, rounded, roundedRate, share } from './rate.ts'
import { once, people, type Questions, type Transaction } from './transaction.ts'

/** A rule of counting: which questions are reference transactions under it; nothing where it cannot tell. */
export interface Scheme {
  readonly name: string
  /** Changes with the rule, and stands in each report. */
  readonly version: string
  counts(question: Transaction): boolean | undefined
}

/** By effort: READ 3 and more is reference, as some libraries count. */
export const read3: Scheme = {
  name: 'READ 3+',
  version: '1',
  counts: ({ readLevel }) => (readLevel === undefined ? undefined : readLevel >= 3),
}
/** RUSA 2021: help that applies expertise to an information need; directional questions and rules of the house are none. */
export const rusa: Scheme = {
  name: 'RUSA',
  version: '2021',
  counts: ({ transactionClass }) =>
    transactionClass === undefined ? undefined : transactionClass === 'reference' || transactionClass === 'technical',
}
/** As IMLS's public libraries survey counts: neither directions, nor rules, nor help with machines alone. */
export const imls: Scheme = {
  name: 'IMLS-type',
  version: '1',
  counts: ({ transactionClass }) => (transactionClass === undefined ? undefined : transactionClass === 'reference'),
}
/** By the library's own codes: those that it counts as reference. */
export function localScheme(version: string, reference: readonly string[]): Scheme {
  const counted = new Set(reference)
  return { name: 'local', version, counts: ({ local }) => (local === undefined ? undefined : counted.has(local)) }
}

export interface CrosswalkReport {
  readonly questions: Cell
  readonly schemes: readonly {
    readonly name: string
    readonly version: string
    readonly reference: Cell
    readonly other: Cell
    /** Not coded for this rule: in neither. */
    readonly uncoded: Cell
    readonly coded: Rate | null
    readonly ref: string
    readonly text: string
  }[]
  /** Questions that two rules count differently. */
  readonly disagreements: readonly {
    readonly schemes: readonly [string, string]
    readonly both: Cell
    readonly differ: Cell
    readonly ref: string
  }[]
}

/** The same questions counted under several rules, how many are coded for each, and where the rules disagree. */
export async function crosswalk(
  options: Omit<Questions, 'timeZone'> & { readonly schemes?: readonly Scheme[] },
): Promise<Told<CrosswalkReport>> {
  const { schemes = [rusa, imls, read3] } = options
  const k = threshold(options.k)
  const all = await once(options.questions)
  const rows: Record<string, readonly string[]> = {}
  const tell = (some: readonly Transaction[], ref: string): number => {
    rows[ref] = some.map(({ id }) => id)
    return some.length
  }
  const counted = schemes.map((scheme) => all.map((one) => scheme.counts(one)))
  const list = schemes.map(({ name, version }, which) => {
    const of = (answer: boolean | undefined) => all.filter((_, at) => counted[which]?.[at] === answer)
    const parts = [of(true), of(false), of(undefined)]
    const cut = hide(parts.map(people), k)
    const ref = `crosswalk ${name} ${version}`
    const [reference, other, uncoded] = ['reference', 'other', 'uncoded'].map((word, at) =>
      cut.cells[at] || cut.total ? null : tell(parts[at] ?? [], `${ref} ${word}`),
    ) as [Cell, Cell, Cell]
    const coded = uncoded === null ? null : roundedRate(share(all.length - uncoded, Math.max(1, all.length)))
    const text = `${name} ${version}: ${reference ?? 'few'} reference transactions, ${other ?? 'few'} others${coded ? `; ${rounded(coded.value * 100)} % of questions are coded for it` : ''}.`
    return { name, version, reference, other, uncoded, coded, ref, text }
  })
  const disagreements = schemes.flatMap((a, x) =>
    schemes.slice(x + 1).map((b, y) => {
      const other = x + 1 + y
      const both = all.filter((_, at) => counted[x]?.[at] !== undefined && counted[other]?.[at] !== undefined)
      const differ = all.filter((_, at) => {
        const [one, two] = [counted[x]?.[at], counted[other]?.[at]]
        return one !== undefined && two !== undefined && one !== two
      })
      const alike = both.filter((one) => !differ.includes(one))
      const cut = hide([people(differ), people(alike)], k)
      const ref = `crosswalk ${a.name} ${a.version} and ${b.name} ${b.version} differ`
      const hidden = cut.cells[0] || cut.total
      return {
        schemes: [`${a.name} ${a.version}`, `${b.name} ${b.version}`] as const,
        both: cut.total ? null : both.length,
        differ: hidden ? null : tell(differ, ref),
        ref,
      }
    }),
  )
  return { report: { questions: people(all) < k ? null : all.length, schemes: list, disagreements }, rows }
}
