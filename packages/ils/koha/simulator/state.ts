import type { Fault, Json } from '@prm/core/adapter'

/** What Koha keeps, under the API's names of today; the pages of an old release are made from it. */
export type Fields = { [field: string]: Json }

export interface SimulateOptions {
  /** Behave like this release: `19.11` (as 19.05 too), or today's; today's by default. */
  readonly release?: '19.11' | 'today' | undefined
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
  /** With these RESTBasicAuth is on. */
  readonly user?: string | undefined
  readonly password?: string | undefined
  /** RESTOAuth2ClientCredentials; on unless `false`. */
  readonly oauth?: boolean | undefined
  /** A token is good for so many calls; for an hour, of calls without end, by default. */
  readonly callsPerToken?: number | undefined
  /** What the account may do, such as `borrowers`, or a part of it: `borrowers.list_borrowers`; all by default. */
  readonly permissions?: readonly string[] | undefined
  readonly plugins?: readonly ('rest-di' | 'webhook-notifications' | 'message-bee')[] | undefined
  /** More than this owed, and today's Koha takes no hold: maxoutstanding; 10 by default. */
  readonly maxOutstanding?: number | undefined
  /** A server may give fewer at a time than it is asked for; without end by default. */
  readonly mostPerPage?: number | undefined
  /** What it takes itself to be called, in Link headers; behind a proxy that is another name. */
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly now?: (() => Date) | undefined
}

export interface Town {
  readonly options: SimulateOptions
  readonly old: boolean
  readonly patrons: Map<number, Fields>
  readonly loans: Map<number, Fields>
  readonly holds: Map<number, Fields>
  readonly biblios: Map<number, Fields>
  readonly items: Map<number, Fields>
  readonly libraries: Map<string, Fields>
  /** Debits by their id. */
  readonly lines: Map<number, Fields>
  /** The queue of notices. */
  readonly messages: Map<number, Fields>
  /** By patron, as koha-plugin-rest-di tells them. */
  readonly preferences: Map<number, Fields>
  readonly tokens: Map<string, number>
  readonly faults: { readonly fault: Fault; readonly at?: RegExp }[]
  readonly calls: { method: string; path: string; query: string; status: number }[]
  readonly written: { at: string; method: string; path: string; body: Json }[]
  readonly after: ((method: string, path: string) => void)[]
  url: string
  next: number
  now(): Date
}

export function town(options: SimulateOptions): Town {
  const made: Town = {
    options,
    old: options.release === '19.11',
    patrons: new Map(),
    loans: new Map(),
    holds: new Map(),
    biblios: new Map(),
    items: new Map(),
    libraries: new Map(),
    lines: new Map(),
    messages: new Map(),
    preferences: new Map(),
    tokens: new Map(),
    faults: [],
    calls: [],
    written: [],
    after: [],
    url: '',
    next: 9001,
    now: options.now ?? (() => new Date()),
  }
  settle(made)
  return made
}

/** Fields of a patron that every release has. */
const patronFields =
  'cardnumber surname firstname title other_name initials street_number street_type address address2 city state postal_code country email phone mobile fax secondary_email secondary_phone altaddress_street_number altaddress_street_type altaddress_address altaddress_address2 altaddress_city altaddress_state altaddress_postal_code altaddress_country altaddress_email altaddress_phone date_of_birth library_id category_id date_enrolled expiry_date date_renewed incorrect_address patron_card_lost staff_notes relationship_type gender userid opac_notes altaddress_notes statistics_1 statistics_2 altcontact_firstname altcontact_surname altcontact_address altcontact_address2 altcontact_city altcontact_state altcontact_postal_code altcontact_country altcontact_phone sms_number sms_provider_id privacy privacy_guarantor_checkouts check_previous_checkout updated_on last_seen lang login_attempts'.split(
    ' ',
  )
/** definitions/patron.json of 19.11, and what came since (patron.yaml). */
export const fieldsOf = (old: boolean): readonly string[] => [
  ...patronFields,
  ...(old
    ? ['guarantor_id', 'overdrive_auth_token']
    : ['preferred_name', 'middle_name', 'pronouns', 'autorenew_checkouts', 'privacy_guarantor_fines', 'protected']),
]
export const readOnly = (old: boolean): readonly string[] =>
  old ? ['restricted', 'anonymized'] : ['restricted', 'anonymized', 'expired']
export const required = (old: boolean): readonly string[] =>
  old ? ['surname', 'address', 'city', 'library_id', 'category_id'] : ['surname', 'library_id', 'category_id']

