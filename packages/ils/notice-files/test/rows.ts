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
