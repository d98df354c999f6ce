import type { LocalDate, Secret } from '@prm/core/adapter'
import { isSecret, isZone, type Posting, type Wire } from '@prm/kit'
import type { Dating, Header, Order } from '@prm/kit-pages'
import * as z from 'zod/mini'
import type { Role } from './columns.ts'

export interface LibAnswersConfig {
  /** Where the library's LibAnswers is: `https://answers.alder.example`, with or without a domain of its own. */
  readonly baseUrl: string
  /** Of Admin, API, API Authentication. */
  readonly clientId: string
  readonly clientSecret: Secret
  /** Where the API lies on that host: `/api/1.1` unless given; some tenants have it at `/1.1`. */
  readonly path?: '/api/1.1' | '/1.1' | undefined
  /** The zone of the tenant: its dates name none. */
  readonly timeZone: string
  /** The institution's id: with it there is search, by the API that needs no token. */
  readonly iid?: string | undefined
  /** Where that API is, if not at `<baseUrl>/1.0`: `https://api2.libanswers.com/1.0`. */
  readonly publicUrl?: string | undefined
  /** Where tickets go that name no queue of their own. */
  readonly queue?: string | undefined
  /** Only the FAQs of this group. */
  readonly group?: string | undefined
  /** Also tells what changed in the FAQs. */
  readonly changes?: boolean | undefined
  readonly statistics?: Statistics | undefined
  readonly exports?: readonly Exports[] | undefined
  readonly mail?: MirroredMail | undefined
}
/** A dataset of reference analytics, read from that day on. */
export interface Statistics {
  readonly dataset: string
  readonly since: LocalDate
}
/** A folder of CSV exports, all of one kind. */
export interface Exports {
  readonly of: 'chats' | 'tickets' | 'transactions'
  readonly path: string
  /** What a column is called there, where its name is not found. */
  readonly columns?: { readonly [role in Role]?: string | undefined } | undefined
  /** Of dates such as `04/05/2026`, where the file does not tell. */
  readonly dates?: Order | undefined
  /** Told of each file that was read. */
  readonly onFile?: ((report: ExportReport) => void) | undefined
}
/** What was made of one file: which column is what, and how its dates were read. */
export interface ExportReport extends Pick<Header<Role>, 'file' | 'delimiter' | 'columns' | 'guessed' | 'other'> {
  /** Columns that are known and not kept: names, network addresses, notes of staff. */
  readonly leftOut: readonly string[]
  readonly rows: number
  readonly facts: number
  readonly bad: number
  /** Without an id of their own: their key is made of when and what. */
  readonly withoutId: number
  /** `guessed`: dates that can be read in two ways, and were read as the file's others are. */
  readonly dates: Dating & { readonly guessed: number }
}
/** Answers to tickets of ours come back by mail, to a mailbox that posts what it gets to the inlet. */
export interface MirroredMail extends Posting {
  /** `desk@alder.example`: LibAnswers answers to `desk+…@alder.example`, so it must take what follows a plus. */
  readonly address: string
  /** Seals which ticket is answered; a long random text, the same for ever. */
  readonly seal: Secret
  /** Whom such mails are from, addresses or domains (`answers.alder.example`): those of others are refused. */
  readonly from?: readonly string[] | undefined
  /** What is below a line with these words is no answer: what LibAnswers adds to its mails. */
  readonly endsAt?: readonly string[] | undefined
}

const filled = z.string().check(z.minLength(1, 'a text that is not empty'))
const secret = z.custom<Secret>(isSecret, 'a string, or a function that returns one')
const number = z.string().check(z.regex(/^\d+$/, 'digits, as text'))
const day = z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/, 'a day such as 2026-11-24'))
const url = z.url('a URL')
/** The part before the @ may have 64 letters (RFC 5321 §4.5.3.1.1), and the key of the ticket needs most of them. */
const mailbox = z
  .string()
  .check(
    z.regex(
      /^[\w.-]{1,10}@[\w-]+(\.[\w-]+)+$/,
      'an address such as desk@alder.example, with 10 letters at the most before the @',
    ),
  )
/** A pattern that matches nobody would refuse every answer. */
const sender = z.string().check(z.regex(/^([^\s@<>]+@)?[\w-]+(\.[\w-]+)+$/, 'an address or a domain'))

export const libAnswersConfig: Wire<Options> = z.strictObject({
  baseUrl: url,
  clientId: filled,
  clientSecret: secret,
  path: z._default(z.enum(['/api/1.1', '/1.1']), '/api/1.1'),
  timeZone: z.string().check(z.refine(isZone, 'an IANA zone such as America/Chicago')),
  iid: z.optional(number),
  publicUrl: z.optional(url),
  queue: z.optional(number),
  group: z.optional(number),
  changes: z.optional(z.boolean()),
  statistics: z.optional(z.strictObject({ dataset: number, since: day })),
  exports: z.optional(
    z.array(
      z.strictObject({
        of: z.enum(['chats', 'tickets', 'transactions']),
        path: filled,
        columns: z.optional(z.record(z.string(), z.optional(filled)) as unknown as z.ZodMiniType<Exports['columns']>),
        dates: z.optional(z.enum(['month first', 'day first'])),
        onFile: z.optional(z.custom<Exports['onFile']>((value) => typeof value === 'function', 'a function')),
      }),
    ),
  ),
  mail: z.optional(
    z.strictObject({
      address: mailbox,
      seal: secret,
      secret,
      previousSecret: z.optional(secret),
      from: z.optional(z.array(sender)),
      endsAt: z.optional(z.array(filled)),
    }),
  ),
})
/** The config with its defaults. */
export type Options = LibAnswersConfig & { readonly path: NonNullable<LibAnswersConfig['path']> }
