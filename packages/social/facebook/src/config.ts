import type { Duration, Secret } from '@prm/core/adapter'
import { isSecret, type Wire } from '@prm/kit'
import * as z from 'zod/mini'

export interface FacebookConfig {
  /** The page's number: *About*, *Page transparency*. */
  readonly pageId: string
  readonly appId: string
  /** Signs the webhooks, and proves each of our calls. */
  readonly appSecret: Secret
  /** The page's own token, not a person's. */
  readonly pageToken: Secret
  /** What you typed into the app's webhook settings. */
  readonly verifyToken: Secret
  /** Makes pseudonyms of authors: whoever has it can try names. At least 16 characters; with another, authors are others. */
  readonly pseudonymKey: Secret
  /**
   * Purposes under which a person writes every answer: these may go up to 7 days after, with the tag HUMAN_AGENT, which Meta
   * has to have granted to your app.
   */
  readonly humanAgent?: readonly string[] | undefined
  /** `v25.0` unless given. */
  readonly graphVersion?: string | undefined
  /** How often what a webhook may have missed is looked for; `10m` unless given. */
  readonly every?: Duration | undefined
  /** How old a post may be whose comments are looked through, and how far the first look goes; `7d` unless given. */
  readonly lookBack?: Duration | undefined
  readonly baseUrl?: string | undefined
  readonly fetch?: typeof fetch | undefined
}

const secret = z.custom<Secret>(isSecret, 'a string, or a function that returns one')
const number = z.string().check(z.regex(/^\d{1,30}$/, 'a number, as text'))
const duration = z.custom<Duration>((value) => /^[1-9]\d*[smhd]$/.test(String(value)), 'a duration such as 10m')

export const facebookConfig: Wire<Options> = z.strictObject({
  pageId: number,
  appId: number,
  appSecret: secret,
  pageToken: secret,
  verifyToken: secret,
  pseudonymKey: z.custom<Secret>(
    (value) => isSecret(value) && (typeof value === 'function' || value.length >= 16),
    'at least 16 characters, or a function that returns them',
  ),
  humanAgent: z._default(z.array(z.string().check(z.minLength(1, 'the name of a purpose'))), []),
  graphVersion: z._default(z.string().check(z.regex(/^v\d+\.\d+$/, 'a version such as v25.0')), 'v25.0'),
  every: z._default(duration, '10m'),
  lookBack: z._default(duration, '7d'),
  baseUrl: z._default(z.url('a URL'), 'https://graph.facebook.com'),
  fetch: z.optional(z.custom<typeof fetch>((value) => typeof value === 'function', 'a function like fetch')),
})
/** The config with its defaults. */
export type Options = FacebookConfig & {
  readonly [K in 'humanAgent' | 'graphVersion' | 'every' | 'lookBack' | 'baseUrl']: NonNullable<FacebookConfig[K]>
}
