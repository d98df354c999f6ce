import type { Secret } from '@prm/core/adapter'
import { isSecret, isZone, type Wire } from '@prm/kit'
import type { Dating, Header, Order } from '@prm/kit-pages'
import * as z from 'zod/mini'

export interface LibGuidesConfig {
  /** The region's API host: `https://lgapi-us.libapps.com` unless given. */
  readonly baseUrl?: string | undefined
  /** Of Tools, API, for API 1.2. */
  readonly clientId?: string | undefined
  readonly clientSecret?: Secret | undefined
  /** Instead of those, for API 1.1. */
  readonly siteId?: string | undefined
  readonly key?: Secret | undefined
  /** The zone of the site: its dates name none. */
  readonly timeZone: string
  /** What is told: `guides` and `databases` unless given. */
  readonly of?: readonly Kind[] | undefined
  readonly usage?: Usage | undefined
}
export type Kind = 'guides' | 'databases' | 'assets' | 'subjects'
/** What a column of a usage export can be. */
export type Role = 'day' | 'guide' | 'page' | 'url' | 'views' | 'visits' | 'exits'
/** A folder of CSV exports of how pages were used, by day. */
export interface Usage {
  readonly path: string
  /** What a column is called there, where its name is not found. */
  readonly columns?: { readonly [role in Role]?: string | undefined } | undefined
  /** Of dates such as `04/05/2026`, where the file does not tell. */
  readonly dates?: Order | undefined
  /** Told of each file that was read. */
  readonly onFile?: ((report: UsageReport) => void) | undefined
}
/** What was made of one file. */
export interface UsageReport extends Pick<Header<Role>, 'file' | 'delimiter' | 'columns' | 'guessed' | 'other'> {
  readonly rows: number
  /** Rows that name no day or no page. */
  readonly bad: number
  /** Rows of a day and page that an earlier row, or a file written later, has told. */
  readonly again: number
  readonly dates: Dating
}

const filled = z.string().check(z.minLength(1, 'a text that is not empty'))
const secret = z.custom<Secret>(isSecret, 'a string, or a function that returns one')

export const libGuidesConfig: Wire<Options> = z
  .strictObject({
    baseUrl: z._default(z.url('a URL'), 'https://lgapi-us.libapps.com'),
    clientId: z.optional(filled),
    clientSecret: z.optional(secret),
    siteId: z.optional(z.string().check(z.regex(/^\d+$/, 'digits, as text'))),
    key: z.optional(secret),
    timeZone: z.string().check(z.refine(isZone, 'an IANA zone such as America/Chicago')),
    of: z._default(z.array(z.enum(['guides', 'databases', 'assets', 'subjects'])), ['guides', 'databases']),
    usage: z.optional(
      z.strictObject({
        path: filled,
        columns: z.optional(z.record(z.string(), z.optional(filled)) as unknown as z.ZodMiniType<Usage['columns']>),
        dates: z.optional(z.enum(['month first', 'day first'])),
        onFile: z.optional(z.custom<Usage['onFile']>((value) => typeof value === 'function', 'a function')),
      }),
    ),
  })
  .check(
    z.refine(
      ({ clientId, clientSecret, siteId, key }) =>
        clientId === undefined
          ? clientSecret === undefined && siteId !== undefined && key !== undefined
          : clientSecret !== undefined && siteId === undefined && key === undefined,
      { error: 'clientId and clientSecret, or siteId and key', path: ['clientId'] },
    ),
  )
/** The config with its defaults. */
export type Options = LibGuidesConfig & { readonly baseUrl: string; readonly of: readonly Kind[] }
