import { isExpired, owed } from './patrons.ts'
import { type Answer, broken, list, malformed, refuse } from './query.ts'
import { addHold, type Fields, type Town } from './state.ts'

// ── loans ────────────────────────────────────────────────────────────────────────────────────
const oldPages = ['_page', '_per_page'] // paths/checkouts.json of 19.11

export function checkouts(town: Town, url: URL, embed: string | undefined): Answer {
  const out = [...town.loans.values()].filter((loan) => loan.checkin_date === null)
  // The controller of 19.11 looks the patron up; today's treats it as any other filter.
  const patron = town.old ? url.searchParams.get('patron_id') : null
  if (patron !== null && !town.patrons.has(Number(patron))) return refuse(404, "Patron doesn't exist")
  return list(town, url, embed, {
    rows: patron === null ? out : out.filter((loan) => String(loan.patron_id) === patron),
    filters: town.old ? ['patron_id'] : ['patron_id', 'checked_in'],
    oldReserved: oldPages,
    id: 'checkout_id',
    embeds: ['issuer', 'item', 'item.biblio', 'library', 'patron', 'renewals'],
    show: (row, embeds) => showLoan(town, row, embeds),
  })
}

function showLoan(town: Town, loan: Fields, embed: readonly string[]): Fields {
  const { renewals_count = 0, deny: _, max: __, ...rest } = loan
  if (town.old) return { ...rest, renewals: renewals_count }
  const item = town.items.get(Number(loan.item_id))
  const biblio = item && town.biblios.get(Number(item.biblio_id))
  return {
    ...rest,
    renewals_count,
    unseen_renewals: 0,
    external_id: item?.external_id ?? null,
    booking_id: null,
    ...(embed.some((one) => one.startsWith('item')) && {
      item: item ? { ...item, ...(embed.includes('item.biblio') && { biblio: biblio ?? null }) } : null,
    }),
  }
}

export function checkout(town: Town, id: string, embed: string | undefined): Answer {
  const loan = town.loans.get(Number(id))
  // Today's Koha shows returned loans by the same path.
  if (!loan || (town.old && loan.checkin_date !== null))
    return refuse(404, town.old ? "Checkout doesn't exist" : 'Checkout not found')
  return { status: 200, body: showLoan(town, loan, town.old ? [] : (embed?.split(',') ?? [])) }
}

export function allowsRenewal(town: Town, id: string): Answer {
  const loan = town.loans.get(Number(id))
  if (!loan) return refuse(404, town.old ? "Checkout doesn't exist" : 'Checkout not found')
  const why = denied(town, loan)
  const counts = { max_renewals: Number(loan.max ?? 2), current_renewals: loan.renewals_count ?? 0 }
  return {
    status: 200,
    body: { allows_renewal: why === null, ...counts, ...(!town.old && { unseen_renewals: 0 }), error: why },
  }
}

export function renewal(town: Town, id: string): Answer {
  const loan = town.loans.get(Number(id))
  if (!loan) return refuse(404, town.old ? "Checkout doesn't exist" : 'Checkout not found')
  const why = denied(town, loan)
  if (why !== null) return refuse(403, `Renewal not authorized (${why})`, town.old ? {} : { error_code: why })
  const [day = '', rest = ''] = String(loan.due_date).split('T')
  const later = new Date(Date.parse(day) + 21 * 86_400_000).toISOString().slice(0, 10)
  loan.due_date = `${later}T${rest}`
  loan.renewals_count = Number(loan.renewals_count) + 1
  loan.last_renewed_date = town.now().toISOString()
  return { status: 201, body: showLoan(town, loan, []) }
}

/** C4::Circulation CanBookBeRenewed, the rules that matter here; `deny` is any other reason. */
function denied(town: Town, loan: Fields): string | null {
  if (typeof loan.deny === 'string') return loan.deny
  const patron = town.patrons.get(Number(loan.patron_id))
  const biblio = town.items.get(Number(loan.item_id))?.biblio_id
  const wanted = [...town.holds.values()].some(
    (hold) => hold.biblio_id === biblio && hold.patron_id !== loan.patron_id && hold.status === null,
  )
  if (wanted) return 'on_reserve'
  if (Number(loan.renewals_count) >= Number(loan.max ?? 2)) return 'too_many'
  return patron?.restricted === true ? 'restriction' : null
}

// ── holds ────────────────────────────────────────────────────────────────────────────────────
const holdFilters = [
  'hold_id',
  'patron_id',
  'hold_date',
  'biblio_id',
  'pickup_library_id',
  'notes',
  'priority',
  'status',
  'timestamp',
  'item_id',
  'waiting_date',
  'expiration_date',
  'lowest_priority',
  'suspended',
  'suspended_until',
]

