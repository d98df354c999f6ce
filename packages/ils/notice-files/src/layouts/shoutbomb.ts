import {
  barcode,
  blank,
  bound,
  byTitle,
  type Column,
  card,
  date,
  id,
  idOrBlank,
  known,
  type Maybe,
  phone,
  plain,
  said,
  some,
  text,
} from '../columns.ts'
import type { Layout, NoticeReading } from '../layout.ts'

type Day = Parameters<Layout['read']>[1]

/** One layout for two purposes, told by the name. */
const loanRoles = { renew: /renew|courtesy/i, overdue: /overdue/i }
const listRoles = { text: /text/i, voice: /voice/i }

// ── from Polaris ─────────────────────────────────────────────────────────────────────────────

const polarisForm = { family: 'shoutbomb-polaris', delimiter: '|', dates: ['YYYY-MM-DD'] } as const

/** dcplibrary/notices docs/shoutbomb/SHOUTBOMB_HOLDS_EXPORT.md. CreationDate is the day the notice was queued. */
const shoutbombHolds: Layout = {
  ...polarisForm,
  id: 'shoutbomb-polaris-holds',
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
  ...polarisForm,
  id: 'shoutbomb-polaris-overdue-renew',
  byList: true,
  roles: loanRoles,
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
  ...polarisForm,
  id: 'shoutbomb-polaris-patrons',
  list: true,
  roles: listRoles,
  columns: [phone('phone'), card('patron barcode')],
  read: ([phone = '', card = '']) => ({ is: 'contact', card, phone }),
}

// ── from Sierra ──────────────────────────────────────────────────────────────────────────────

const sierraForm = { family: 'shoutbomb-sierra', delimiter: '|', dates: ['MM-DD-YYYY'] } as const

/** `p1234567a`, where "a" stands for any check digit: the number between them is the id. */
const record = (name: string, letter: 'p' | 'i' | 'b'): Column =>
  bound(name, new RegExp(`^${letter}\\d+[\\dax]$`), `a record number such as ${letter}1234567a`)
const numberIn = (record: Maybe): string => (record ?? '').slice(1, -1)

const sierraHoldColumns = [
  text('title'),
  date('last_update'),
  record('item_no', 'i'),
  record('patron_no', 'p'),
  plain('pickup_location', /^\S*$/),
]

/** last_update is the day the item's record was changed: no day of the hold, and only a key where there is no hold id. */
function sierraHold(
  cells: readonly string[],
  day: Day,
  rest: readonly [copy: Maybe, hold: Maybe, card: string],
): NoticeReading {
  const [title, updated = '', itemNo, patronNo, pickup] = cells
  const [item, patron] = [numberIn(itemNo), numberIn(patronNo)]
  const [copy, id, card] = rest
  const hold = known(id)
  return {
    is: 'notice',
    kind: 'hold-ready',
    card,
    record: patron,
    ids: hold ? [hold] : [item, patron, ...some(day(updated))],
    matter: hold ? ['hold', hold] : ['hold', patron, item],
    item: { id: item, barcode: known(copy), title: said(title) },
    at: day(updated),
    branch: said(pickup),
    pickup: said(pickup),
  }
}

/** MARINet-Libraries/shoutbomb sql/holds.sql */
const sierraHolds: Layout = {
  ...sierraForm,
  id: 'shoutbomb-sierra-holds',
  byList: true,
  columns: [...sierraHoldColumns, barcode('item_barcode'), id('hold_id'), card('patron_barcode')],
  read: (cells, day) => sierraHold(cells, day, [cells[5], cells[6], cells[7] ?? '']),
}

/** The older form, without cards: MCFLS/shoutbomb holds.sql has five columns, helenplumlibrary/shoutbomb the hold as sixth. */
const sierraOldHolds: Layout = {
  ...sierraForm,
  id: 'shoutbomb-sierra-holds-old',
  atLeast: 5,
  columns: [...sierraHoldColumns, idOrBlank('hold_id')],
  read: (cells, day) => sierraHold(cells, day, [undefined, cells[5], '']),
}

/** The same three: 13 columns, without the card 12 (helenplumlibrary), without the checkout's id too 11 (MCFLS). */
const sierraOverdueRenew: Layout = {
  ...sierraForm,
  id: 'shoutbomb-sierra-overdue-renew',
  byList: true,
  roles: loanRoles,
  atLeast: 11,
  columns: [
    record('patron_no', 'p'),
    barcode('item_barcode'),
    text('title'),
    date('due_date'),
    record('item_no', 'i'),
    plain('money_owed', /^-?[\d.]*$/),
    idOrBlank('loan_rule'),
    idOrBlank('item_holds'),
    idOrBlank('bib_holds'),
    idOrBlank('renewals'),
    record('bib_no', 'b'),
    idOrBlank('checkout_id'),
    plain('barcode', /^.{0,32}$/),
  ],
  read([patronNo, itemBarcode, title, due = '', itemNo, , , , , , , , card = ''], day, role) {
    const [item, patron] = [numberIn(itemNo), numberIn(patronNo)]
    return {
      is: 'notice',
      kind: role === 'renew' ? 'due-soon' : 'overdue',
      card,
      record: patron,
      ids: [item, patron],
      matter: ['loan', patron, item],
      item: { id: item, barcode: known(itemBarcode), title: said(title) },
      date: day(due),
    }
  },
}

