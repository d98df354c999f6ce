import { type Delivery, type Interaction, messageDelivery, type Of } from '@prm/core'
import { sha256 } from '@prm/kit'
import type { ParsedMail } from 'mailparser'
import type { EmailConfig } from './config.ts'
import { contentType, header } from './mime.ts'
import { type Ours, oursIn } from './seal.ts'
import { meaningOf, statusIn } from './status.ts'

type Delivered = Of<typeof messageDelivery>['data']

/**
 * What a mail system tells of a mail of ours: a delivery status (RFC 3464), a complaint (RFC 5965), or a bounce in words of
 * its own. Nothing where the mail is none of these; `unknown` where it is one of a mail that is not ours.
 */
export async function reportsIn(
  config: EmailConfig,
  mail: ParsedMail,
  raw: string,
  source: string,
): Promise<readonly Interaction[] | 'unknown' | undefined> {
  const { value, report } = contentType(mail)
  const parts = partsOf(mail)
  const told =
    report === 'feedback-report' || parts.some(({ type }) => type === 'message/feedback-report')
      ? complaint(parts)
      : value === 'multipart/report' || parts.some(({ type }) => type === 'message/delivery-status')
        ? statuses(parts)
        : bounced(mail)
  if (!told) return undefined
  const ours = await oursIn(config, [raw, mail.text ?? '', ...parts.map(({ text }) => text)].join('\n'))
  if (!ours) return 'unknown'
  return told.map((data) => factOf(ours, data, mail, source))
}

function factOf({ key }: Ours, data: Delivered, { messageId = '' }: ParsedMail, source: string): Interaction {
  return {
    key: `${data.means ?? 'report'} ${sha256(JSON.stringify([key, messageId, data])).hex.slice(0, 40)}`,
    type: messageDelivery.name,
    source,
    about: { source: 'prm', key },
    data,
  }
}

interface Part {
  readonly type: string
  readonly text: string
}
function partsOf({ attachments }: ParsedMail): readonly Part[] {
  return attachments.slice(0, 20).map(({ contentType, content }) => ({
    type: contentType.toLowerCase(),
    text: content.subarray(0, 200_000).toString('latin1'),
  }))
}

/** Groups of `Name: value` lines, unfolded (RFC 3464 §2.1). */
function fieldsIn(text: string): readonly ReadonlyMap<string, string>[] {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/\n[ \t]+/g, ' ')
    .split(/\n{2,}/)
    .map(
      (group) =>
        new Map(
          [...group.matchAll(/^([\w-]+):[ \t]*(.*)$/gm)].map(([, k = '', v = '']) => [k.toLowerCase(), v.trim()]),
        ),
    )
    .filter((fields) => fields.size > 0)
}

// ── RFC 3464 ─────────────────────────────────────────────────────────────────────────────────
const actions: ReadonlyMap<string, Delivery> = new Map([
  ['failed', 'undelivered'],
  ['delivered', 'delivered'],
  ['relayed', 'sent'],
  ['expanded', 'sent'],
])

function statuses(parts: readonly Part[]): readonly Delivered[] | undefined {
  const all = parts
    .filter(({ type }) => /^message\/(?:global-)?delivery-status$/.test(type))
    .flatMap(({ text }) => fieldsIn(text))
  const recipients = all.filter((fields) => fields.has('action'))
  if (recipients.length === 0) return undefined
  return recipients.map((fields) => {
    const action =
      fields
        .get('action')
        ?.toLowerCase()
        .split(/[\s;(]/)[0] ?? ''
    const diagnostic = fields.get('diagnostic-code') ?? ''
    const given = statusIn(fields.get('status') ?? '')
    // "5.0.0" and its like: what the other server said is more.
    const code = !given || /\.0\.0$/.test(given) ? (statusIn(diagnostic) ?? given) : given
    const state = actions.get(action)
    return delivered(`${action} ${code ?? ''}`.trim(), state, code, diagnostic)
  })
}

function delivered(raw: string, state: Delivery | undefined, code: string | undefined, said: string): Delivered {
  const bad = state === 'undelivered' && meaningOf(code, said) === 'undeliverable'
  return { raw, ...(state && { state }), ...(code && { code }), ...(bad && { means: 'undeliverable' }) }
}

// ── complaints ───────────────────────────────────────────────────────────────────────────────
function complaint(parts: readonly Part[]): readonly Delivered[] | undefined {
  const [fields] = parts.filter(({ type }) => type === 'message/feedback-report').flatMap(({ text }) => fieldsIn(text))
  const type = fields?.get('feedback-type')?.toLowerCase() ?? 'abuse'
  // not-spam takes a complaint back, virus and auth-failure are no word of the recipient's.
  const meant = ['abuse', 'fraud', 'opt-out', 'opt-out-list', 'other'].includes(type)
  return [{ raw: `feedback ${type}`, ...(meant && { means: 'blocked' }) }]
}

// ── bounces in words of their own ────────────────────────────────────────────────────────────
const failing =
  /undeliver|delivery (?:status|failure|has failed|incomplete)|failure notice|returned (?:mail|to sender)|could not be delivered|delivery.{0,20}fail|non remis|unzustellbar|no se (?:pudo|puede) entregar/i

function bounced(mail: ParsedMail): readonly Delivered[] | undefined {
  const from = mail.from?.value[0]?.address?.toLowerCase() ?? ''
  const system = /^(?:mailer-daemon|postmaster|mail-daemon)@|^$/.test(from) || header(mail, 'return-path')[0] === '<>'
  const failed = header(mail, 'x-failed-recipients').length > 0
  if (!failed && !(system && failing.test(`${mail.subject ?? ''}\n${(mail.text ?? '').slice(0, 2_000)}`)))
    return undefined
  const text = (mail.text ?? '').slice(0, 20_000)
  const reply = /(?<!\d)([45]\d\d)[ -](?:\d\.\d{1,3}\.\d{1,3}|[#<(]|\w)/.exec(text)?.[1]
  const code = statusIn(text) ?? reply
  // A delay is no end: "will be retried", and codes of 4.
  const waits =
    /^4/.test(code ?? '') &&
    /(?:still|will|keep).{0,20}(?:be )?(?:tr(?:y|ied)|retr)|delayed|not.{0,10}permanent/i.test(text)
  return [delivered(`bounced ${code ?? ''}`.trim(), waits ? undefined : 'undelivered', code, text)]
}