export function holds(town: Town, url: URL, embed: string | undefined): Answer {
  return list(town, url, embed, {
    rows: [...town.holds.values()],
    filters: [...holdFilters, town.old ? 'cancelation_date' : 'cancellation_date', ...(town.old ? [] : ['old'])],
    oldReserved: [], // paths/holds.json of 19.11
    id: 'hold_id',
    embeds: ['biblio', 'item', 'pickup_library', 'desk', 'cancellation_requested', '+strings'],
    show: (row, embeds) => showHold(town, row, embeds),
  })
}

function showHold(town: Town, hold: Fields, embed: readonly string[]): Fields {
  const item = hold.item_id ?? null
  if (town.old)
    return { ...hold, item_id: item === null ? null : String(item), cancelation_date: hold.cancellation_date ?? null }
  const biblio = town.biblios.get(Number(hold.biblio_id)) ?? null
  return { cancellation_date: null, ...hold, desk_id: null, ...(embed.includes('biblio') && { biblio }) }
}

export function placeHold(town: Town, body: unknown): Answer {
  const given = (body ?? {}) as Fields
  const missing = ['patron_id', 'pickup_library_id'].filter((name) => given[name] === undefined)
  if (missing.length > 0)
    return malformed(
      town,
      missing.map((name) => ({ message: 'Missing property.', path: `/body/${name}` })),
      true,
    )
  const mistyped = ['patron_id', 'biblio_id', 'item_id'].find((name) => typeof given[name] === 'string')
  if (mistyped) return malformed(town, [{ message: 'Expected integer - got string.', path: `/body/${mistyped}` }], true)
  const item = town.items.get(Number(given.item_id))
  const biblioId = Number(given.biblio_id ?? item?.biblio_id)
  const patron = town.patrons.get(Number(given.patron_id))
  const library = town.libraries.has(String(given.pickup_library_id))
  const there = town.biblios.has(biblioId)
  if (town.old) {
    // No rules at all, and bad ids break in the database (seen live).
    if (!patron || !library || !there) return broken(town)
  } else {
    if (!there) return { status: 400, body: 'Bibliographic record not found' }
    if (!patron) return refuse(400, 'patron_id not found', { error_code: 'patron_not_found' })
    if (!library)
      return refuse(400, 'The supplied pickup location is not valid', { error_code: 'invalid_pickup_location' })
    const [status, why] = mayNotHold(town, patron, biblioId) ?? []
    if (status && why) return refuse(status, `Hold cannot be placed. Reason: ${why}`, { error_code: why })
  }
  const hold = addHold(town, {
    patron_id: Number(given.patron_id),
    biblio_id: biblioId,
    item_id: given.item_id ?? null,
    item_level: given.item_id !== undefined && given.item_id !== null,
    pickup_library_id: given.pickup_library_id ?? null,
    expiration_date: given.expiration_date ?? null,
    hold_date: town.now().toISOString().slice(0, 10),
  })
  return { status: 201, body: showHold(town, hold, []) }
}

/** Koha::Patron can_place_holds: 409; C4::Reserves CanBookBeReserved: 403. */
function mayNotHold(town: Town, patron: Fields, biblio: number): readonly [number, string] | undefined {
  if (isExpired(town, patron)) return [409, 'expired']
  if (owed(town, String(patron.patron_id)) > (town.options.maxOutstanding ?? 10)) return [409, 'debt_limit']
  if (patron.incorrect_address === true) return [409, 'bad_address']
  if (patron.patron_card_lost === true) return [409, 'card_lost']
  if (patron.restricted === true) return [409, 'restricted']
  const own = [...town.holds.values()].filter((hold) => hold.patron_id === patron.patron_id)
  if (own.length >= 5) return [403, 'tooManyReserves']
  return own.some((hold) => hold.biblio_id === biblio) ? [403, 'tooManyHoldsForThisRecord'] : undefined
}

export function cancelHold(town: Town, id: string): Answer {
  if (!town.holds.delete(Number(id))) return refuse(404, town.old ? 'Hold not found.' : 'Hold not found')
  return town.old ? { status: 200, body: {} } : { status: 204 }
}

export function suspension(town: Town, id: string, body: unknown): Answer {
  const hold = town.holds.get(Number(id))
  if (!hold) return refuse(404, 'Hold not found')
  if (hold.status !== null) return refuse(400, `Found hold cannot be suspended. Status=${String(hold.status)}`)
  const end = (body as Fields | null | undefined)?.end_date ?? null
  Object.assign(hold, { suspended: true, suspended_until: end })
  return { status: 201, body: { end_date: end } }
}

export function resume(town: Town, id: string): Answer {
  const hold = town.holds.get(Number(id))
  if (!hold) return refuse(404, 'Hold not found')
  Object.assign(hold, { suspended: false, suspended_until: null })
  return { status: 204 }
}
