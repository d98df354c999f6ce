import {
  type Address,
  type Instant,
  type Interaction,
  type Kind,
  type Kinds,
  PrmError,
  type Query,
  refId,
} from '@prm/core'
import { addressKey, millis, tableOf } from './kinds.ts'
import type { Search, Session, Value } from './session.ts'

/** One step on the index for each type, however many facts there are of it. */
export async function types(session: Session, library: string): Promise<readonly string[]> {
  const sql = `with recursive t (type) as (
      select min(type) from interaction where library = ?
      union all select (select min(type) from interaction where library = ? and type > t.type) from t where type is not null)
    select type from t where type is not null`
  const rows = await session.all<{ type: string }>(sql, [library, library])
  return rows.map(({ type }) => type).sort()
}

export async function get<K extends Kind>(
  session: Session,
  library: string,
  kind: K,
  id: string,
): Promise<{ readonly value: Kinds[K]; readonly version: number } | undefined> {
  const sql = `select version, value from ${kind} where library = ? and id = ?`
  const [row] = await session.all<{ version: number; value: string }>(sql, [library, id])
  return row && { value: JSON.parse(row.value), version: row.version }
}

/**
 * Ordered by stored time, then insertion. Reads page by page and holds nothing between them, so that others may write; a row
 * that comes or moves meanwhile is seen where it stands when its page is read.
 */
export async function* find<K extends Kind>(
  session: Session,
  library: string,
  kind: K,
  query: Query,
): AsyncGenerator<Kinds[K]> {
  tableOf(kind)
  const { index, where, values } = condition(library, kind, query)
  const newest = query.order === 'newest'
  yield* pages<Kinds[K]>(query.order, query.limit, (limit, after) => {
    const keyset = after ? `and (stored_at, seq) ${newest ? '<' : '>'} (?, ?)` : ''
    const order = newest ? 'stored_at desc, seq desc' : 'stored_at, seq'
    const sql = `select seq, stored_at as at, value from ${kind} ${session.using(index)} where ${where} ${keyset} order by ${order} limit ?`
    return session.all<PageRow>(sql, [...values, ...(after ? [after.at, after.seq] : []), limit])
  })
}

const firstPage = 50
const nextPage = 500

/** By all words of `text`, newest first, page by page as `find`. */
export async function* search(
  session: Session,
  { matches, expression }: Search,
  library: string,
  text: string,
  query: { readonly limit?: number; readonly before?: Instant },
): AsyncGenerator<Interaction> {
  // No character of a database's own search language is left in a word.
  const words = text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu)
  if (!words) return
  const values = [expression([...new Set(words)]), library]
  const before = query.before === undefined ? Number.MAX_SAFE_INTEGER : millis(query.before, 'before')
  yield* pages<Interaction>('newest', query.limit, async (limit, after) => {
    const sql = `select seq, stored_at as at, value from interaction where ${matches} and library = ?
      and (stored_at, seq) < (?, ?) order by stored_at desc, seq desc limit ?`
    return session.all<PageRow>(sql, [...values, ...(after ? [after.at, after.seq] : [before, 0]), limit])
  })
}

interface PageRow {
  readonly seq: number
  readonly at: number
  readonly value: string
}

async function* pages<Row>(
  order: Query['order'],
  atMost: number | undefined,
  read: (limit: number, after: PageRow | undefined) => Promise<PageRow[]>,
): AsyncGenerator<Row> {
  let left = atMost ?? Number.POSITIVE_INFINITY
  let after: PageRow | undefined
  for (let size = firstPage; left > 0; size = nextPage) {
    const limit = Math.min(size, left)
    const page = await read(limit, after)
    // Asked together with others, the rows may come in another order.
    page.sort((a, b) => (order === 'newest' ? -1 : 1) * (a.at - b.at || a.seq - b.seq))
    for (const row of page) yield JSON.parse(row.value)
    if (page.length < limit) return
    after = page.at(-1)
    left -= limit
  }
}

