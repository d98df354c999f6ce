import type { Delivery, MessageDelivery } from '@prm/core/adapter'
import { meaningOf, statusIn } from './status.ts'

interface Part {
  readonly type: string
  readonly text: string
}
interface Read {
  readonly from: readonly string[]
  readonly subject: string
  readonly text: string
  readonly type: string
  /** Of a `multipart/report`: `delivery-status`. */
  readonly report: string
  readonly parts: readonly Part[]
  header(name: string): readonly string[]
}

/** A delivery status (RFC 3464), a complaint (RFC 5965), or a bounce in words of its own. */
export function reportsIn(mail: Read): readonly MessageDelivery[] | undefined {
  const { type, report, parts } = mail
  if (report === 'feedback-report' || parts.some((one) => one.type === 'message/feedback-report'))
    return complaint(parts)
  if (type === 'multipart/report' || parts.some((one) => statusType.test(one.type)))
    return statuses(parts) ?? bounced(mail)
  return bounced(mail)
}
const statusType = /^message\/(?:global-)?delivery-status$/

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

function statuses(parts: readonly Part[]): readonly MessageDelivery[] | undefined {
  const all = parts.filter(({ type }) => statusType.test(type)).flatMap(({ text }) => fieldsIn(text))
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

function delivered(raw: string, state: Delivery | undefined, code: string | undefined, said: string): MessageDelivery {
  const bad = state === 'undelivered' && meaningOf(code, said) === 'undeliverable'
  return { raw, ...(state && { state }), ...(code && { code }), ...(bad && { addressStatus: 'undeliverable' }) }
}

// ── complaints ───────────────────────────────────────────────────────────────────────────────
function complaint(parts: readonly Part[]): readonly MessageDelivery[] | undefined {
  const [fields] = parts.filter(({ type }) => type === 'message/feedback-report').flatMap(({ text }) => fieldsIn(text))
  const type = fields?.get('feedback-type')?.toLowerCase() ?? 'abuse'
  // not-spam takes a complaint back, virus and auth-failure are no word of the recipient's.
  const meant = ['abuse', 'fraud', 'opt-out', 'opt-out-list', 'other'].includes(type)
  return [{ raw: `feedback ${type}`, ...(meant && { addressStatus: 'complaint' }) }]
}

// ── bounces in words of their own ────────────────────────────────────────────────────────────
const failing =
  /undeliver|delivery (?:status|failure|has failed|incomplete)|failure notice|returned (?:mail|to sender)|could not be delivered|delivery.{0,20}fail|non remis|unzustellbar|no se (?:pudo|puede) entregar/i

function bounced({ from, subject, text, header }: Read): readonly MessageDelivery[] | undefined {
  const system =
    /^(?:mailer-daemon|postmaster|mail-daemon)@|^$/.test(from[0] ?? '') || header('return-path')[0] === '<>'
  const failed = header('x-failed-recipients').length > 0
  const said = text.slice(0, 20_000)
  if (!failed && !(system && failing.test(`${subject}\n${said.slice(0, 2_000)}`))) return undefined
  const reply = /(?<!\d)([45]\d\d)[ -](?:\d\.\d{1,3}\.\d{1,3}|[#<(]|\w)/.exec(said)?.[1]
  const code = statusIn(said) ?? reply
  // A delay is no end: "will be retried", and codes of 4.
  const waits = /^4/.test(code ?? '') && waiting.test(said)
  return [delivered(`bounced ${code ?? ''}`.trim(), waits ? undefined : 'undelivered', code, said)]
}
const waiting = /(?:still|will|keep).{0,20}(?:be )?(?:tr(?:y|ied)|retr)|delayed|not.{0,10}permanent/i
