import type {
  Address,
  Block,
  Context,
  Directory,
  DirectoryEntry,
  Known,
  LocalDate,
  PatronUpdate,
  Preferences,
} from '@prm/core/adapter'
import { PrmError, patronUpdateOf as personIn } from '@prm/core/adapter'
import { type Fields, phone } from '@prm/kit'
import { type Api, unlessMissing } from './api.ts'
import { type Messaging, write } from './messaging.ts'
import { dayAt, flagOf, idIn, known, type Row, textOf, unavailable, wireRow } from './values.ts'

/** Where a patron's own numbers and mailboxes are; `altcontact_*` and fax are somebody else's. */
const phoneFields = ['sms_number', 'mobile', 'phone', 'secondary_phone', 'altaddress_phone'] as const
const mailFields = ['email', 'secondary_email', 'altaddress_email'] as const

export function directory(api: Api, messaging: Messaging): Required<Directory> {
  const writing = new Map<string, Promise<unknown>>()
  return {
    async find(address, ctx) {
      const found: DirectoryEntry[] = []
      for (const patron of await search(api, address, ctx))
        found.push(entryOf(patron, api, ctx, await messaging.read(idIn(patron, 'patron_id'), ctx)))
      return found
    },
    async *list({ q, ...filters }, ctx) {
      if (q && !(await api.modern(ctx))) throw new PrmError('unsupported', 'This Koha does not know q.', { field: 'q' })
      const named = Object.fromEntries(Object.entries(filters).map(([name, value]) => [name, String(value)]))
      const list = { path: '/patrons', query: { _match: 'exact', ...named }, q: q as object, id: 'patron_id' }
      const wishes = unavailable('A list does not tell them: `find` asks for each patron.')
      for await (const patron of api.each(list, ctx)) yield entryOf(patron, api, ctx, wishes)
    },
    async write(address, change, ctx) {
      const id = await idOf(api, address, ctx)
      // Two writes of ours to one record, each from what it read, would undo each other.
      const last = writing.get(id) ?? Promise.resolve()
      const own = last.catch(() => undefined).then(() => write(api, messaging, id, change, ctx))
      writing.set(id, own)
      await own.finally(() => writing.get(id) === own && writing.delete(id))
    },
  }
}

// ── search ───────────────────────────────────────────────────────────────────────────────────
export const realmOf = ({ options }: Api, ctx: Context): string => options.realm ?? ctx.id

/** All that match, compared here once more: Koha's `_match` is `contains` unless told otherwise, and MySQL's `=` is lenient. */
async function search(api: Api, address: Address, ctx: Context): Promise<readonly Row[]> {
  if (address.scheme === 'tel') return byPhone(api, address.value, ctx)
  if (address.scheme === 'mailto') return byMail(api, address.value, ctx)
  if (address.scheme !== 'ils') return []
  const what = whatOf(api, address, ctx)
  if (what === 'id') return byId(api, address.value, ctx)
  const field = what === 'card' ? 'cardnumber' : what === 'user' ? 'userid' : undefined
  if (field === undefined || address.value === '') return []
  const found = await either(api, [{ [field]: address.value, _match: 'exact' }], undefined, ctx)
  return found.filter((patron) => same(textOf(patron, field), address.value))
}

/** `card`, `user` or `id` of this Koha; `undefined` of any other system. */
function whatOf(api: Api, { realm }: Address, ctx: Context): string | undefined {
  const own = `${realmOf(api, ctx)}/`
  return realm?.startsWith(own) ? realm.slice(own.length) : undefined
}

const same = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.trim().toLowerCase()

/** One, or none. */
export async function byId(api: Api, id: string, ctx: Context): Promise<readonly Row[]> {
  const call = () => api.ask({ path: `/patrons/${id}` }, ctx, wireRow('patron_id')).then(({ value }) => [value])
  return /^\d+$/.test(id) ? unlessMissing(call(), () => []) : []
}

async function byMail(api: Api, value: string, ctx: Context): Promise<readonly Row[]> {
  const old = mailFields.map((field) => ({ [field]: value, _match: 'exact' }))
  const found = await either(api, old, { '-or': mailFields.map((field) => ({ [field]: value })) }, ctx)
  return found.filter((patron) => mailFields.some((field) => same(textOf(patron, field), value)))
}

/**
 * Numbers are kept as somebody typed them, so that only their digits can be asked for: with anything between them where
 * `q` is known, else by an end that people write in one piece. What comes back is read as a number, and compared.
 */
async function byPhone(api: Api, written: string, ctx: Context): Promise<readonly Row[]> {
  const { region } = api.options
  const { e164 } = phone(written, region)
  if (!e164) return []
  // Within +1 everybody keeps the last four together; elsewhere digits go in pairs too.
  const [digits, _match] = e164.startsWith('+1') ? [e164.slice(-4), 'contains'] : [e164.slice(-2), 'ends_with']
  const old = phoneFields.map((field) => ({ [field]: digits, _match }))
  const like = `%${[...e164.slice(-7)].join('%')}%`
  const found = await either(api, old, { '-or': phoneFields.map((field) => ({ [field]: { '-like': like } })) }, ctx)
  return found.filter((patron) => phoneFields.some((field) => phone(textOf(patron, field), region).e164 === e164))
}

