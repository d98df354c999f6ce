// Invented people; 555-01xx are the numbers kept for fiction.

const csv = (cells: readonly string[]): string => `"${cells.join('","')}"`

export interface Itiva {
  type?: string
  level?: string
  card?: string
  first?: string
  last?: string
  phone?: string
  email?: string
  site?: string
  barcode?: string
  date?: string
  title?: string
  id?: string
}

export function itiva(row: Itiva = {}): string {
  const {
    type = 'RESERVE',
    level = '1',
    card = '23529000012345',
    first = 'Ada',
    last = 'Pine',
    phone = '212-555-0101',
  } = row
  const {
    email = 'ada@example.org',
    site = 'MAIN',
    barcode = '39529000054321',
    date = '24/11/2026',
    title = 'The Tall Ship',
    id = '77',
  } = row
  return csv([
    'V',
    'EN',
    type,
    level,
    card,
    '',
    first,
    last,
    phone,
    email,
    '',
    site,
    'Main Library',
    barcode,
    date,
    title,
    id,
  ])
}

export interface Evergreen extends Itiva {
  media?: string
  language?: string
  owner?: string
}

/** As Evergreen writes it: quotes doubled. */
export function evergreen(row: Evergreen = {}): string {
  const { media = 'V', language = 'en', type = 'RESERVE', level = '1', card = '23529000012345' } = row
  const { first = 'Ada', last = 'Pine', phone = '212-555-0101', email = 'ada@example.org', owner = 'CONS' } = row
  const { site = 'MAIN', barcode = '39529000054321', date = '24/11/2026', title = 'The Tall Ship', id = '901' } = row
  const head = [media, language, type, level, card, '', first, last, phone, email, owner, site, 'Main Library']
  return csv([...head, barcode, date, title, id].map((cell) => cell.replaceAll('"', '""')))
}

export interface Polaris {
  method?: string
  language?: string
  type?: string
  level?: string
  card?: string
  first?: string
  last?: string
  phone?: string
  email?: string
  barcode?: string
  date?: string
  title?: string
  typeId?: string
  patronId?: string
  itemId?: string
  holdId?: string
  area?: string
  txnId?: string
  owed?: string
}

export function polarisCells(row: Polaris = {}): string[] {
  const {
    method = 'T',
    language = 'eng',
    type = '2',
    level = '1',
    card = '23307000001001',
    first = 'ALICE',
    last = 'JOHNSON',
  } = row
  const {
    phone = '212-555-0102',
    email = ' ',
    barcode = '33307000002001',
    date = '11/24/2026',
    title = 'Winter Garden',
    typeId = '2',
  } = row
  const { patronId = '100001', itemId = '200001', holdId = '17', area = ' ', txnId = ' ', owed = ' ' } = row
  const option = method === 'T' ? '8' : '3'
  const head = [
    method,
    language,
    type,
    level,
    card,
    ' ',
    first,
    last,
    phone,
    email,
    'MPL',
    'Maple Library',
    barcode,
    date,
    title,
  ]
  return [...head, '3', '1033', typeId, option, patronId, itemId, holdId, area, txnId, owed]
}
export const polaris = (row: Polaris = {}): string => csv(polarisCells(row))

export const polarisHeader =
  'delivery_method,language,notice_type,notification_level,patron_barcode,patron_title,name_first,name_last,phone_number,email_address,site_code,site_name,item_barcode,due_date,browse_title,reporting_org_id,language_id,notification_type_id,delivery_option_id,patron_id,item_record_id,sys_hold_request_id,pickup_area_description,txn_id,account_balance'

export interface Hold {
  title?: string
  created?: string
  id?: string
  patronId?: string
  until?: string
  card?: string
}

export function hold(row: Hold = {}): string {
  const { title = 'Winter Garden', created = '2026-11-17', id = '17', patronId = '100001' } = row
  const { until = '2026-11-24', card = '23307000001001' } = row
  return [title, created, id, patronId, '3', until, card].join('|')
}

export interface Loan {
  patronId?: string
  barcode?: string
  title?: string
  due?: string
  itemId?: string
  card?: string
}

