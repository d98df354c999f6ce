import { type Adapters, type Bib, type Instant, type Prm, PrmError } from '@prm/core'
import type { Audience, Read } from './types.ts'

/** One new title, with its editions. */
export interface Work {
  /** The same for each edition: title and author, without case, accents and punctuation. */
  readonly key: string
  readonly editions: readonly Bib[]
}

export interface NewTitles {
  readonly since: Instant
  /** More than this is no week's news but a catalogue that was loaded anew: it is refused. 500 by default. */
  readonly atMost?: number
  /** Keys of what was announced before. */
  readonly known?: ReadonlySet<string>
  /** On order without a copy, embargoed, withdrawn: `false` leaves it out. */
  readonly only?: (bib: Bib) => boolean | Promise<boolean>
  readonly signal?: AbortSignal
}

/**
 * What the catalogue added since, edition with edition. Throws `unsupported` where it cannot say, `conflict` where it is too
 * much to be news.
 */
export async function newTitles<A extends Adapters, U extends string, T extends string, R extends string>(
  prm: Prm<A, U, T, R>,
  adapter: keyof A & string,
  { since, atMost = 500, known, only, signal }: NewTitles,
): Promise<readonly Work[]> {
  const { catalogue } = prm.adapters[adapter] ?? {}
  if (!catalogue?.added)
    throw new PrmError('unsupported', `The adapter "${adapter}" does not tell what is new.`, { field: 'adapter' })
  const works = new Map<string, Bib[]>()
  for await (const bib of catalogue.added(since, prm.context(adapter, signal))) {
    const key = workKey(bib)
    if (known?.has(key) || (only && !(await only(bib)))) continue
    works.set(key, [...(works.get(key) ?? []), bib])
    if (works.size > atMost)
      throw new PrmError(
        'conflict',
        `More than ${atMost} titles are new: was the catalogue loaded anew? Raise atMost if they are.`,
        { field: 'atMost' },
      )
  }
  return [...works].map(([key, editions]) => ({ key, editions }))
}

function workKey({ title, author = '' }: Bib): string {
  const plain = (text: string) =>
    text
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '')
  return `${plain(title)} ${plain(author)}`
}

export interface Interests {
  /** The column that lists what somebody declared, with `;` or `|` between: `interests`. */
  readonly column?: string
  /** What a work is about, in the words of that column. */
  topics(work: Work): readonly string[]
  /** Where it can be asked for: within the patron's own branch, and with nothing of the patron in it. */
  link(work: Work, branch: string | undefined): string
  /** So many to one person; 10 by default. */
  most?: number
}

/**
 * The audience with a variable `titles`, a line and a link for each work that somebody asked to hear of, each work once. Who
 * asked for none of them is left out. It goes by private ways only, as all that tells what somebody reads.
 */
export function withTitles(audience: Audience, works: readonly Work[], interests: Interests): Audience {
  const { column = 'interests', topics, link, most = 10 } = interests
  const about = works.map((work) => ({ work, topics: topics(work).map((topic) => topic.toLowerCase()) }))
  return {
    from: audience.from,
    async *read(how): AsyncGenerator<Read> {
      for await (const one of audience.read(how)) {
        if (one.bad) {
          yield one
          continue
        }
        const { row } = one
        const asked = new Set(
          (row.fields[column] ?? '')
            .toLowerCase()
            .split(/[;|]/)
            .map((topic) => topic.trim()),
        )
        const theirs = about.filter((of) => of.topics.some((topic) => topic !== '' && asked.has(topic))).slice(0, most)
        if (theirs.length === 0) continue
        const titles = theirs
          .map(({ work }) => `${nameOf(work)}\n${link(work, row.fields.branch || undefined)}`)
          .join('\n\n')
        yield { row: { ...row, fields: { ...row.fields, titles } } }
      }
    },
  }
}

function nameOf({ editions: [bib] }: Work): string {
  return bib?.author ? `${bib.title}, ${bib.author}` : (bib?.title ?? '')
}
