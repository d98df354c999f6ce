import {
  type Channel,
  type Content,
  type Context,
  type Measurement,
  type Outbound,
  PrmError,
  type Receipt,
} from '@prm/core/adapter'
import * as z from 'zod/mini'
import { type Api, flag, text } from './api.ts'
import { isMail, mailboxFor } from './webhook.ts'

/** What LibAnswers said of a ticket that it took. */
export interface Ticket {
  readonly id?: string
  /** For staff. */
  readonly url?: string
}

export function channel(api: Api): Channel<Ticket> {
  return {
    medium: 'ticket',
    schemes: ['ticket'],
    // Staff of the whole system and the vendor see it.
    exposure: 'glanceable',
    limits: { idempotent: false },
    measure: (content, to) => measure(api, content, to),
    send: (message, ctx) => send(api, message, ctx),
  }
}

/** The question may have so many characters (a client that quotes the API's own description). */
const mostQuestion = 150

function measure({ options }: Api, { text, media }: Content, to?: Outbound['to']): Measurement {
  const unfit = to && unfitFor(options, to)
  return {
    units: 1,
    unit: 'message',
    ...(text.length > 60_000 && { tooLong: true }),
    ...(unfit && { unreachable: unfit }),
    warnings: media?.length ? ['pictures are not sent'] : [],
  }
}

const unfitFor = ({ queue }: Api['options'], to: Outbound['to']): string | undefined =>
  to.realm === undefined && queue === undefined ? 'no queue' : undefined

const wireTicket = z.object({ ticketUrl: text, isShared: flag, claimed: text })

async function send(api: Api, { key, to, content }: Outbound, ctx: Context): Promise<Receipt<Ticket>> {
  const { options } = api
  if (to.scheme !== 'ticket')
    throw new PrmError('invalid', 'LibAnswers takes tickets only: an address of scheme ticket.')
  const unfit = unfitFor(options, to)
  if (unfit) throw new PrmError('undeliverable', `The ticket goes nowhere: ${unfit}.`)
  const email = isMail(to.value) ? to.value : options.mail && (await mailboxFor(options.mail, key))
  const [first = ''] = content.text.trim().split('\n')
  const question = (content.subject ?? first).replace(/\s+/g, ' ').trim() || 'A question'
  const form = {
    quid: to.realm ?? options.queue,
    pquestion: question.length > mostQuestion ? `${question.slice(0, mostQuestion - 1).toWellFormed()}…` : question,
    // It is shown as HTML, and a patron may have written anything.
    pdetails: escaped(content.text),
    pemail: email,
    // A receipt would come back as an answer.
    ...(email !== undefined && !isMail(to.value) && { confirm_email: 0 }),
  }
  const said = await api.ask({ method: 'POST', path: '/ticket/create', form }, wireTicket, ctx)
  const url = said.ticketUrl && URL.parse(said.ticketUrl, options.baseUrl)
  if (!url)
    throw new PrmError('unknown', 'LibAnswers answered 200 without the address of a ticket: it may be there or not.')
  // There is no field for its id.
  const id = url.searchParams.get('qid') ?? undefined
  return { ...(id && { id }), state: 'accepted', raw: { ...(id && { id }), url: url.href } }
}

function escaped(text: string): string {
  const entities: { readonly [letter: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replace(/[&<>"]/g, (letter) => entities[letter] ?? letter).replace(/\r?\n/g, '<br>')
}
