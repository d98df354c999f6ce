import type { Instant, Interaction, Known, LocalDate } from '@prm/core'

/** What a report is made of: an array, or rows as they are read. */
export type Rows<T> = Iterable<T> | AsyncIterable<T>

/** By which way it was said. */
export type Kind =
  | 'chat'
  | 'ticket'
  | 'email'
  | 'text'
  | 'search'
  | 'mention'
  | 'survey'
  | 'focus-group'
  | (string & {})

/** One thing that somebody asked, wrote, typed into a search or said in a group: what adapters and CSV rows become. */
export interface Said {
  /** The row that it comes from. Numbers link to it. */
  readonly id: string
  readonly kind: Kind
  readonly text: string
  readonly at?: Instant | LocalDate
  /** The same for all that one person says, in whatever source; no report tells it. Absent: a person of its own. */
  readonly person?: string
  /** The exchange that it is part of: its parts are one voice. */
  readonly thread?: string
  /** The `id` of what it repeats: a repost is no new voice. */
  readonly copyOf?: string
  /** The address of the page that it was asked on, as its source has it. */
  readonly page?: string
  /** The heading it was asked under; by default what follows `#` in `page`. */
  readonly heading?: string
  /** The version of the page, where the source knows it. */
  readonly version?: string
  /** A row that stands for several: how often a search was made. */
  readonly times?: number
}

/** Of whom a survey or a focus group was asked: shown beside what they said, and the denominator of it. */
export interface Frame {
  /** `students of the spring term`. */
  readonly population: string
  readonly chosen: 'everyone' | 'at random' | 'invited' | 'whoever came'
  readonly invited?: number
  /** How many answered, whatever they said. Absent: what was said there counts in no rate. */
  readonly answered?: number
}

/** A row of the metrics facet, or of a CSV export. Absent is not zero. */
export interface Metric {
  readonly day: LocalDate
  /** The last day, of a row that holds more than one. */
  readonly until?: LocalDate
  /** An address, or a page of a system that has ids. */
  readonly page?: string | PageRef
  readonly views?: Count | Known<number>
  readonly exits?: Count | Known<number>
  readonly sampled?: boolean
  /** Names the row, where a number is to link to it. */
  readonly id?: string
}
type Count = number

/** A page as its system names it. */
export interface PageRef {
  readonly system: string
  readonly id: string
  readonly version?: string
  readonly heading?: string
  readonly url?: string
}

/** From when on a page stood as it does: a fact of a snapshot feed, or a line of a web team's diary. */
export interface Version {
  readonly page: string
  readonly version: string
  readonly from: Instant | LocalDate
  readonly id?: string
}

/** What a known number is, and nothing where it is not known. */
export function known(value: number | Known<number> | undefined): number | undefined {
  if (typeof value !== 'object') return value
  if (value.is === 'empty') return 0
  return value.is === 'value' ? value.value : undefined
}

/** The address of a page; one that has none is named by its system and id. */
export function addressOf(page: string | PageRef): string {
  return typeof page === 'string' ? page : (page.url ?? `${page.system}/${page.id}`)
}

/** A fact of core as something said. `text` reads types other than `message.received`; without a text there is nothing said. */
export function said(
  fact: Interaction,
  kind: Kind,
  text: (fact: Interaction) => string | undefined = contentOf,
): Said | undefined {
  const words = text(fact)
  if (words === undefined) return undefined
  const { source, key, at = fact.seen, who, patronId, to, thread, conversationId } = fact
  const person = patronId ?? (who && [who.scheme, who.realm, who.value].filter(Boolean).join(' '))
  const exchange = conversationId ?? (thread !== undefined ? `${source} ${thread}` : undefined)
  return {
    id: `${source} ${key}`,
    kind,
    text: words,
    ...(at !== undefined && { at }),
    ...(person !== undefined && { person }),
    ...(exchange !== undefined && { thread: exchange }),
    ...(to?.scheme === 'web' && { page: to.value }),
  }
}

function contentOf({ data }: Interaction): string | undefined {
  const content = (data as { readonly content?: { readonly text?: unknown; readonly subject?: unknown } } | null)
    ?.content
  if (typeof content?.text !== 'string') return undefined
  return typeof content.subject === 'string' ? `${content.subject}\n${content.text}` : content.text
}
