import { gzipSync } from 'node:zlib'
import { type Answer, refuse } from './query.ts'
import type { Fields, Town } from './state.ts'

// koha-plugin-webhook-notifications: its README, its openapi.json, and what its source puts in a payload.

/** One row of Koha's queue, as the plugin would post it. */
export interface Letter {
  readonly url: string
  /** HOLD by default. */
  readonly letter?: string
  readonly transport?: string
  readonly message_id?: number
  readonly patron_id?: number
  readonly holds?: readonly number[]
  readonly checkouts?: readonly number[]
  /** Of a hold that is over. */
  readonly old?: boolean
  readonly format?: 'full' | 'minimal'
  readonly zipped?: boolean
  /** Of an earlier request for a token; none is sent without. */
  readonly token?: string
}

/** RFC 6749, 4.4, as LWP posts it. */
export function tokenRequest(url: string, clientId: string, clientSecret: string): Request {
  const body = new URLSearchParams({
    client_id: clientId,
    client_secret: clientSecret,
    grant_type: 'client_credentials',
  })
  return new Request(url, { method: 'POST', body })
}

export function notice(town: Town, letter: Letter): Request {
  const payload = letter.format === 'minimal' ? minimal(town, letter) : full(town, letter)
  const json = Buffer.from(JSON.stringify(payload))
  const headers = {
    'content-type': letter.zipped ? 'application/octet-stream' : 'application/json',
    ...(letter.zipped && { 'content-encoding': 'gzip' }),
    ...(letter.token && { authorization: `Bearer ${letter.token}` }),
    'customer-id': 'alder',
  }
  return new Request(letter.url, { method: 'POST', headers, body: letter.zipped ? gzipSync(json) : json })
}

/** What koha-plugin-message-bee puts into one file, for the text of it. */
export const messageBeeFile = (town: Town, letters: readonly Omit<Letter, 'url'>[]): string =>
  JSON.stringify({ messages: letters.map((letter) => full(town, { ...letter, url: '' })) })

/** Rows of the database under its own names, and no password, notes, content or metadata. */
function full(town: Town, letter: Letter): Fields {
  const { holds = [], checkouts = [], old = false } = letter
  const message = messageOf(town, letter)
  const patron = town.patrons.get(Number(message.borrowernumber))
  const about = (item: Fields | undefined, biblio: Fields | undefined): Fields => ({
    ...(item && { item: { itemnumber: item.item_id ?? null, barcode: item.external_id ?? null, homebranch: 'ELM' } }),
    biblio: { biblionumber: biblio?.biblio_id ?? null, title: biblio?.title ?? null, author: biblio?.author ?? null },
  })
  return {
    message,
    patron: {
      borrowernumber: message.borrowernumber ?? null,
      cardnumber: patron?.cardnumber ?? null,
      surname: patron?.surname ?? null,
      firstname: patron?.firstname ?? null,
      email: patron?.email ?? null,
      B_email: patron?.altaddress_email ?? null,
      phone: patron?.phone ?? null,
      mobile: patron?.mobile ?? null,
      smsalertnumber: patron?.sms_number ?? null,
      dateofbirth: patron?.date_of_birth ?? null,
      branchcode: patron?.library_id ?? null,
      categorycode: patron?.category_id ?? null,
      dateexpiry: patron?.expiry_date ?? null,
      debarred: null,
      lost: 0,
      gonenoaddress: 0,
      lang: patron?.lang ?? 'default',
      account_balance: 0,
    },
    ...(holds.length > 0 && {
      holds: holds.map((id) => {
        const hold = town.holds.get(id) ?? {}
        const row = {
          reserve_id: id,
          borrowernumber: hold.patron_id ?? null,
          branchcode: hold.pickup_library_id ?? null,
          waitingdate: hold.waiting_date ?? null,
          expirationdate: hold.expiration_date ?? null,
        }
        const biblio = town.biblios.get(Number(hold.biblio_id))
        return { ...(old ? { holds: [row] } : { hold: row }), ...about(town.items.get(Number(hold.item_id)), biblio) }
      }),
    }),
    ...(checkouts.length > 0 && {
      library: { branchcode: 'ELM', branchname: 'Elm Branch' },
      checkouts: checkouts.map((id) => {
        const loan = town.loans.get(id) ?? {}
        const item = town.items.get(Number(loan.item_id))
        // The database keeps local time without an offset.
        const due = String(loan.due_date).slice(0, 19).replace('T', ' ')
        return { checkout: { issue_id: id, date_due: due }, ...about(item, town.biblios.get(Number(item?.biblio_id))) }
      }),
    }),
  }
}

function minimal(town: Town, letter: Letter): Fields {
  const { message_id, letter_code, message_transport_type, borrowernumber } = messageOf(town, letter)
  const ids = (what: string, all: readonly number[] = []): Fields =>
    all.length > 1 ? { [`${what}_ids`]: [...all] } : all[0] === undefined ? {} : { [`${what}_id`]: all[0] }
  return {
    notice_type: letter_code ?? null,
    transport_type: message_transport_type ?? null,
    message_id: message_id ?? null,
    patron_id: borrowernumber ?? null,
    ...ids('hold', letter.holds),
    ...ids('checkout', letter.checkouts),
  }
}

/** The row of the queue; the plugin marks it as sent when its post was answered with 2xx. */
function messageOf(town: Town, letter: Letter): Fields {
  const message_id = letter.message_id ?? town.next++
  const row = {
    message_id,
    borrowernumber: letter.patron_id ?? 1001,
    letter_code: letter.letter ?? 'HOLD',
    message_transport_type: letter.transport ?? 'sms',
    status: 'sent',
    time_queued: '2026-11-24 09:00:00',
  }
  town.messages.set(message_id, row)
  return row
}

export function messageStatus(town: Town, url: URL, id: string): Answer {
  const message = town.messages.get(Number(id))
  const status = url.searchParams.get('status')
  if (status !== 'sent' && status !== 'failed') return refuse(400, 'Invalid status value')
  if (!message) return refuse(404, 'Message not found')
  message.status = status
  return { status: 204 }
}
