import { createHmac, randomBytes } from 'node:crypto'
import type { Fault, Json, Simulator } from '@prm/core/adapter'
import { faults, loopback } from '@prm/kit/simulator'
import { serve } from './api.ts'
import type { SimulateOptions } from './options.ts'
import { type Faq, faqs, type Tenant, type Ticket, type Transaction } from './state.ts'

export type { SimulateOptions } from './options.ts'
export type { Faq, Ticket, Transaction } from './state.ts'

export interface LibAnswersCredentials {
  readonly clientId: string
  readonly clientSecret: string
  readonly iid: string
  readonly queue: string
}
/** What staff send a patron by mail from a ticket. */
export interface StaffAnswer {
  /** The ticket's id, or else `to`. */
  readonly ticket?: string | undefined
  readonly to?: string
  readonly text: string
  /** The receipt that LibAnswers sends by itself. */
  readonly automatic?: boolean
  readonly messageId?: string
  /** Where it is posted. */
  readonly url: string
}

export interface LibAnswersSimulator extends Simulator<LibAnswersCredentials> {
  readonly tickets: readonly Ticket[]
  readonly transactions: readonly Transaction[]
  /** By id; change them as an editor does. */
  readonly faqs: Map<number, Faq>
  /** How many tokens were given out. */
  tokens(): number
  /** Entered at a desk: `created` in the tenant's local time. */
  tally(transaction: Omit<Transaction, 'transaction_id' | 'dataset_id'>): Transaction
  /** The mail with a staff answer, signed as the library's mailbox posts it. */
  webhook(answer: StaffAnswer | Json): Request
  /** The next so many times a call is answered 200 with an error inside. */
  failInside(times?: number): void
}

/**
 * A LibAnswers tenant on loopback, written from what public clients send and get; what it assumes beyond that is listed in the
 * package's README.
 */
export async function simulate(options: SimulateOptions = {}): Promise<LibAnswersSimulator> {
  const tenant: Tenant = {
    options: { expiresIn: 86_400, scopes: 'app_view app_create app_update', ...options },
    clientId: options.clientId ?? '413APP-001',
    clientSecret: options.clientSecret ?? randomBytes(16).toString('hex'),
    iid: '812',
    queue: options.queue ?? '2417',
    dataset: options.dataset ?? '77',
    tokens: new Map(),
    tickets: [],
    transactions: [],
    faqs: faqs(),
    faults: faults(),
    inside: 0,
    now: () => options.now?.() ?? new Date(),
  }
  const server = await loopback((asked) => serve(tenant, asked), options)
  const mailSecret = options.mailSecret ?? 'simulated'
  return {
    url: server.url,
    credentials: { clientId: tenant.clientId, clientSecret: tenant.clientSecret, iid: tenant.iid, queue: tenant.queue },
    tickets: tenant.tickets,
    transactions: tenant.transactions,
    faqs: tenant.faqs,
    tokens: () => tenant.given ?? 0,
    received: () =>
      tenant.tickets.map((ticket) => ({
        at: ticket.created,
        text: unescaped(ticket.pdetails),
        raw: { ...ticket } as unknown as Json,
      })),
    fault(fault: Fault, times) {
      // One endpoint lists, and tickets are reported by nothing.
      if (['page-moved', 'duplicate-report', 'reordered-reports'].includes(fault))
        throw new Error(`LibAnswers has no ${fault}.`)
      tenant.faults.add(fault, times)
    },
    failInside(times = 1) {
      tenant.inside += times
    },
    tally(transaction) {
      const told = {
        ...transaction,
        transaction_id: 90_001 + tenant.transactions.length,
        dataset_id: Number(tenant.dataset),
      }
      tenant.transactions.push(told)
      return told
    },
    webhook: (answer) => posted(tenant, mailSecret, answer as unknown as StaffAnswer),
    close: () => server.close(),
  }
}

function posted(
  tenant: Tenant,
  secret: string,
  { ticket, text, automatic, url, messageId, ...one }: StaffAnswer,
): Request {
  const known = tenant.tickets.find(({ qid }) => qid === ticket)
  const to = one.to ?? known?.pemail ?? ''
  const now = tenant.now()
  const mail = [
    'From: Alder Library <alder@answers.example>',
    `To: <${to}>`,
    `Subject: Re: ${known?.pquestion ?? 'Your question'}`,
    `Date: ${now.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: ${messageId ?? `<${ticket ?? 'x'}.${now.getTime()}@answers.example>`}`,
    ...(automatic ? ['Auto-Submitted: auto-replied'] : []),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    text,
    '',
    '--------',
    'This message is in answer to the question that you asked.',
  ].join('\r\n')
  const seconds = Math.floor(now.getTime() / 1000)
  const mac = createHmac('sha256', secret).update(`${seconds}.`).update(mail).digest('hex')
  return new Request(url, {
    method: 'POST',
    headers: { 'content-type': 'message/rfc822', 'prm-signature': `t=${seconds},v1=${mac}` },
    body: mail,
  })
}

function unescaped(html: string): string {
  const letters: { readonly [entity: string]: string } = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' }
  return html.replace(/<br>/g, '\n').replace(/&(lt|gt|quot|amp);/g, (entity) => letters[entity] ?? entity)
}