/** A few people, books and loans, all made up; numbers are of the range kept for fiction. */
function settle(town: Town): void {
  const day = (days: number) => new Date(town.now().getTime() + days * 86_400_000).toISOString().slice(0, 10)
  for (const [library_id, name] of [
    ['ELM', 'Elm Branch'],
    ['OAK', 'Oak Branch'],
  ] as const)
    town.libraries.set(library_id, { library_id, name })
  const books: readonly (readonly [number, string, string, string])[] = [
    [101, 'The Tall Ship', 'Marlow, Ines', '9780306406157'],
    [102, 'A Garden in Winter', 'Okoro, Ben', '9781861972712 | 1861972717'],
    [103, 'Rivers of the North', 'Lind, Maja', '978-3-16-148410-0'],
  ]
  for (const [biblio_id, title, author, isbn] of books) {
    town.biblios.set(biblio_id, { biblio_id, title, author, isbn, creation_date: '2026-11-20' })
    town.items.set(biblio_id + 400, {
      item_id: biblio_id + 400,
      biblio_id,
      external_id: `3900010${biblio_id}`,
      home_library_id: 'ELM',
      holding_library_id: 'ELM',
      callnumber: `FIC ${biblio_id}`,
      not_for_loan_status: 0,
      lost_status: 0,
      withdrawn: 0,
      damaged_status: 0,
      checked_out_date: null,
    })
  }
  addPatron(town, { patron_id: 1001, cardnumber: '23529000010001', userid: 'ada', firstname: 'Ada', surname: 'Pine' })
  addPatron(town, { patron_id: 1002, cardnumber: '23529000010002', userid: 'ben', firstname: 'Ben', surname: 'Rowan' })
  const [ada, ben] = [town.patrons.get(1001), town.patrons.get(1002)]
  Object.assign(ada ?? {}, {
    sms_number: '(212) 555-0134',
    email: 'ada@mail.example',
    lang: 'en',
    date_of_birth: '1984-02-29',
  })
  Object.assign(ben ?? {}, { phone: '212.555.0134', mobile: '+1 212 555 0135', secondary_email: 'ben@mail.example' })
  addLoan(town, { checkout_id: 2001, patron_id: 1001, item_id: 501, due_date: `${day(2)}T23:59:00-06:00` })
  addHold(town, {
    hold_id: 3001,
    patron_id: 1001,
    biblio_id: 102,
    item_id: 502,
    status: 'W',
    priority: 0,
    waiting_date: day(-1),
    expiration_date: day(6),
  })
}

const messaging = (transports: Fields, days?: number): Json => ({
  days_in_advance: { value: days ?? null, configurable: days !== undefined },
  digest: { value: false, configurable: true },
  transport_types: transports,
})

export function addPatron(town: Town, fields: Fields): Fields {
  const patron_id = Number(fields.patron_id ?? town.next++)
  const empty = Object.fromEntries(fieldsOf(town.old).map((name) => [name, null]))
  const patron: Fields = {
    ...empty,
    surname: 'Elder',
    address: '1 Main Street',
    city: 'Alder',
    library_id: 'ELM',
    category_id: 'PT',
    date_enrolled: '2020-01-01',
    expiry_date: '2099-12-31',
    incorrect_address: false,
    patron_card_lost: false,
    lang: 'default',
    privacy: 1,
    updated_on: '2026-11-01T10:00:00-06:00',
    ...fields,
    patron_id,
  }
  town.patrons.set(patron_id, patron)
  town.preferences.set(patron_id, {
    Advance_Notice: messaging({ email: true, sms: false, phone: false }, 3),
    Hold_Filled: messaging({ email: true, sms: true, phone: false, print: false }),
    Item_Check_in: messaging({ email: false, sms: false }),
    Item_Checkout: messaging({ email: false, sms: false }),
    Item_Due: messaging({ email: false, sms: true, phone: false }),
  })
  return patron
}

export function addLoan(town: Town, fields: Fields): Fields {
  const checkout_id = Number(fields.checkout_id ?? town.next++)
  const loan: Fields = {
    item_id: 501,
    due_date: '2026-12-09T23:59:00-06:00',
    library_id: 'ELM',
    checkin_date: null,
    last_renewed_date: null,
    renewals_count: 0,
    auto_renew: false,
    checkout_date: '2026-11-18T11:00:00-06:00',
    onsite_checkout: false,
    ...fields,
    checkout_id,
  }
  town.loans.set(checkout_id, loan)
  return loan
}

export function addHold(town: Town, fields: Fields): Fields {
  const hold_id = Number(fields.hold_id ?? town.next++)
  const hold: Fields = {
    biblio_id: 103,
    item_id: null,
    hold_date: '2026-11-20',
    pickup_library_id: 'ELM',
    priority: 1,
    status: null,
    waiting_date: null,
    expiration_date: null,
    suspended: false,
    suspended_until: null,
    item_level: false,
    notes: null,
    ...fields,
    hold_id,
  }
  town.holds.set(hold_id, hold)
  return hold
}
