import { createHash } from 'node:crypto'
import type { LocalDate, NoticeKind } from '@prm/core'
import type { Column, Fit, Form } from './columns.ts'
import { type DateForm, dayOf } from './dates.ts'

/**
 * The layouts as data: a column list and how a row of it reads. Ids and columns are those of the sources named in the
 * README. To add one, add an entry; nothing else knows a layout by name.
 */
export interface Layout extends Form {
  readonly id: string
  /** Layouts of one family come in one folder and belong together. */
  readonly family: string
  /** The first is the documented one; the others are taken only where a whole file says so. */
  readonly dates: readonly [DateForm, ...DateForm[]]
  /** One layout for two purposes: the word in the file's or the folder's name tells which. */
  readonly roles?: { readonly [role: string]: RegExp }
  /** The phone is not in the row but in the patron lists. */
  readonly byList?: true
  /** Patron lists are read before what needs them. */
  readonly list?: true
  read(cells: readonly string[], day: (cell: string) => LocalDate | undefined, role: string): Reading
}

export type Reading = NoticeReading | ContactReading | ResultReading
type Maybe<T = string> = T | undefined

/** What a row says, in our words. Ids of 0 and blanks are already absent. */
export interface NoticeReading {
  readonly is: 'notice'
  readonly kind: NoticeKind
  readonly level?: Maybe<number>
  readonly medium?: Maybe<'sms' | 'voice'>
  readonly card: string
  /** The source's ids, most telling first; with kind, date and level they are the key. */
  readonly ids: readonly string[]
  /** What it is about: `hold:<realm>:<ids>`, the same in every file of this system. */
  readonly matter: readonly ['hold' | 'loan' | 'fine', ...string[]]
  readonly item: { readonly id?: Maybe; readonly barcode?: Maybe; readonly title?: Maybe }
  readonly date?: Maybe<LocalDate>
  readonly at?: Maybe<LocalDate>
  readonly branch?: Maybe
  readonly pickup?: Maybe
  readonly language?: Maybe
  /** What the row knows of its patron; absent where lists say it. */
  readonly patron?: Maybe<{ readonly name: string; readonly phone: string; readonly email: string }>
}
export interface ContactReading {
  readonly is: 'contact'
  readonly card: string
  readonly phone: string
  readonly language?: Maybe
}
export interface ResultReading {
  readonly is: 'result'
  readonly id: string
  readonly outcome: string
}

function fits(pattern: RegExp): Fit {
  return (cell) => pattern.test(cell)
}
const day: Fit = (cell, form) => dayOf(cell, form) !== undefined
const dayOrBlank: Fit = (cell, form) => cell === '' || dayOf(cell, form) !== undefined

const text = (name: string): Column => ({ name, free: true })
const plain = (name: string, like: RegExp): Column => ({ name, like: fits(like) })
const bound = (name: string, must: RegExp, expects: string, like = /^/): Column => ({
  name,
  must: fits(must),
  expects,
  like: fits(like),
})
const word = (name: string, ...words: string[]): Column =>
  bound(name, new RegExp(`^(${words.join('|')})$`), words.join(' or '))
