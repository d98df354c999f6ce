import type { Wire } from '@prm/kit'
import * as z from 'zod/mini'

/** Counts are numbers or digits, in one and the same row (5.3.1): they are read by `figure`. */
export interface Row {
  readonly label: string
  /** Of a page; not told where rows were folded into one. */
  readonly url?: string | undefined
  readonly nb_hits?: unknown
  readonly nb_visits?: unknown
  readonly exit_nb_visits?: unknown
  readonly exit_rate?: unknown
  readonly referrer_type?: unknown
  /** What asks Matomo for this row alone. */
  readonly segment?: unknown
  /** What did not fit into the archive, in one row. */
  readonly is_summary?: unknown
}

const row = z.looseObject({
  label: z.pipe(z.union([z.string(), z.number()]), z.transform(String)),
  url: z.optional(z.string()),
})

/** By day; a day of which there is nothing is an empty list, and so is the whole where PHP has no keys. */
export type Report = Readonly<Record<string, readonly Row[]>>
export const report: Wire<Report> = z.union([
  z.record(z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/)), z.array(row)),
  z.pipe(
    z.array(z.unknown()).check(z.maxLength(0)),
    z.transform(() => ({})),
  ),
])

export interface Site {
  readonly timezone: string
  readonly sitesearch?: unknown
}
export const site: Wire<Site> = z.looseObject({ timezone: z.string() })
export const version: Wire<{ readonly value: string }> = z.looseObject({ value: z.string() })
export const urls: Wire<readonly string[]> = z.array(z.string())

/** How Matomo refuses, mostly with status 200. */
export function refusalIn(body: unknown): string | undefined {
  const { result, message } = (typeof body === 'object' && body ? body : {}) as { result?: unknown; message?: unknown }
  return result === 'error' ? String(message ?? '') : undefined
}
