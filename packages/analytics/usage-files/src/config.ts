import { isZone, type Wire } from '@prm/kit'
import type { Order } from '@prm/kit-pages'
import * as z from 'zod/mini'
import { type Role, roles } from './columns.ts'

export interface UsageFilesConfig {
  /** A folder of exports, `.csv`, `.tsv` or `.txt`, of one site. */
  readonly path: string
  /** The site's zone, `America/Chicago`: its days are counted, and times that name no zone are in it. */
  readonly timeZone: string
  /** The site's host, `guides.library.example`: pages of it are known by their path, those of others by host and path. */
  readonly host?: string | undefined
  /** Columns that have another name than the usual ones: `{ page: 'Page (EN)' }`. */
  readonly columns?: { readonly [role in Role]?: string | undefined } | undefined
  /** Which comes first in `04/05/2026`, where the files do not tell. */
  readonly dates?: Order | undefined
  /** The parameter of a URL in a server log that holds what was searched for: `q`. */
  readonly searchParameter?: string | undefined
  /** These exports are estimates from a part, whatever they say. */
  readonly sampled?: boolean | undefined
}

const text = z.string().check(z.minLength(1, 'a text'))
const columns = Object.fromEntries(roles.map((role) => [role, z.optional(text)]))

export const usageFilesConfig: Wire<UsageFilesConfig> = z.strictObject({
  path: z.string().check(z.minLength(1, 'a folder')),
  timeZone: z.string().check(z.refine(isZone, 'an IANA zone such as America/Chicago')),
  host: z.optional(z.string().check(z.regex(/^[^\s/:]+$/, 'a host such as guides.library.example'))),
  columns: z.optional(z.strictObject(columns)),
  dates: z.optional(z.enum(['month first', 'day first'])),
  searchParameter: z.optional(text),
  sampled: z.optional(z.boolean()),
})
