import type { LocalDate, NoticeKind } from '@prm/core/adapter'
import type { Form, Maybe } from './columns.ts'
import type { DateForm } from './dates.ts'

/** A layout as data: a column list and how a row of it reads. */
export interface Layout extends Form {
  readonly id: string
  /** Layouts of one family come in one folder and belong together. */
  readonly family: string
  /** The first is the documented one; the others are taken only where a whole file says so. */
  readonly dates: readonly [DateForm, ...DateForm[]]
  /** One layout for two purposes: the word in the file's or the folder's name tells which. */
  readonly roles?: { readonly [role: string]: RegExp }
  /** The phone is not in the row but in the patron lists. */
  readonly byList?: true
  /** Patron lists are read before what needs them. */
  readonly list?: true
  readonly mail?: Mail
  /** `role` is the one its name says; in a mail the part of it that the row is in. */
  read(cells: readonly string[], day: (cell: string) => LocalDate | undefined, role: string): Reading
}

/** A mail that was saved as text: rows among words. */
export interface Mail {
  /** Its subject or its first words. */
  readonly says: RegExp
  readonly rows: RegExp
  /** Words above rows that say what the rows are; without them such rows cannot be read. `''` begins one that is not known yet. */
  readonly parts?: { readonly [part: string]: RegExp }
  /** A line that counts something, by its number. */
  readonly counts?: RegExp
  /** Its numbers are told as facts. */
  readonly told?: true
}

export type Reading = NoticeReading | ContactReading | ResultReading | ReportReading

/** What a row says, in our words. Ids of 0 and blanks are already absent. */
export interface NoticeReading {
  readonly is: 'notice'
  readonly kind: NoticeKind
  readonly level?: Maybe<number>
  readonly medium?: Maybe<'sms' | 'voice'>
  /** Blank where the row has only the record's number of its patron. */
  readonly card: string
  readonly record?: Maybe
  /** The source's ids, most telling first; with kind, date and level they are the key. */
  readonly ids: readonly string[]
  /** What it is about: `hold:<realm>:<ids>`, the same in every file of this system. */
  readonly matter: readonly ['hold' | 'loan' | 'fine' | 'account', ...string[]]
  readonly item: { readonly id?: Maybe; readonly barcode?: Maybe; readonly title?: Maybe }
  readonly date?: Maybe<LocalDate>
  readonly at?: Maybe<LocalDate>
  readonly branch?: Maybe
  readonly pickup?: Maybe
  readonly language?: Maybe
  /** What the row knows of its patron; absent where lists say it. */
  readonly patron?: Maybe<{ readonly name: string; readonly phone: string; readonly email: string }>
  /** What the source calls the notice, to be told what became of it: `itiva:<message_id>`, `evergreen:<event id>`. */
  readonly origin?: Maybe
}
export interface ContactReading {
  readonly is: 'contact'
  readonly card: string
  readonly phone: string
  readonly language?: Maybe
}
export interface ResultReading {
  readonly is: 'result'
  readonly id: string
  readonly outcome: string
}

export interface ReportReading {
  readonly is: 'report'
  readonly about: 'opted-out' | 'invalid' | 'not-delivered' | 'call-failed' | 'count'
  readonly phone?: Maybe
  readonly card?: Maybe
  /** The kind of message, the error of a call, or what was counted. */
  readonly what?: Maybe
  readonly count?: Maybe<number>
  readonly day?: Maybe<LocalDate>
}
