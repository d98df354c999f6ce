import {
  type Adapter,
  type Channel,
  type CheckResult,
  type Context,
  type Feed,
  messageDelivery,
  messageReceived,
  type Webhook,
} from '@prm/core/adapter'
import { parseConfig } from '@prm/kit'
import { channel } from './channel.ts'
import { check } from './check.ts'
import { type EmailConfig, emailConfig } from './config.ts'
import { feed } from './imap.ts'
import { mailSetAside } from './interactions.ts'
import { type EmailReceipt, smtpOf } from './smtp.ts'
import { inlet } from './webhook.ts'

export type { Dkim, EmailConfig, Imap, Smtp } from './config.ts'
export { type MailSetAside, mailSetAside } from './interactions.ts'
export type { EmailReceipt } from './smtp.ts'

/** Exact, so that a host writes `prm.adapters.mail.channel.send` without asking whether there is a channel. */
export interface Email extends Adapter<EmailReceipt> {
  readonly channel: Channel<EmailReceipt>
  readonly webhook: Webhook
  /** Only with `imap`. */
  readonly feed?: Feed
  check(ctx: Context): Promise<readonly CheckResult[]>
  close(): Promise<void>
}

/** Mails by an SMTP server, and what comes back. Throws `config` naming the field when the config is wrong, before any call. */
export function email(config: EmailConfig): Email {
  const options = parseConfig(emailConfig, config, 'email')
  const smtp = smtpOf(options)
  const maxBytes = options.inlet?.maxBytes ?? 10 * 1024 * 1024
  return {
    spec: 1,
    kind: 'email',
    version: '0.0.0',
    emits: [messageReceived, messageDelivery, mailSetAside],
    channel: channel(options, smtp),
    webhook: inlet(options, maxBytes),
    ...(options.imap && { feed: feed(options, options.imap, maxBytes) }),
    check: (ctx) => check(options, smtp, ctx),
    close: () => smtp.close(),
  }
}