/** Koha matches one field at a time; `q` asks for all of them at once, where it is known. */
async function either(api: Api, old: readonly Fields[], q: object | undefined, ctx: Context): Promise<readonly Row[]> {
  const found = new Map<string, Row>()
  for (const query of q && (await api.modern(ctx)) ? [{}] : old)
    for await (const patron of api.each({ path: '/patrons', query, q, id: 'patron_id' }, ctx))
      found.set(idIn(patron, 'patron_id'), patron)
  return [...found.values()]
}

/** The one patron of an address of this Koha. Throws `not_found`, `conflict` for several, `invalid` for another system's. */
export async function patronOf(api: Api, address: Address, ctx: Context): Promise<Row> {
  if (address.scheme !== 'ils' || !whatOf(api, address, ctx))
    throw new PrmError('invalid', 'The patron is not named by an address of this Koha.', { field: 'patron' })
  const [patron, ...more] = await search(api, address, ctx)
  if (!patron) throw new PrmError('not_found', 'No patron has this address.')
  if (more.length > 0) throw new PrmError('conflict', `${more.length + 1} patrons have this address.`)
  return patron
}

/** The internal id. Asked for where the address is the id too: a record that was merged away has no loans, and is not there. */
export async function idOf(api: Api, address: Address, ctx: Context): Promise<string> {
  return idIn(await patronOf(api, address, ctx), 'patron_id')
}

// ── what is told of a patron ─────────────────────────────────────────────────────────────────
function entryOf(patron: Row, api: Api, ctx: Context, preferences: Known<Preferences>): DirectoryEntry {
  const blocks = blocksOf(patron, api, ctx)
  const guarantor = known(patron, 'guarantor_id')
  const realm = `${realmOf(api, ctx)}/id`
  return {
    identities: identitiesOf(patron, api, ctx),
    name: nameOf(patron),
    locale: localeOf(patron),
    branch: known(patron, 'library_id'),
    category: known(patron, 'category_id'),
    birthDate: known(patron, 'date_of_birth') as Known<LocalDate>,
    expires: known(patron, 'expiry_date') as Known<LocalDate>,
    blocks: blocks.length > 0 ? { is: 'value', value: blocks } : { is: 'empty' },
    // Old releases name one guarantor in the record, newer ones keep relationships elsewhere.
    guardian:
      guarantor.is === 'value' ? { is: 'value', value: { scheme: 'ils', realm, value: guarantor.value } } : guarantor,
    preferences,
  }
}

/** The same for a feed. */
export function personOf(patron: Row, api: Api, ctx: Context, wishes: Known<Preferences>): PatronUpdate {
  return personIn(entryOf(patron, api, ctx, wishes))
}

/** Koha vouches for its own ids; numbers and mailboxes were typed by somebody. */
function identitiesOf(patron: Row, api: Api, ctx: Context): DirectoryEntry['identities'] {
  const realm = realmOf(api, ctx)
  const ids = [
    ['id', 'patron_id'],
    ['card', 'cardnumber'],
    ['user', 'userid'],
  ].flatMap(([what, field = '']) => {
    const value = textOf(patron, field)
    return value ? [{ scheme: 'ils', realm: `${realm}/${what}`, value, verified: true }] : []
  })
  const numbers = phoneFields.flatMap((field) => {
    const written = textOf(patron, field)
    const { e164, why } = phone(written, api.options.region)
    return e164 ?? (written && why !== 'missing' ? written : [])
  })
  const mails = mailFields.flatMap((field) => textOf(patron, field) ?? []).filter((mail) => mail.includes('@'))
  return [
    ...ids,
    ...[...new Set(numbers)].map((value) => ({ scheme: 'tel', value, verified: false })),
    ...[...new Set(mails)].map((value) => ({ scheme: 'mailto', value, verified: false })),
  ]
}

/** An organisation has only a surname, and a name may be missing altogether. */
function nameOf(patron: Row): Known<string> {
  const names = [textOf(patron, 'preferred_name', 'firstname'), textOf(patron, 'surname')].filter(Boolean)
  return names.length === 0 ? { is: 'empty' } : { is: 'value', value: names.join(' ') }
}

/** `default` is the library's own language. */
function localeOf(patron: Row): Known<string> {
  const lang = known(patron, 'lang')
  if (lang.is !== 'value') return lang
  if (lang.value === 'default') return { is: 'empty' }
  try {
    return { is: 'value', value: Intl.getCanonicalLocales(lang.value)[0] ?? lang.value }
  } catch {
    return unavailable('What Koha has for a language is no language.')
  }
}

/** Of the record alone: whether somebody owes too much is not in it. Old releases do not say `expired`. */
export function blocksOf(patron: Row, api: Api, ctx: Context): readonly Block[] {
  const until = textOf(patron, 'expiry_date')?.slice(0, 10)
  const over = until !== undefined && until < dayAt(ctx.now(), api.options.timeZone)
  const said = blockFields.flatMap(([field, block]) => (flagOf(patron, field) ? [block] : []))
  return over && !said.includes('expired') ? ['expired', ...said] : said
}
const blockFields: readonly (readonly [string, Block])[] = [
  ['expired', 'expired'],
  ['patron_card_lost', 'card-lost'],
  ['restricted', 'restricted'],
  ['incorrect_address', 'address'],
]
