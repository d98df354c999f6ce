import type { Secret } from '@prm/core/adapter'
import { isSecret } from '@prm/kit'
import * as z from 'zod/mini'

export interface MailGatewayConfig {
  /** The country whose numbers are written without a country code, ISO 3166: `US`. */
  readonly region: string
  /** What stands behind the `@` of the numbers: `sms.library.example`. Mail for any other domain is refused. */
  readonly domains: readonly string[]
  /** IP addresses and CIDR ranges that may send without a password: the server of the library system. */
  readonly clients?: readonly string[]
  /** Names and passwords of others. They need `tls`, unless `host` is loopback. */
  readonly users?: { readonly [name: string]: Secret }
  /** Envelope senders that are taken, as addresses or as domains; without it every sender of an allowed client. */
  readonly senders?: readonly string[]
  /** Where it listens; `127.0.0.1` by default. */
  readonly host?: string
  /** 25 by default, with `tls.implicit` 465. 0: any that is free. */
  readonly port?: number
  readonly tls?: {
    /** Paths of PEM files. A certificate that was renewed is used from the next connection on. */
    readonly key: string
    readonly cert: string
    /** TLS from the first byte instead of STARTTLS. */
    readonly implicit?: boolean
  }
  /** `before`: the text begins with the subject. Without it the subject tells the kind and is not texted. */
  readonly subject?: 'before'
  readonly limits?: Limits
  /** When a text failed, its mail's sender is told by mail, as a delivery status notification (RFC 3464). */
  readonly bounces?: Bounces
}

export interface Limits {
  /** Bytes of a mail, 262,144 by default. */
  readonly bytes?: number
  /** Recipients of a mail, 100 by default. */
  readonly recipients?: number
  /** Connections at once, 100 by default; one client has a fifth of them at most. */
  readonly connections?: number
  /** Mails a minute from one client, 3,000 by default; what is more is asked to come again later. */
  readonly mailsPerMinute?: number
  /** Milliseconds without a byte, 60,000 by default, and for one mail, 600,000. */
  readonly idleMs?: number
  readonly mailMs?: number
}

export interface Bounces {
  /** The mail server that takes them. */
  readonly host: string
  /** 25 by default, with `secure` 465. */
  readonly port?: number
  /** TLS from the first byte; without it STARTTLS where it is offered. */
  readonly secure?: boolean
  readonly user?: string
  readonly password?: Secret
  /** Whom they are from: `mailer-daemon@sms.library.example`. The envelope has no sender, so nothing comes back. */
  readonly from: string
}

const filled = z.string().check(z.minLength(1, 'a text that is not empty'))
const secret = z.custom<Secret>(isSecret, 'a string, or a function that returns one')
const count = z.number().check(z.refine((n) => Number.isInteger(n) && n > 0, 'a whole number above 0'))
const port = z.number().check(z.refine((n) => Number.isInteger(n) && n >= 0 && n < 65_536, 'a port'))
const domain = z.string().check(z.regex(/^(?!-)[a-z\d-]+(\.[a-z\d-]+)*$/i, 'a domain such as sms.library.example'))

/** @internal */
export const schema: z.ZodMiniType<MailGatewayConfig> = z.strictObject({
  region: z.string().check(z.regex(/^[A-Z]{2}$/, 'a country in two capitals, such as US')),
  domains: z.array(domain).check(z.minLength(1, 'at least one domain')),
  clients: z.exactOptional(z.array(filled)),
  users: z.exactOptional(z.record(filled, secret)),
  senders: z.exactOptional(z.array(filled)),
  host: z.exactOptional(filled),
  port: z.exactOptional(port),
  tls: z.exactOptional(z.strictObject({ key: filled, cert: filled, implicit: z.exactOptional(z.boolean()) })),
  subject: z.exactOptional(z.literal('before')),
  limits: z.exactOptional(
    z.strictObject({
      bytes: z.exactOptional(count),
      recipients: z.exactOptional(count),
      connections: z.exactOptional(count),
      mailsPerMinute: z.exactOptional(count),
      idleMs: z.exactOptional(count),
      mailMs: z.exactOptional(count),
    }),
  ),
  bounces: z.exactOptional(
    z.strictObject({
      host: filled,
      port: z.exactOptional(port),
      secure: z.exactOptional(z.boolean()),
      user: z.exactOptional(filled),
      password: z.exactOptional(secret),
      from: z.string().check(z.regex(/^[^\s<>@]+@[^\s<>@]+$/, 'an address such as mailer-daemon@sms.library.example')),
    }),
  ),
})
