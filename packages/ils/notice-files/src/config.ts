import type { LocalDate, NoticeKind } from '@prm/core/adapter'
import * as z from 'zod/mini'
import { layouts } from './layouts/index.ts'

export interface NoticeFilesConfig {
  /** Files and folders. A folder is read with the files in it, no deeper: name its folders too, where each holds a list. */
  readonly path: string | readonly string[]
  /**
   * An id of the README's table, such as `polaris-phonenotices`, with `:renew`, `:overdue`, `:text` or `:voice` where one
   * layout serves two purposes. Without it each file is recognised by its rows.
   */
  readonly layout?: string
  /** The country whose numbers are written without a country code, ISO 3166: `US`. */
  readonly region: string
  /** Rows and lists that ask for a voice call are texted instead. Without it they keep `voice`. */
  readonly voiceAs?: 'sms'
  /** A file is moved here after its last batch is committed. Without it, it is read again at each look. */
  readonly archive?: string
  /**
   * A folder that is there already, for what became of the notices of Koha and Evergreen: files that their own scripts read.
   * Not one that is read here.
   */
  readonly results?: string
  /** Names the library system, so that two sources that speak of one patron or hold agree; the adapter's name by default. */
  readonly realm?: string
  /** Each row, before the batch that holds it is handed over. */
  readonly onRow?: (row: Row) => void
  /** What became of each file at each look. */
  readonly onFile?: (news: FileNews) => void
}

/** One physical record of a file. */
export type Row = NoticeRow | ContactRow | ResultRow | ReportRow | BadRow

/** Where a row stands. `line` is the line in the file, the first is 1; headers and blank lines are no rows. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly layout: string
  /** The columns were shifted, and counting from both ends settled them. */
  readonly repaired?: true
}

export interface NoticeRow extends Place {
  readonly is: 'notice'
  readonly kind: NoticeKind
  readonly level?: number
  /** What the row asks for; for Shoutbomb, what the patron lists of this look say, or null. */
  readonly medium: 'sms' | 'voice' | null
  /** E.164, or null: the row has none, or one that is not a number, and then `phoneProblem` says why. */
  readonly phone: string | null
  readonly phoneProblem?: string
  /** Blank in old files of Sierra, which name their patron by the number of the record. */
  readonly card: string
  readonly due?: LocalDate
  readonly collectBy?: LocalDate
  /** The key of the fact. */
  readonly key: string
}

export interface ContactRow extends Place {
  readonly is: 'contact'
  readonly card: string
  readonly phone: string | null
  readonly phoneProblem?: string
  readonly medium: 'sms' | 'voice'
  readonly language?: string
  /** Its phone stands in both lists, or its card twice with different words. */
  readonly conflict?: true
}

export interface ResultRow extends Place {
  readonly is: 'result'
  readonly id: string
  /** The word of the file: `SUCCESS` or `FAIL`. */
  readonly outcome: string
}

/** What Shoutbomb mailed. Numbers of the daily mails that are `opted-out` or `invalid` are facts too: `number.reported`. */
export interface ReportRow extends Place {
  readonly is: 'report'
  readonly about: 'opted-out' | 'invalid' | 'not-delivered' | 'call-failed' | 'count'
  /** E.164, or null; absent where something is counted. */
  readonly phone?: string | null
  readonly phoneProblem?: string
  readonly card?: string
  /** The kind of message, the error of a call, or what was counted. */
  readonly what?: string
  readonly count?: number
  /** That of the row, else of the mail's subject. */
  readonly day?: LocalDate
}

export interface BadRow extends Place {
  readonly is: 'bad'
  /** What was expected and what was found, without the data. */
  readonly why: string
}

export interface FileNews {
  readonly file: string
  /**
   * `left` for the next look · `refused`: it cannot be read · `gone`: another process took it · `deeper`: a folder
   * within a folder · `missing-list`: its phones are in a list that is not here · `conflict`: patron lists contradict each other.
   */
  readonly state: 'read' | 'left' | 'refused' | 'archived' | 'gone' | 'deeper' | 'missing-list' | 'conflict'
  readonly why?: string
  readonly layout?: string
  readonly rows?: number
}

/** Every value of `layout`. */
export const layoutNames: readonly string[] = layouts.flatMap(({ id, roles = {} }) => [
  id,
  ...Object.keys(roles).map((role) => `${id}:${role}`),
])

const filled = z.string().check(z.minLength(1, 'a path'))
const callback = <F>() => z.custom<F>((value) => typeof value === 'function', 'a function')

/** @internal */
export const schema: z.ZodMiniType<NoticeFilesConfig> = z.strictObject({
  path: z.union([filled, z.array(filled).check(z.minLength(1, 'at least one path'))]),
  layout: z.exactOptional(
    z
      .string()
      .check(z.refine((name) => layoutNames.includes(name), 'a layout of the README, such as polaris-phonenotices')),
  ),
  region: z.string().check(z.regex(/^[A-Z]{2}$/, 'a country in two capitals, such as US')),
  voiceAs: z.exactOptional(z.literal('sms')),
  archive: z.exactOptional(filled),
  results: z.exactOptional(filled),
  realm: z.exactOptional(z.string().check(z.regex(/^[^\s:]+$/, 'a name without blanks and colons'))),
  onRow: z.exactOptional(callback<(row: Row) => void>()),
  onFile: z.exactOptional(callback<(news: FileNews) => void>()),
})
