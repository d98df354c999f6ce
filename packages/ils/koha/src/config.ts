import { resolve } from 'node:path'
import type { NoticeKind, Secret } from '@prm/core/adapter'
import { isSecret, isZone, type Wire } from '@prm/kit'
import * as z from 'zod/mini'

export interface KohaConfig {
  /** The host of the staff interface or the OPAC, without /api/v1: `https://staff.library.example`. */
  readonly baseUrl: string
  /** Either an API key of a staff patron, where RESTOAuth2ClientCredentials is on … */
  readonly clientId?: string | undefined
  readonly clientSecret?: Secret | undefined
  /** … or a staff patron's user name and password, where RESTBasicAuth is on. */
  readonly user?: string | undefined
  readonly password?: Secret | undefined
  /** ISO 4217: Koha says amounts without one. */
  readonly currency: string
  /** The library's zone, `America/Chicago`: 23:59 there is a day. */
  readonly timeZone: string
  /** The country whose numbers are typed without a country code: `US`. */
  readonly region: string
  /** Names this Koha in card numbers and matters, so that two adapters agree on them. The adapter's name by default. */
  readonly realm?: string | undefined
  /** The field that `directory.write` puts a phone in; `sms_number` by default, where Koha's own texts go. */
  readonly phoneField?: 'sms_number' | 'mobile' | 'phone' | undefined
  /** How many days before it is due a loan is told by the feed; 3 by default. */
  readonly dueSoonDays?: number | undefined
  /** What the webhook-notifications plugin was given to speak to us with: there is an inlet only with it. */
  readonly webhook?: WebhookConfig | undefined
  /** The feed reads the files of koha-plugin-message-bee in this folder, and asks Koha for nothing; not beside `webhook`. */
  readonly messageBee?: MessageBeeConfig | undefined
  /** For private certificate authorities, client certificates and proxies. */
  readonly fetch?: typeof fetch | undefined
}

export interface WebhookConfig {
  readonly clientId: string
  readonly clientSecret: Secret
  /** Letter codes that your site made, such as `{ ODUE4: 'overdue' }`. */
  readonly letters?: { readonly [code: string]: NoticeKind } | undefined
}

export interface MessageBeeConfig {
  readonly path: string
  /** A folder for what is read. Without it the files stay, and are read once. */
  readonly archive?: string | undefined
  readonly letters?: WebhookConfig['letters']
}

const text = z.string().check(z.minLength(1, 'a text'))
const letters = z.optional(z.record(text, text))
const secret = z.custom<Secret>(isSecret, 'a string, or a function that returns one')

export const kohaConfig: Wire<Options> = z
  .strictObject({
    baseUrl: z
      .url('the URL of the host, such as https://staff.library.example')
      .check(z.refine((url) => !/\/api(\/|$)/.test(url), 'the URL of the host, without /api/v1')),
    clientId: z.optional(text),
    clientSecret: z.optional(secret),
    user: z.optional(text),
    password: z.optional(secret),
    currency: z.string().check(z.regex(/^[A-Z]{3}$/, 'an ISO 4217 code, such as USD')),
    timeZone: z.string().check(z.refine(isZone, 'an IANA zone such as America/Chicago')),
    region: text,
    realm: z.optional(text),
    phoneField: z._default(z.enum(['sms_number', 'mobile', 'phone']), 'sms_number'),
    dueSoonDays: z._default(z.int().check(z.nonnegative('days, 0 or more')), 3),
    webhook: z.optional(z.strictObject({ clientId: text, clientSecret: secret, letters })),
    messageBee: z.optional(
      z.strictObject({ path: text, archive: z.optional(text), letters }).check(
        z.refine(({ path, archive }) => archive === undefined || resolve(archive) !== resolve(path), {
          error: 'a folder of its own',
          path: ['archive'],
        }),
      ),
    ),
    fetch: z.optional(z.custom<typeof fetch>((value) => typeof value === 'function', 'a function like fetch')),
  })
  .check(
    z.refine(
      ({ clientId, clientSecret, user, password }) =>
        user === undefined && password === undefined ? clientId && clientSecret : user && password && !clientId,
      { error: 'clientId and clientSecret, or user and password', path: ['clientId'] },
    ),
    // Ids of messages would be told back to the wrong one.
    z.refine(({ webhook, messageBee }) => !webhook || !messageBee, {
      error: 'webhook or messageBee, not both',
      path: ['messageBee'],
    }),
  ) as unknown as Wire<Options>

/** The config with its defaults. */
export type Options = KohaConfig & {
  readonly phoneField: NonNullable<KohaConfig['phoneField']>
  readonly dueSoonDays: number
}
