import { type Context, PrmError } from '@prm/core/adapter'
import { client, type Fields, resolve, type Wire } from '@prm/kit'
import * as z from 'zod/mini'
import type { MatomoConfig } from './config.ts'
import { codeOf, refusalIn, said } from './errors.ts'

export type Ask = <T>(method: string, parameters: Fields, wire: Wire<T>, ctx: Context) => Promise<T>

/** Its reporting API. All goes by POST, as a token in a URL would stand in logs, and some tokens are taken so only; nothing writes. */
export function api({ baseUrl, siteId, token, fetch }: MatomoConfig): Ask {
  const http = client({
    baseUrl,
    code: (_, body) => codeOf(refusalIn(body)),
    timeoutMs: 60_000, // the first look at an old day may archive it
    ...(fetch && { fetch }),
  })
  return async (method, parameters, wire, ctx) => {
    const form = {
      module: 'API',
      method,
      format: 'JSON',
      language: 'en',
      idSite: siteId,
      ...parameters,
      token_auth: await resolve(token),
    }
    const call = { method: 'POST', path: 'index.php', form, write: false, maxBytes } as const
    const answer = await http.call(call, anything, ctx)
    const refused = refusalIn(answer)
    if (refused !== undefined) {
      const code = codeOf(refused) ?? 'invalid'
      throw new PrmError(code, `Matomo refused ${method}: ${said[code as keyof typeof said] ?? said.invalid}.`)
    }
    const result = await wire['~standard'].validate(answer)
    if (result.issues) throw new PrmError('contract', `Matomo answered ${method} in another shape than expected.`)
    return result.value
  }
}
/** 350 rows, each with its URL four times. */
const maxBytes = 16 * 1024 * 1024
const anything: Wire<unknown> = z.unknown()

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
