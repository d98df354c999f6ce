import type { Secret } from '@prm/core/adapter'
import { isSecret, type Wire } from '@prm/kit'
import * as z from 'zod/mini'

export interface PlausibleConfig {
  /** The site as Plausible names it, its domain: `guides.library.example`. */
  readonly siteId: string
  /** A key of the kind "Stats API". */
  readonly apiKey: Secret
  /** Without it there is no `by: 'search'`: Plausible has no site search of its own. */
  readonly search?: SearchEvent | undefined
  /** Where Plausible is, `https://plausible.io` unless given. */
  readonly baseUrl?: string | undefined
  /** For private certificate authorities and proxies. */
  readonly fetch?: typeof fetch | undefined
}

/** The event by which your pages tell of a search. */
export interface SearchEvent {
  /** The goal of that event: `Search`. */
  readonly goal: string
  /** The property that holds what was searched for: `query`. */
  readonly property: string
  /** The property that holds how many were found: `result_count`. */
  readonly results?: string | undefined
}

const text = z.string().check(z.minLength(1, 'a text'))

export type Options = PlausibleConfig & { readonly baseUrl: string }
export const plausibleConfig: Wire<Options> = z.strictObject({
  siteId: z.string().check(z.regex(/^[^\s/:]+(\/[^\s:]*)?$/, 'a domain such as guides.library.example')),
  apiKey: z.custom<Secret>(isSecret, 'a string, or a function that returns one'),
  search: z.optional(z.strictObject({ goal: text, property: text, results: z.optional(text) })),
  baseUrl: z._default(z.url('a URL'), 'https://plausible.io'),
  fetch: z.optional(z.custom<typeof fetch>((value) => typeof value === 'function', 'a function like fetch')),
})