/** MCFLS/shoutbomb patrons.sql, MARINet-Libraries/shoutbomb sql/text-patrons.sql; without the language it is Polaris' list. */
const sierraPatrons: Layout = {
  ...sierraForm,
  id: 'shoutbomb-sierra-patrons',
  list: true,
  roles: listRoles,
  atLeast: 2,
  columns: [phone('phone_number'), card('barcode'), plain('iii_language_pref_code', /^[a-z]{3}$/)],
  read: ([phone = '', card = '', language]) => ({ is: 'contact', card, phone, language }),
}

/** As psql --csv writes them (MARINet-Libraries/shoutbomb generate-reports). */
const inCommas = (layout: Layout): Layout => ({ ...layout, id: `${layout.id}-csv`, delimiter: ',' })

// ── from Evergreen ───────────────────────────────────────────────────────────────────────────

const evergreenForm = { family: 'shoutbomb-evergreen', delimiter: '|', quotes: true, dates: ['YYYY-MM-DD'] } as const

/** Of one hold or loan Evergreen's notify CSV says the same: the card and the barcode are its ids. */
function evergreenItem(card: string, copy: Maybe, title: Maybe) {
  const ids = [card, ...some(known(copy) ?? byTitle(title))]
  return { is: 'notice', card, ids, item: { barcode: known(copy), title: said(title) } } as const
}

/** Bibliomation-Inc/shoutbomb-extract sql/hold_notice.sql, written by lib/Utils.pm */
const evergreenHold: Layout = {
  ...evergreenForm,
  id: 'shoutbomb-evergreen-hold',
  byList: true,
  columns: [
    text('TITLE'),
    date('HOLD AVAILABLE DATE'),
    barcode('ITEM BARCODE'),
    card('PATRON BARCODE'),
    plain('PICKUP LOCATION', /^\S*$/),
    date('HOLD PICKUP DATE'),
  ],
  read([title, available = '', copy, card = '', pickup, until = ''], day) {
    const of = evergreenItem(card, copy, title)
    const where = { branch: said(pickup), pickup: said(pickup) }
    return { ...of, kind: 'hold-ready', matter: ['hold', ...of.ids], date: day(until), at: day(available), ...where }
  },
}

const evergreenLoan = (kind: 'due-soon' | 'overdue'): Layout['read'] =>
  function read([card = '', copy, title, due = ''], day) {
    const of = evergreenItem(card, copy, title)
    return { ...of, kind, matter: ['loan', ...of.ids], date: day(due) }
  }
const loanColumns = (due: string) => [card('PATRON_BARCODE'), barcode('ITEM_BARCODE'), text('TITLE'), date(due)]

/** sql/courtesy_notice.sql; RENEWAL_REMAINING is missing in older ones. */
const evergreenCourtesy: Layout = {
  ...evergreenForm,
  id: 'shoutbomb-evergreen-courtesy',
  byList: true,
  atLeast: 8,
  columns: [
    ...loanColumns('DUEDATE'),
    bound('FINES_OWED', /^-?[\d.]*$/, 'an amount or blank'),
    idOrBlank('HOLD_COUNT'),
    plain('TIMES_RENEWED', /^\d*$/),
    plain('MAX_RENEWAL', /^\d*$/),
    idOrBlank('RENEWAL_REMAINING'),
  ],
  read: evergreenLoan('due-soon'),
}

/** sql/overdue_notice.sql */
const evergreenOverdue: Layout = {
  ...evergreenForm,
  id: 'shoutbomb-evergreen-overdue',
  byList: true,
  columns: [...loanColumns('OVERDUE_DATE'), idOrBlank('TIMES_RENEWED'), idOrBlank('MAX_RENEWAL')],
  read: evergreenLoan('overdue'),
}

/** sql/notice_prefs.sql: only who asked for texts. */
const evergreenPrefs: Layout = {
  ...evergreenForm,
  id: 'shoutbomb-evergreen-prefs',
  list: true,
  roles: { text: /^/ },
  columns: [phone('PATRON_PHONE_NUMBER'), card('PATRON_BARCODE'), plain('PATRON_LANGUAGE', /^[a-z]{2}$/)],
  read: ([phone = '', card = '', language]) => ({ is: 'contact', card, phone, language }),
}

const fromSierra = [sierraHolds, sierraOldHolds, sierraOverdueRenew, sierraPatrons]

export const shoutbomb: readonly Layout[] = [
  shoutbombHolds,
  shoutbombOverdueRenew,
  shoutbombPatrons,
  ...fromSierra,
  ...fromSierra.map(inCommas),
  evergreenHold,
  evergreenCourtesy,
  evergreenOverdue,
  evergreenPrefs,
]
