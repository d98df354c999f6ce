import type { Secret } from '@prm/core/adapter'
import { isSecret, type Wire } from '@prm/kit'
import * as z from 'zod/mini'

export interface MatomoConfig {
  /** Where Matomo is, with its folder and without index.php: `https://stats.library.example/matomo`. */
  readonly baseUrl: string
  /** The number of the site, as in Administration, Websites, Manage. */
  readonly siteId: number
  /** An auth token of a user who may view the site and no more. */
  readonly token: Secret
  /** For private certificate authorities, client certificates and proxies. */
  readonly fetch?: typeof fetch | undefined
}

export const matomoConfig: Wire<MatomoConfig> = z.strictObject({
  baseUrl: z
    .url('the URL of Matomo, such as https://stats.library.example/matomo')
    .check(z.refine((url) => !/index\.php|[?#]/.test(url), 'the URL of Matomo, without index.php')),
  siteId: z.int('a whole number').check(z.positive('a number above 0')),
  token: z.custom<Secret>(isSecret, 'a string, or a function that returns one'),
  fetch: z.optional(z.custom<typeof fetch>((value) => typeof value === 'function', 'a function like fetch')),
})
