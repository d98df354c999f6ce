import type { NoticeKind } from '@prm/core/adapter'
import {
  barcode,
  bound,
  byTitle,
  card,
  date,
  dateOrBlank,
  email,
  id,
  idOrBlank,
  known,
  type Maybe,
  nameOf,
  number,
  phone,
  plain,
  said,
  some,
  text,
  word,
} from '../columns.ts'
import type { Layout } from '../layout.ts'

// ── Koha ─────────────────────────────────────────────────────────────────────────────────────

/** Koha misc/cronjobs/thirdparty/TalkingTech_itiva_outbound.pl; nothing is escaped. */
const kohaItivaOutbound: Layout = {
  id: 'koha-itiva-outbound',
  family: 'koha',
  delimiter: ',',
  dates: ['DD/MM/YYYY', 'MM/DD/YYYY', 'YYYY-MM-DD', 'DD.MM.YYYY'],
  columns: [
    word('format', 'V'),
    // The script writes it in capitals, Evergreen in small letters: what tells their 17 columns apart.
    plain('language', /^[A-Z-]{0,8}$/),
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
    const [branch, site, item, date = '', title, message] = cells.slice(11)
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
      origin: known(message) && `itiva:${message}`,
    }
  },
}

/**
 * Koha misc/cronjobs/thirdparty/TalkingTech_itiva_inbound.pl, and letter for letter what Evergreen's csv_notify_fetcher.pl
 * expects.
 */
const kohaItivaResults: Layout = {
  id: 'koha-itiva-results',
  family: 'koha',
  delimiter: ',',
  dates: ['DD/MM/YYYY'],
  columns: [id('message_id'), word('result', 'SUCCESS', 'FAIL')],
  read: ([id = '', outcome = '']) => ({ is: 'result', id, outcome }),
}

// ── Evergreen ────────────────────────────────────────────────────────────────────────────────

const evergreenKinds: { readonly [type: string]: NoticeKind } = {
  FINES: 'fine',
  OVERDUE: 'overdue',
  PREOVERDUE: 'due-soon',
  PRERESERVE: 'hold-soon',
  RECALL: 'recall',
  RESERVE: 'hold-ready',
  RESERVECANCEL: 'hold-cancelled',
  RESERVEEXPIRE: 'hold-expiring',
  SUSPEND: 'suspended',
}

/**
 * Evergreen docs/TechRef/notify_csv.txt and the template of its notify-csv event definitions; quotes are doubled. A fine
 * and a suspension have no item and no day, a hold that was cancelled may have neither.
 */
const evergreenNotifyCsv: Layout = {
  id: 'evergreen-notify-csv',
  family: 'evergreen',
  delimiter: ',',
  dates: ['DD/MM/YYYY'],
  columns: [
    word('media', 'V', 'T'),
    plain('language', /^[a-z]{0,3}$/),
    word('type', ...Object.keys(evergreenKinds)),
    plain('level', /^\d?$/),
    card('card barcode'),
    text('name prefix'),
    text('first name'),
    text('family name'),
    phone('phone'),
    email('email'),
    plain('org shortname (notice)', /^\S+$/),
    plain('org shortname', /^\S+$/),
    text('org name'),
    barcode('copy barcode'),
    dateOrBlank('date'),
    text('title'),
    idOrBlank('event id', /^[1-9]\d*$/),
  ],
  read(cells, day) {
    const [media, language, type = '', level = '', card = '', , first, last, phone = '', email = ''] = cells
    const [, branch, site, copy, date = '', title, event = ''] = cells.slice(10)
    const kind = evergreenKinds[type] ?? 'suspended'
    const hold = kind.startsWith('hold-')
    const about = [card, ...some(known(copy) ?? byTitle(title))]
    return {
      is: 'notice',
      kind,
      level: kind === 'overdue' ? number(level) : undefined,
      medium: media === 'T' ? 'sms' : 'voice',
      card,
      // Where no day tells the second fine from the first the event does; it is one for each, and stays the same.
      ids: day(date) ? about : [...about, ...some(known(event))],
      matter: [hold ? 'hold' : kind === 'fine' ? 'fine' : kind === 'suspended' ? 'account' : 'loan', ...about],
      item: { barcode: known(copy), title: said(title) },
      date: day(date),
      branch: said(branch),
      pickup: hold ? said(site) : undefined,
      language,
      patron: { name: nameOf(first, last), phone, email },
      origin: known(event) && `evergreen:${event}`,
    }
  },
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
    dateOrBlank('due_date'),
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

export const itiva: readonly Layout[] = [kohaItivaOutbound, kohaItivaResults, evergreenNotifyCsv, polarisPhoneNotices]
