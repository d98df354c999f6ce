import type { Instant, Known, LocalDate, PageRef } from '@prm/core'

/** What a report is made of: an array, or rows as they are read. */
export type Rows<T> = Iterable<T> | AsyncIterable<T>

/** By which way it was said. What begins with `mention` is public: `mention forum`. */
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
  /** What has the same is one voice, whatever else it is. */
  readonly independence?: string
  /** The `id` of what it repeats: a repost is no new voice. */
  readonly copyOf?: string
  /** Of a public post: only what was told of it last counts, and nothing of one that is gone. */
  readonly post?: Post
  /** The address of the page that it was asked on, as its source has it. */
  readonly page?: string
  /** The heading it was asked under; by default what follows `#` in `page`. */
  readonly heading?: string
  /** The version of the page, where the source knows it. */
  readonly version?: string
  /** A row that stands for several: how often a search was made. */
  readonly times?: number
}

/** Which post a row is a version of, and when that was told. */
export interface Post {
  readonly id: string
  /** Its canonical link, where it has one: by it two sources know that theirs is the same. */
  readonly link?: string
  readonly told?: Instant | LocalDate
  readonly as: 'said' | 'edited' | 'gone'
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

/** A row of the metrics facet (a `Metric` of core is one), or of a CSV export. Absent is not zero. */
export interface MetricRow {
  readonly day: LocalDate
  /** The last day, of a row that holds more than one. */
  readonly until?: LocalDate
  /** An address, or a page of a system that has ids. */
  readonly page?: string | PageRef
  readonly views?: number | Known<number>
  readonly exits?: number | Known<number>
  readonly sampled?: boolean
  /** Names the row, where a number is to link to it. */
  readonly id?: string
}

/** From when on a page stood as it does: a fact of a snapshot feed, or a line of a web team's diary. */
export interface Version {
  readonly page: string
  readonly version: string
  readonly from: Instant | LocalDate
  /** What it was before, where no earlier row says. */
  readonly before?: string
}

/** Anybody may read it. */
export function isPublic(kind: Kind): boolean {
  return /^mention\b/.test(kind)
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