const subjects = ['address', 'patronId', 'about', 'matter', 'type', 'state', 'providerId', 'wait'] as const
type Subject = (typeof subjects)[number]

/** What each kind answers, and the index that does it: without being told, SQLite may take the one by time alone. */
const answered: { readonly [K in Kind]: { readonly [S in Subject | 'nothing']?: string } } = {
  patron: { address: 'patron_id' },
  consent: { address: 'consent_address' },
  interaction: {
    patronId: 'interaction_patron',
    address: 'interaction_address',
    about: 'interaction_about',
    matter: 'interaction_matter',
    type: 'interaction_type',
  },
  decision: { about: 'decision_id', patronId: 'decision_patron', nothing: 'decision_time' },
  message: {
    address: 'message_address',
    providerId: 'message_provider',
    patronId: 'message_patron',
    state: 'message_state',
    nothing: 'message_time',
  },
  digest: { nothing: 'digest_time' },
  run: { wait: 'run_id', patronId: 'run_patron', address: 'run_address', nothing: 'run_time' },
  outcome: { nothing: 'outcome_time' },
  audit: { patronId: 'audit_patron', nothing: 'audit_time' },
  sender: {},
  cursor: {},
  shared: {},
}

function condition(library: string, kind: Kind, query: Query): { index: string; where: string; values: Value[] } {
  const asked = subjects.filter((subject) => query[subject] !== undefined)
  const [subject = 'nothing'] = asked
  const index = asked.length > 1 ? undefined : answered[kind][subject]
  if (index === undefined) throw unsupported(kind, asked)
  const values: Value[] = [library]
  let where = 'library = ?'
  if (subject !== 'nothing') where += ` and ${clause(library, kind, subject, query, values)}`
  if (query.since !== undefined) where += bound('>=', millis(query.since, 'since'), values)
  if (query.until !== undefined) where += bound('<', millis(query.until, 'until'), values)
  return { index, where, values }
}

function bound(operator: string, at: number, values: Value[]): string {
  values.push(at)
  return ` and stored_at ${operator} ?`
}

function clause(library: string, kind: Kind, subject: Subject, query: Query, values: Value[]): string {
  if (subject === 'address') return addressClause(library, kind, query.address as Address, values)
  if (subject === 'about') {
    const { about } = query as Required<Query>
    if (kind === 'decision') {
      values.push(about.source === 'prm' ? about.key : null, library, refId(about))
      return 'id in (select ? union select decision from decision_ref where library = ? and ref = ?)'
    }
    values.push(refId(about))
    return 'about = ?'
  }
  if (subject === 'wait') {
    values.push(library, query.wait as string)
    return 'id in (select run from run_wait where library = ? and wait = ?)'
  }
  values.push(query[subject] as string)
  return `${columns[subject]} = ?`
}

const columns = { patronId: 'patron', matter: 'matter', type: 'type', state: 'state', providerId: 'provider' }

/**
 * A patron is found by exactly this address: card 7 of two realms are two people. What was consented to, sent or
 * said at an address counts also where one of the two does not name a realm.
 */
function addressClause(library: string, kind: Kind, address: Address, values: Value[]): string {
  if (kind === 'patron') {
    values.push(library, addressKey(address), address.realm ?? '')
    return 'id in (select patron from identity where library = ? and address = ? and realm = ?)'
  }
  values.push(addressKey(address))
  if (address.realm === undefined) return 'address = ?'
  values.push(address.realm)
  return 'address = ? and (realm is null or realm = ?)'
}

function unsupported(kind: Kind, asked: readonly Subject[]): PrmError {
  const can = Object.keys(answered[kind])
    .map((subject) => (subject === 'nothing' ? 'nothing (all)' : `\`${subject}\``))
    .join(', ')
  const by = asked.length === 0 ? 'nothing' : asked.map((subject) => `\`${subject}\``).join(' and ')
  return new PrmError(
    'unsupported',
    `${kind} cannot be asked for by ${by}: ${can === '' ? 'only by id' : `one of ${can}`}.`,
    {
      field: asked.join(', '),
    },
  )
}
