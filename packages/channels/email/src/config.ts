import type { Address, Duration, LocalDate, Secret } from '@prm/core/adapter'
import { isSecret, type Wire } from '@prm/kit'
import * as z from 'zod/mini'

export interface EmailConfig {
  /** Whom mails are from: `notices@alder.example` or `Alder Library <notices@alder.example>`. Bounces come back to it. */
  readonly from: string
  /** Where answers go, where not to `from`. */
  readonly replyTo?: string
  /** The subject of what has none, such as an answer that staff typed. */
  readonly subject?: string
  /**
   * A long random text, the same for ever: it seals Message-IDs and unsubscribe links, so that what comes back is known
   * and nobody can make one up.
   */
  readonly secret: Secret
  /** The one before, for as long as its mails may be answered. */
  readonly previousSecret?: Secret
  readonly smtp: Smtp
  readonly dkim?: Dkim
  /** Which purposes carry List-Unsubscribe, with one click (RFC 8058) where the host has a public URL. */
  readonly unsubscribe?: {
    readonly purposes: readonly string[] | '*'
    /** A mailbox that the feed or inlet reads, for mail programs that know no one-click. */
    readonly mailto?: string
  }
  readonly imap?: Imap
  /** Takes mails by POST, as they came (RFC 5322), signed with this secret. */
  readonly inlet?: { readonly secret: Secret; readonly previousSecret?: Secret; readonly maxBytes?: number }
}

interface Login {
  readonly host: string
  /** TLS from the first byte; without it STARTTLS, which must be offered unless `host` is loopback. */
  readonly secure?: boolean
  readonly user?: string
  /** One of these, as text or a function: a password, or an OAuth 2 access token (XOAUTH2). */
  readonly password?: Secret
  readonly accessToken?: Secret
}
export interface Smtp extends Login {
  /** 587 by default, with `secure` 465. */
  readonly port?: number
  /** Connections at once, 5 by default. */
  readonly connections?: number
  /** What the server lets one sender send; core then gives each mail its turn. */
  readonly perSecond?: number
  readonly perDay?: number
  /** Also ask to be told of each mail that arrived (DSN). */
  readonly receipts?: boolean
}
export interface Dkim {
  readonly domain: string
  readonly selector: string
  /** PEM. */
  readonly privateKey: Secret
}
export interface Imap extends Login {
  readonly user: string
  /** 143 by default, with `secure` 993. */
  readonly port?: number
  /** What is read: `INBOX` by default. Nothing in it is moved or marked. */
  readonly mailbox?: string
  /** Where the SMTP server puts a copy of what it sent: lets a mail of unknown fate be looked up. */
  readonly sent?: string
  /** What arrived before this day is left alone: without it, all that is in the mailbox is read. */
  readonly since?: LocalDate
  /** `1m` by default. */
  readonly every?: Duration
}

const filled = z.string().check(z.minLength(1, 'a text that is not empty'))
const line = z.string().check(z.regex(/^[^\p{Cc}]+$/u, 'one line of text'))
const secret = z.custom<Secret>(isSecret, 'a string, or a function that returns one')
const above = z.number().check(z.positive('a number above 0'))
const count = z.number().check(z.refine((n) => Number.isInteger(n) && n > 0, 'a whole number above 0'))
const bytes = z
  .number()
  .check(z.refine((n) => Number.isInteger(n) && n > 0 && n <= 16_777_216, 'bytes, 16 MiB at the most'))
const port = z.number().check(z.refine((n) => Number.isInteger(n) && n > 0 && n < 65_536, 'a port'))
/** No more than one address, nothing that ends a header or an SMTP command. */
export const isMailAddress = (text: string): boolean =>
  text.length <= 254 &&
  /^[^\s"(),:;<>@[\\\]\p{Cc}]{1,64}@[^\s"(),:;<>@[\\\]\p{Cc}.]+(\.[^\s"(),:;<>@[\\\]\p{Cc}.]+)*$/u.test(text)
const address = z.string().check(z.refine(isMailAddress, 'an address such as notices@alder.example'))
const named = z.string().check(
  z.refine((text) => {
    const [, name = '', inner = text] = /^([^<>]*)<([^<>]+)>$/.exec(text) ?? []
    return isMailAddress(inner) && !/[\p{Cc}"]/u.test(name)
  }, 'an address such as notices@alder.example or Alder Library <notices@alder.example>'),
)
const login = {
  host: filled,
  port: z.exactOptional(port),
  secure: z.exactOptional(z.boolean()),
  password: z.exactOptional(secret),
  accessToken: z.exactOptional(secret),
}
const one = { error: 'a user with exactly one of password and accessToken, or none of the three', path: ['user'] }
const whole = ({ user, password, accessToken }: { user?: string; password?: Secret; accessToken?: Secret }): boolean =>
  user === undefined ? !password && !accessToken : (password === undefined) !== (accessToken === undefined)

export const emailConfig: Wire<EmailConfig> = z.strictObject({
  from: named,
  replyTo: z.exactOptional(named),
  subject: z.exactOptional(line),
  secret,
  previousSecret: z.exactOptional(secret),
  smtp: z
    .strictObject({
      ...login,
      user: z.exactOptional(filled),
      connections: z.exactOptional(count),
      perSecond: z.exactOptional(above),
      perDay: z.exactOptional(above),
      receipts: z.exactOptional(z.boolean()),
    })
    .check(z.refine(whole, one)),
  dkim: z.exactOptional(z.strictObject({ domain: filled, selector: filled, privateKey: secret })),
  unsubscribe: z.exactOptional(
    z.strictObject({
      purposes: z.union([z.literal('*'), z.array(filled)], "a list of purposes, or '*'"),
      mailto: z.exactOptional(address),
    }),
  ),
  imap: z.exactOptional(
    z
      .strictObject({
        ...login,
        user: filled,
        mailbox: z.exactOptional(filled),
        sent: z.exactOptional(filled),
        since: z.exactOptional(z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/, 'a day such as 2026-11-24'))),
        every: z.exactOptional(
          z.custom<Duration>((v) => typeof v === 'string' && /^\d+(ms|s|m|h|d)$/.test(v), 'a duration such as 1m'),
        ),
      })
      .check(z.refine(whole, one)),
  ),
  inlet: z.exactOptional(
    z.strictObject({ secret, previousSecret: z.exactOptional(secret), maxBytes: z.exactOptional(bytes) }),
  ),
})

/** The bare address of `Name <address>`. */
export const bare = (text: string): string => /<([^<>]+)>$/.exec(text)?.[1] ?? text
export const domainOf = (text: string): string => bare(text).slice(bare(text).lastIndexOf('@') + 1)

/** The server next door mostly has a certificate that nobody signed. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host)

export const mailto = (value: string): Address => ({ scheme: 'mailto', value })