const id = (name: string): Column => bound(name, /^-?\d+$/, 'a number')
const idOrBlank = (name: string, like = /^/): Column => bound(name, /^(-?\d+)?$/, 'a number or blank', like)
const card = (name: string): Column => bound(name, /./, 'a card number', /^.{1,32}$/)
const date = (name: string, must: Fit = day): Column => ({ name, must, like: day, date: true })
const blank = (name: string): Column => bound(name, /^$/, 'blank')
const phone = (name: string): Column => plain(name, /^(?=(.*\d){5}|$)[\d\s()+./x*#-]*$/i)
const email = (name: string): Column => plain(name, /^$|^[^\s@]+@[^\s@]+$/)
const barcode = (name: string): Column => plain(name, /^\S*$/)

/** 0 and blank are no id (Koha writes message_id 0 when nothing is queued, Polaris hold 0 when there is no hold). */
const known = (cell: Maybe): Maybe => (cell && !/^0+$/.test(cell) ? cell : undefined)
const some = (...ids: readonly Maybe[]): string[] => ids.filter((each) => each !== undefined)
const number = (cell: string): Maybe<number> => (cell === '' || cell === '0' ? undefined : Number(cell))
/** An item without id or barcode is told from the patron's others by its title, of which only a hash gets into the key. */
const byTitle = (title: Maybe): Maybe =>
  title ? `t${createHash('sha256').update(title).digest('hex').slice(0, 12)}` : undefined
const said = (cell: Maybe): Maybe => cell || undefined
const nameOf = (...parts: readonly Maybe[]): string => parts.filter(Boolean).join(' ')

// ── Koha, i-tiva ─────────────────────────────────────────────────────────────────────────────

/** Koha misc/cronjobs/thirdparty/TalkingTech_itiva_outbound.pl; nothing is escaped. */
const kohaItivaOutbound: Layout = {
  id: 'koha-itiva-outbound',
  family: 'koha',
  delimiter: ',',
  dates: ['DD/MM/YYYY', 'MM/DD/YYYY', 'YYYY-MM-DD', 'DD.MM.YYYY'],
  columns: [
    word('format', 'V'),
    plain('language', /^[A-Za-z-]{0,8}$/),
    word('type', 'PREOVERDUE', 'OVERDUE', 'RESERVE'),
    plain('level', /^\d?$/),
    card('cardnumber'),
    text('patron title'),
    text('first name'),
    text('surname'),
    phone('phone'),
    email('email'),
    plain('library code', /^\S*$/),
    plain('site code', /^[\w-]*$/),
    text('site name'),
    barcode('item barcode'),
    date('date'),
    text('item title'),
    idOrBlank('message_id'),
  ],
  read(cells, day) {
    const [, language, type = '', level = '', card = '', , first, last, phone = '', email = ''] = cells
    const [branch, site, item, date = '', title] = cells.slice(11)
    const hold = type === 'RESERVE'
    const kind = hold ? 'hold-ready' : type === 'PREOVERDUE' ? 'due-soon' : 'overdue'
    // message_id is no part of the key: each run of the script queues a new message for the same hold.
    const ids = [card, ...some(known(item) ?? byTitle(title))]
    return {
      is: 'notice',
      kind,
      level: kind === 'overdue' ? number(level) : undefined,
      medium: 'voice',
      card,
      ids,
      matter: [hold ? 'hold' : 'loan', ...ids],
      item: { barcode: known(item), title: said(title) },
      date: day(date),
      branch: said(branch),
      pickup: hold ? said(site) : undefined,
      language,
      patron: { name: nameOf(first, last), phone, email },
    }
  },
}

/** Koha misc/cronjobs/thirdparty/TalkingTech_itiva_inbound.pl */
const kohaItivaResults: Layout = {
  id: 'koha-itiva-results',
  family: 'koha',
  delimiter: ',',
  dates: ['DD/MM/YYYY'],
  columns: [id('message_id'), word('result', 'SUCCESS', 'FAIL')],
  read: ([id = '', outcome = '']) => ({ is: 'result', id, outcome }),
}

// ── Polaris ──────────────────────────────────────────────────────────────────────────────────

/** dcplibrary/notices docs/shoutbomb/POLARIS_PHONE_NOTICES.md: the last three columns may be absent. */
const polarisPhoneNotices: Layout = {
  id: 'polaris-phonenotices',
  family: 'polaris',
  delimiter: ',',
  dates: ['MM/DD/YYYY'],
  atLeast: 22,
  columns: [
    word('delivery_method', 'V', 'T'),
    plain('language', /^[A-Za-z-]{0,8}$/),
    word('notice_type', '1', '2', '3', '4'),
    plain('notification_level', /^\d?$/),
    card('patron_barcode'),
    text('patron_title'),
    text('name_first'),
    text('name_last'),
    phone('phone_number'),
    email('email_address'),
    plain('site_code', /^.{0,15}$/),
    text('site_name'),
    barcode('item_barcode'),
    date('due_date', dayOrBlank),
    text('browse_title'),
    idOrBlank('reporting_org_id', /^\d+$/),
    idOrBlank('language_id', /^\d{4,5}$/),
    idOrBlank('notification_type_id', /^(1?\d|2[01])$/),
    idOrBlank('delivery_option_id', /^[1-8]$/),
    id('patron_id'),
    idOrBlank('item_record_id'),
    idOrBlank('sys_hold_request_id'),
    text('pickup_area_description'),
    idOrBlank('txn_id'),
    bound('account_balance', /^(-?\$?[\d,]*\.?\d{0,4})$/, 'an amount or blank'),
  ],
  read(cells, day) {
    const [method, language, noticeType, level = '', card = '', , first, last, phone = '', email = ''] = cells
    const [branch, site, barcode, date = '', title, , , typeId, , patronId = ''] = cells.slice(10)
    const [itemId, holdId, area, txnId] = cells.slice(20)
    const kind = polarisKind(noticeType, typeId)
    const item = known(itemId) ?? known(barcode) ?? byTitle(title)
    const hold = kind === 'hold-ready' || kind === 'hold-cancelled'
    const request = hold ? known(holdId) : undefined
    const loan = [patronId, ...some(item)]
    const fine = [patronId, ...some(known(txnId) ?? item)]
    const ids = request ? [request] : kind === 'fine' ? fine : hold ? loan : [...some(item), patronId]
    return {
      is: 'notice',
      kind,
      // 18 is the second hold notice and 21 the second fine notice, both with level 1; overdues (12, 13) say 2 and 3.
      level: kind === 'overdue' ? number(level) : typeId === '18' || typeId === '21' ? 2 : undefined,
      medium: method === 'T' ? 'sms' : 'voice',
      card,
      ids,
      matter: hold ? ['hold', ...ids] : kind === 'fine' ? ['fine', ...fine] : ['loan', ...loan],
      item: { id: known(itemId), barcode: known(barcode), title: said(title) },
      date: day(date),
      branch: said(branch),
      pickup: hold ? said([site, area].filter(Boolean).join(', ')) : undefined,
      language,
      patron: { name: nameOf(first, last), phone, email },
    }
  },
}

/** notice_type is i-tiva's coarse word; notification_type_id is Polaris' own (7 almost overdue). */
function polarisKind(noticeType: Maybe, typeId: Maybe): NoticeKind {
  if (noticeType === '1') return typeId === '7' ? 'due-soon' : 'overdue'
  if (noticeType === '2') return 'hold-ready'
  return noticeType === '3' ? 'hold-cancelled' : 'fine'
}

// ── Shoutbomb from Polaris ───────────────────────────────────────────────────────────────────

/** dcplibrary/notices docs/shoutbomb/SHOUTBOMB_HOLDS_EXPORT.md. CreationDate is the day the notice was queued. */
const shoutbombHolds: Layout = {
  id: 'shoutbomb-polaris-holds',
  family: 'shoutbomb-polaris',
  delimiter: '|',
  dates: ['YYYY-MM-DD'],
  byList: true,
  columns: [
    text('BTitle'),
    date('CreationDate'),
    id('SysHoldRequestID'),
    id('PatronID'),
    id('PickupOrganizationID'),
    date('HoldTillDate'),
    card('PBarcode'),
  ],
  read([title, created = '', holdId, patronId = '', pickup, until = '', card = ''], day) {
    const hold = known(holdId)
    const ids = hold ? [hold] : [patronId, ...some(byTitle(title))]
    return {
      is: 'notice',
      kind: 'hold-ready',
      card,
      ids,
      matter: ['hold', ...ids],
      item: { title: said(title) },
      date: day(until),
      at: day(created),
      branch: known(pickup),
      pickup: known(pickup),
    }
  },
}

/** dcplibrary/notices docs/shoutbomb/SHOUTBOMB_OVERDUE_EXPORT.md and SHOUTBOMB_RENEW_EXPORT.md */
const shoutbombOverdueRenew: Layout = {
  id: 'shoutbomb-polaris-overdue-renew',
  family: 'shoutbomb-polaris',
  delimiter: '|',
  dates: ['YYYY-MM-DD'],
  byList: true,
  roles: { renew: /renew|courtesy/i, overdue: /overdue/i },
  columns: [
    id('PatronID'),
    barcode('ItemBarcode'),
    text('Title'),
    date('DueDate'),
    id('ItemRecordID'),
    blank('Dummy1'),
    blank('Dummy2'),
    blank('Dummy3'),
    blank('Dummy4'),
    idOrBlank('Renewals'),
    idOrBlank('BibliographicRecordID'),
    idOrBlank('RenewalLimit'),
    card('PatronBarcode'),
  ],
  read([patronId = '', barcode, title, due = '', itemId, , , , , , , , card = ''], day, role) {
    const item = known(itemId) ?? known(barcode) ?? byTitle(title)
    return {
      is: 'notice',
      kind: role === 'renew' ? 'due-soon' : 'overdue',
      card,
      ids: [...some(item), patronId],
      matter: ['loan', patronId, ...some(item)],
      item: { id: known(itemId), barcode: known(barcode), title: said(title) },
      date: day(due),
    }
  },
}

/** dcplibrary/notices docs/shoutbomb/SHOUTBOMB_TEXT_PATRONS.md and SHOUTBOMB_VOICE_PATRONS.md */
const shoutbombPatrons: Layout = {
  id: 'shoutbomb-polaris-patrons',
  family: 'shoutbomb-polaris',
  delimiter: '|',
  dates: ['YYYY-MM-DD'],
  list: true,
  roles: { text: /text/i, voice: /voice/i },
  columns: [phone('phone'), card('patron barcode')],
  read: ([phone = '', card = '']) => ({ is: 'contact', card, phone }),
}

export const layouts: readonly Layout[] = [
  kohaItivaOutbound,
  kohaItivaResults,
  polarisPhoneNotices,
  shoutbombHolds,
  shoutbombOverdueRenew,
  shoutbombPatrons,
]
