import { type Answer, broken, list, malformed, refuse } from './query.ts'
import { type Fields, fieldsOf, readOnly, required, type Town } from './state.ts'

const today = (town: Town): string => town.now().toISOString().slice(0, 10)

export const isExpired = (town: Town, patron: Fields): boolean => String(patron.expiry_date ?? '9') < today(town)

/** The record as this release shows it. */
function show(town: Town, patron: Fields): Fields {
  const shown = Object.fromEntries(fieldsOf(town.old).map((name) => [name, patron[name] ?? null]))
  const computed = { restricted: patron.restricted === true, anonymized: false }
  return {
    patron_id: patron.patron_id ?? null,
    ...shown,
    ...computed,
    ...(!town.old && { expired: isExpired(town, patron) }),
  }
}

export function patrons(town: Town, url: URL, embed: string | undefined): Answer {
  return list(town, url, embed, {
    rows: [...town.patrons.values()],
    filters: ['patron_id', ...fieldsOf(town.old)],
    id: 'patron_id',
    embeds: ['+strings', 'library', 'extended_attributes', 'checkouts+count', 'overdues+count', 'account_balance'],
    show: (row) => show(town, row),
  })
}

export function patron(town: Town, id: string): Answer {
  const found = town.patrons.get(Number(id))
  return found
    ? { status: 200, body: show(town, found) }
    : refuse(404, town.old ? 'Patron not found.' : 'Patron not found')
}

/** PUT: the whole record, checked against the description; what it does not hold is emptied. */
export function put(town: Town, id: string, body: unknown): Answer {
  const before = town.patrons.get(Number(id))
  if (!before) return refuse(404, 'Patron not found')
  if (typeof body !== 'object' || body === null)
    return malformed(town, [{ message: 'Expected object.', path: '/body' }], true)
  const given = body as Fields
  const names = ['patron_id', ...fieldsOf(town.old), ...readOnly(town.old)]
  const errors = [
    ...required(town.old)
      .filter((name) => given[name] === undefined)
      .map((name) => ({ message: 'Missing property.', path: `/body/${name}` })),
    ...readOnly(town.old)
      .filter((name) => name in given)
      .map((name) => ({ message: 'Read-only.', path: `/body/${name}` })),
    ...['surname', 'library_id', 'category_id']
      .filter((name) => given[name] === null)
      .map((name) => ({ message: 'Expected string - got null.', path: `/body/${name}` })),
  ]
  const odd = Object.keys(given).filter((name) => !names.includes(name))
  if (odd.length > 0) errors.push({ message: `Properties not allowed: ${odd.join(', ')}.`, path: '/body' })
  if (errors.length > 0) return malformed(town, errors, true)
  // NOT NULL in the database, and not in the description: the old controller breaks on it.
  if (town.old && (given.address === null || given.city === null)) return broken(town)
  for (const name of ['cardnumber', 'userid'] as const) {
    const taken = [...town.patrons.values()].some((one) => one !== before && given[name] && one[name] === given[name])
    if (taken) return refuse(409, 'Duplicate ID', { conflict: name })
  }
  const emptied = Object.fromEntries(fieldsOf(town.old).map((name) => [name, null]))
  Object.assign(before, emptied, given, { patron_id: Number(id), updated_on: town.now().toISOString() })
  // An old one answers in the names of its database (seen live).
  if (town.old) return { status: 200, body: { borrowernumber: Number(id), B_address: null, branchcode: 'ELM' } }
  return { status: 200, body: show(town, before) }
}

export function account(town: Town, id: string): Answer {
  if (!town.patrons.has(Number(id))) return refuse(404, 'Patron not found.')
  const lines = [...town.lines.values()].filter((line) => line.patron_id === Number(id))
  const total = owed(town, id)
  return {
    status: 200,
    body: {
      balance: total,
      outstanding_debits: {
        total,
        lines: lines.map(({ debit_type = 'OVERDUE', ...line }) =>
          town.old ? { ...line, account_type: 'F' } : { ...line, debit_type, credit_type: null },
        ),
      },
      outstanding_credits: { total: 0, lines: [] },
    },
  }
}

/** Perl adds floats, and says what comes out. */
export function owed(town: Town, id: string): number {
  const lines = [...town.lines.values()].filter((line) => line.patron_id === Number(id))
  return lines.reduce((sum, line) => sum + Number(line.amount_outstanding), 0)
}

// ── koha-plugin-rest-di ──────────────────────────────────────────────────────────────────────
export function patronDI(town: Town, url: URL, id: string): Answer {
  const found = town.patrons.get(Number(id))
  if (!found) return refuse(404, 'Patron not found')
  const wanted = url.searchParams.get('query_messaging_preferences') === '1'
  const preferences = town.preferences.get(Number(id)) ?? {}
  return { status: 200, body: { ...show(town, found), ...(wanted && { messaging_preferences: preferences }) } }
}

export function patchDI(town: Town, id: string, body: unknown): Answer {
  const found = town.patrons.get(Number(id))
  if (!found) return refuse(404, 'Patron not found')
  Object.assign(found, body)
  return { status: 200, body: show(town, found) }
}

/** Only what can be configured may be given (definitions/messagingpreference/transport.yaml: no additional properties). */
export function putMessaging(town: Town, id: string, body: unknown): Answer {
  const kept = town.preferences.get(Number(id))
  if (!kept) return refuse(404, 'Patron not found')
  for (const [name, given] of Object.entries((body ?? {}) as Fields)) {
    const said = kept[name] as Fields | undefined
    if (!said) return refuse(400, `Messaging preference ${name} not found`)
    for (const [part, value] of Object.entries(given as Fields)) {
      const odd = part !== 'transport_types' && 'configurable' in (value as Fields)
      const types =
        part === 'transport_types' && Object.keys(value as Fields).some((one) => !(one in (said[part] as Fields)))
      if (!(part in said) || odd || types) return refuse(400, `${name}: wrong parameters`)
      said[part] = { ...(said[part] as Fields), ...(value as Fields) }
    }
  }
  return { status: 200, body: kept }
}
