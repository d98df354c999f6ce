import { type CheckResult, type NoticeResult, PrmError, type WriteBack } from '@prm/core/adapter'
import { resolve, sha256 } from '@prm/kit'
import { createTransport, type Transporter } from 'nodemailer'
import MimeNode from 'nodemailer/lib/mime-node'
import { isLoopback } from './access.ts'
import type { Bounces } from './config.ts'
import { type Origin, readOrigin } from './interactions.ts'

const failed: readonly NoticeResult['state'][] = ['undelivered', 'rejected', 'not-sent']
const patienceMs = 15_000

/**
 * Tells the sender of a mail that its text failed. A report told twice has the same Message-ID, by which mailboxes know it;
 * this process does not send it twice.
 */
export function bounces(
  config: Bounces,
  domains: readonly string[],
): { outcomes: WriteBack; check(): Promise<CheckResult> } {
  const sent = new Set<string>()
  return {
    outcomes: {
      async report(results, { signal, log }) {
        const due = results.flatMap((result) => {
          const origin = failed.includes(result.state) ? readOrigin(result.origin) : undefined
          const own = domains.some((domain) => origin?.sender.toLowerCase().endsWith(`@${domain.toLowerCase()}`))
          return origin && !own ? [{ result, origin, id: idOf(result, config) }] : []
        })
        if (due.length === 0) return
        const transport = await transportOf(config)
        try {
          for (const { result, origin, id } of due) {
            if (signal.aborted) throw new PrmError('unavailable', 'Stopped before all bounces were mailed.')
            if (sent.has(id)) continue
            const raw = await notification(config, result, origin, id)
            await mail(transport, origin.sender, raw, log)
            if (sent.size > 10_000) sent.clear()
            sent.add(id)
          }
        } finally {
          transport.close()
        }
      },
    },
    async check() {
      const what = 'outcomes.bounces'
      const transport = await transportOf(config)
      try {
        await transport.verify()
        return { what, ok: true, detail: 'the mail server for bounces answers' }
      } catch (error) {
        const hint = 'Look at bounces.host, port, user and password.'
        return { what, ok: false, detail: `the mail server for bounces refuses: ${codeOf(error)}`, hint }
      } finally {
        transport.close()
      }
    },
  }
}

async function transportOf({ host, port, secure = false, user, password }: Bounces): Promise<Transporter> {
  return createTransport({
    host,
    port: port ?? (secure ? 465 : 25),
    secure,
    // The server next door mostly has a certificate that nobody signed.
    ignoreTLS: !secure && isLoopback(host),
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    ...(user !== undefined && { auth: { user, pass: password === undefined ? '' : await resolve(password) } }),
  })
}

/** Whom the mail server does not know is no reason to keep the others waiting. */
async function mail(
  transport: Transporter,
  to: string,
  raw: Buffer,
  log: Parameters<WriteBack['report']>[1]['log'],
): Promise<void> {
  try {
    await transport.sendMail({ envelope: { from: '', to: [to] }, raw })
  } catch (error) {
    const code = codeOf(error)
    if (/^5/.test(code)) return log('warn', 'A bounce was refused and is not tried again.', { code })
    throw new PrmError('unavailable', `The mail server for bounces did not take one: ${code}.`)
  }
}

function codeOf(error: unknown): string {
  const { responseCode, code } = error as { responseCode?: number; code?: string }
  return String(responseCode ?? code ?? 'unknown')
}

function idOf({ about, state }: NoticeResult, { from }: Bounces): string {
  const domain = from.slice(from.lastIndexOf('@') + 1)
  return `<${sha256(JSON.stringify([about.source, about.key, state])).hex.slice(0, 40)}@${domain}>`
}

/** RFC 3464. The number stands in the body only. */
async function notification(
  { from }: Bounces,
  result: NoticeResult,
  { sender, address, id }: Origin,
  messageId: string,
) {
  const { state, at } = result
  const why = (result.reason ?? 'no reason was given').replace(/\s+/g, ' ')
  const domain = address.slice(address.lastIndexOf('@') + 1)
  const report = new MimeNode('multipart/report; report-type=delivery-status')
  report.setHeader({
    From: from,
    To: sender,
    Subject: 'A text was not delivered',
    Date: new Date(at),
    'Message-ID': messageId,
    'Auto-Submitted': 'auto-replied',
    ...(/^<\S+>$/.test(id) && { 'In-Reply-To': id, References: id }),
  })
  report
    .createChild('text/plain; charset=utf-8')
    .setContent(`Your mail to ${address} was taken, but its text was not delivered: ${state} (${why}), ${at}.\n`)
  const fields = [
    `Reporting-MTA: dns; ${domain}`,
    '',
    `Final-Recipient: rfc822; ${address}`,
    'Action: failed',
    // 5.7.1: we were not to send it; 5.0.0: it was tried.
    `Status: ${state === 'not-sent' ? '5.7.1' : '5.0.0'}`,
    `Diagnostic-Code: x-prm; ${state} ${why}`,
    `Last-Attempt-Date: ${new Date(at).toUTCString().replace('GMT', '+0000')}`,
    '',
  ]
  report.createChild('message/delivery-status').setContent(fields.join('\r\n'))
  return report.build()
}