export function loan(row: Loan = {}): string {
  const { patronId = '100002', barcode = '33307000002002', title = 'Silent Rivers', due = '2026-11-27' } = row
  const { itemId = '200002', card = '23307000001002' } = row
  return [patronId, barcode, title, due, itemId, '', '', '', '', '0', '300002', '2', card].join('|')
}

export const patron = (phone = '2125550101', card = '23307000001001'): string => `${phone}|${card}`

/** As Perl's Text::CSV writes for Evergreen sites: quoted where it must be, and `|` as `\\|`. */
const piped = (cells: readonly string[]): string =>
  cells
    .map((cell) => cell.replaceAll('|', '\\|'))
    .map((cell) => (/["|\s]/.test(cell) && /["|]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join('|')
/** As `psql --csv` writes. */
const sparing = (cells: readonly string[]): string =>
  cells.map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')

const sierraHold = (title: string): string[] => [
  title,
  '11-17-2026',
  'i7654321a',
  'p1234567a',
  'main',
  '33307000002001',
  '17',
  '23307000001001',
]
const sierraLoan = (title: string): string[] => [
  'p1234567a',
  '33307000002002',
  title,
  '11-27-2026',
  'i7654321a',
  '0.00',
  '12',
  '',
  '1',
  '0',
  'b3000021a',
  '880001',
  '23307000001002',
]

interface Sample {
  /** Its name tells what its rows cannot. */
  readonly file: string
  readonly row: (title: string) => string
  /** The cells that decide who is told what. */
  readonly matters?: { readonly [column: number]: string }
  /** Lines above the rows, where the system always writes them. */
  readonly head?: string
}

/** A row of each layout, in the form that its system writes. */
export const samples: { readonly [layout: string]: Sample } = {
  'koha-itiva-outbound': {
    file: 'outbound.csv',
    row: (title) => itiva({ title }),
    matters: { 4: '23529000012345', 8: '212-555-0101', 13: '39529000054321', 14: '24/11/2026', 16: '77' },
  },
  'koha-itiva-results': { file: 'results.csv', row: () => '"77","SUCCESS"' },
  'evergreen-notify-csv': {
    file: 'notify.csv',
    row: (title) => evergreen({ title }),
    matters: { 4: '23529000012345', 8: '212-555-0101', 13: '39529000054321', 14: '24/11/2026', 16: '901' },
  },
  'polaris-phonenotices': {
    file: 'PhoneNotices.csv',
    row: (title) => polaris({ title }),
    matters: { 4: '23307000001001', 8: '212-555-0102', 13: '11/24/2026', 19: '100001', 20: '200001', 21: '17' },
  },
  'shoutbomb-polaris-holds': {
    file: 'holds.txt',
    row: (title) => hold({ title }),
    matters: { 2: '17', 3: '100001', 5: '2026-11-24', 6: '23307000001001' },
  },
  'shoutbomb-polaris-overdue-renew': {
    file: 'renew.txt',
    row: (title) => loan({ title }),
    matters: { 0: '100002', 1: '33307000002002', 3: '2026-11-27', 4: '200002', 12: '23307000001002' },
  },
  'shoutbomb-polaris-patrons': { file: 'text_patrons.txt', row: () => patron() },
  'shoutbomb-sierra-holds': {
    file: 'holds11242026.txt',
    row: (title) => sierraHold(title).join('|'),
    matters: { 2: 'i7654321a', 3: 'p1234567a', 6: '17', 7: '23307000001001' },
  },
  'shoutbomb-sierra-holds-old': {
    file: 'holds11242026.txt',
    row: (title) => [...sierraHold(title).slice(0, 5), '17'].join('|'),
    matters: { 2: 'i7654321a', 3: 'p1234567a', 5: '17' },
  },
  'shoutbomb-sierra-overdue-renew': {
    file: 'overdue11242026.txt',
    row: (title) => sierraLoan(title).join('|'),
    matters: { 0: 'p1234567a', 1: '33307000002002', 3: '11-27-2026', 4: 'i7654321a', 12: '23307000001002' },
  },
  'shoutbomb-sierra-patrons': { file: 'text11242026.txt', row: () => `${patron()}|eng` },
  'shoutbomb-sierra-holds-csv': {
    file: 'holds-1795000000.csv',
    row: (title) => sparing(sierraHold(title)),
    matters: { 2: 'i7654321a', 3: 'p1234567a', 6: '17', 7: '23307000001001' },
  },
  'shoutbomb-sierra-holds-old-csv': {
    file: 'holds-1795000000.csv',
    row: (title) => sparing([...sierraHold(title).slice(0, 5), '17']),
    matters: { 2: 'i7654321a', 3: 'p1234567a', 5: '17' },
  },
  'shoutbomb-sierra-overdue-renew-csv': {
    file: 'overdue-1795000000.csv',
    row: (title) => sparing(sierraLoan(title)),
    matters: { 0: 'p1234567a', 1: '33307000002002', 3: '11-27-2026', 4: 'i7654321a', 12: '23307000001002' },
  },
  'shoutbomb-sierra-patrons-csv': { file: 'text-patrons-1795000000.csv', row: () => '2125550101,23307000001001,eng' },
  'shoutbomb-evergreen-hold': {
    file: 'hold_notice.txt',
    head: 'TITLE|HOLD AVAILABLE DATE|ITEM BARCODE|PATRON BARCODE|PICKUP LOCATION|HOLD PICKUP DATE',
    row: (title) => piped([title, '2026-11-17', '39529000054321', '23529000012345', 'MAIN', '2026-11-24']),
    matters: { 2: '39529000054321', 3: '23529000012345', 5: '2026-11-24' },
  },
  'shoutbomb-evergreen-courtesy': {
    file: 'courtesy_notice.txt',
    head: 'PATRON_BARCODE|ITEM_BARCODE|TITLE|DUEDATE|FINES_OWED|HOLD_COUNT|TIMES_RENEWED|MAX_RENEWAL|RENEWAL_REMAINING',
    row: (title) => piped(['23529000012345', '39529000054321', title, '2026-11-27', '0.00', '2', '1', '2', '1']),
    matters: { 0: '23529000012345', 1: '39529000054321', 3: '2026-11-27' },
  },
  'shoutbomb-evergreen-overdue': {
    file: 'overdue_notice.txt',
    head: 'PATRON_BARCODE|ITEM_BARCODE|TITLE|OVERDUE_DATE|TIMES_RENEWED|MAX_RENEWAL',
    row: (title) => piped(['23529000012345', '39529000054321', title, '2026-11-20', '1', '2']),
    matters: { 0: '23529000012345', 1: '39529000054321', 3: '2026-11-20' },
  },
  'shoutbomb-evergreen-prefs': {
    file: 'notice_prefs.txt',
    head: 'PATRON_PHONE_NUMBER|PATRON_BARCODE|PATRON_LANGUAGE',
    row: () => `${patron()}|en`,
  },
  'shoutbomb-report-monthly': {
    file: 'monthly.txt',
    head: 'Branch:: Maple Library\nHold text notices sent for the month = 1,728\nThese patron phone numbers seem to have OPTED-OUT from SMS',
    row: () => '2125550101 :: 23307000001001 :: 100001 :: 3 :: SMS',
  },
  'shoutbomb-report-invalid': {
    file: 'mail.txt',
    head: 'Hello,\n\nThese patron phone numbers seem to have OPTED-OUT from SMS or MMS messages',
    row: () => '2125550101 :: 23307000001001 :: 100001 :: 3 :: SMS',
  },
  'shoutbomb-report-voice-failures': {
    file: 'mail.txt',
    row: () => '2125550101 | 23307000001001| Maple Library| PINE, ADA | Hold ready message',
  },
  'shoutbomb-report-call-errors': {
    file: 'mail.txt',
    head: 'Calls to these patron phone numbers were not processed due to errors or other service failures.',
    row: () =>
      'CARRIER :: c-1 :: Patron number 2125550101 :: Home Library 3 :: error :: disconnect ::: Service unavailable ::: t-1 :: Library number 2125550100 :: 2026-11-02 :: 12:11:26 ::',
  },
}

/** A file of this layout with these titles. */
export function fileOf(layout: string, titles: readonly string[], end = '\n'): string {
  const { head, row = () => '' } = samples[layout] ?? {}
  return [...(head?.split('\n') ?? []), ...titles.map(row)].join(end)
}
