import {
  type Address,
  type Instant,
  type Interaction,
  type Kind,
  type Kinds,
  PrmError,
  type Query,
  refId,
} from '@prm/core/adapter'
import { addressKey, millis, tableOf } from './kinds.ts'
import { fewLimits, type Search, type Session, type Value } from './session.ts'

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
  const [row] = await session.all<{ version: number; value: string }>(sql, [library, id], kind)
  return row && { value: JSON.parse(row.value), version: row.version }
}

/**
 * Ordered by stored time, then insertion. Reads page by page and holds nothing between them, so that others may write; a row
 * that comes or moves meanwhile is seen where it stands when its page is read.
 */
export function find<K extends Kind>(
  enter: () => Promise<void> | undefined,
  session: Session,
  library: string,
  kind: K,
  query: Query,
): AsyncGenerator<Kinds[K]> {
  return pages<Kinds[K]>(query.order, query.limit, async (limit, after) => {
    const entering = after ? undefined : enter()
    if (entering) await entering
    tableOf(kind)
    const { index, where, values, few } = condition(library, kind, query)
    // With the index, this is all that a text depends on.
    const shape = values.length * 4 + (query.since === undefined ? 0 : 2) + (query.until === undefined ? 0 : 1)
    if (few && !after) {
      const sql = once(session, index, shape, () => few.sql(session.lateral ? undefined : session.using(index)))
      const rows = await session.all<PageRow>(sql, few.values, kind)
      if (rows.length <= firstPage) return rows
    }
    const newest = query.order === 'newest'
    const keyset = after ? `and (stored_at, seq) ${newest ? '<' : '>'} (?, ?)` : ''
    const order = newest ? 'stored_at desc, seq desc' : 'stored_at, seq'
    const sql = once(
      session,
      index,
      `${shape} ${keyset} ${order} ${limit}`,
      () =>
        `select seq, stored_at as at, value from ${kind} ${session.using(index)} where ${where} ${keyset} order by ${order} limit ${limit}`,
    )
    return session.all<PageRow>(sql, [...values, ...(after ? [after.at, after.seq] : [])], kind)
  })
}

/** The same text each time: one that is only equal is compared anew, at the cost of a small read, wherever it is kept by. */
function once(session: Session, index: string, shape: string | number, make: () => string): string {
  const mine = texts.get(session) ?? new Map<string, Map<string | number, string>>()
  const known = mine.get(index) ?? new Map<string | number, string>()
  const text = known.get(shape) ?? make()
  if (!known.has(shape)) texts.set(session, mine.set(index, known.set(shape, text)))
  return text
}
const texts = new WeakMap<Session, Map<string, Map<string | number, string>>>()

const firstPage = 50
const nextPage = 500

/** By all words of `text`, newest first, page by page as `find`. */
export function search(
  enter: () => Promise<void> | undefined,
  session: Session,
  { matches, expression }: Search,
  library: string,
  text: string,
  query: { readonly limit?: number; readonly before?: Instant },
): AsyncGenerator<Interaction> {
  return pages<Interaction>('newest', query.limit, async (limit, after) => {
    if (!after) await enter()
    // No character of a database's own search language is left in a word.
    const words = text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu)
    if (!words) return []
    const values = [expression([...new Set(words)]), library]
    const before = query.before === undefined ? Number.MAX_SAFE_INTEGER : millis(query.before, 'before')
    const sql = `select seq, stored_at as at, value from interaction where ${matches} and library = ?
      and (stored_at, seq) < (?, ?) order by stored_at desc, seq desc limit ${limit}`
    return session.all<PageRow>(sql, [...values, ...(after ? [after.at, after.seq] : [before, 0])])
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
    const limit = Math.min(size, fewLimits(left))
    const page = await read(limit, after)
    // Asked together with others, the rows may come in another order.
    page.sort((a, b) => (order === 'newest' ? -1 : 1) * (a.at - b.at || a.seq - b.seq))
    for (const row of page) {
      if (left-- <= 0) return
      yield JSON.parse(row.value)
    }
    if (page.length < limit) return
    after = page.at(-1)
  }
}

const subjects = [
  'address',
  'patronId',
  'about',
  'subjectKey',
  'type',
  'state',
  'providerId',
  'conversationId',
  'wait',
] as const
type Subject = (typeof subjects)[number]

/** What each kind answers, and the index that does it: without being told, SQLite may take the one by time alone. */
const answered: { readonly [K in Kind]: { readonly [S in Subject | 'nothing']?: string } } = {
  patron: { address: 'patron_id' },
  consent: { address: 'consent_address' },
  interaction: {
    patronId: 'interaction_patron',
    address: 'interaction_address',
    about: 'interaction_about',
    subjectKey: 'interaction_subject',
    type: 'interaction_type',
    conversationId: 'interaction_conversation',
  },
  conversation: { state: 'conversation_state', address: 'conversation_address', patronId: 'conversation_patron' },
  decision: { about: 'decision_id', patronId: 'decision_patron', nothing: 'decision_time' },
  message: {
    address: 'message_address',
    providerId: 'message_provider',
    patronId: 'message_patron',
    state: 'message_state',
    conversationId: 'message_conversation',
    nothing: 'message_time',
  },
  digest: { nothing: 'digest_time' },
  run: { wait: 'run_id', patronId: 'run_patron', address: 'run_address', nothing: 'run_time' },
  outcome: { nothing: 'outcome_time' },
  audit: { patronId: 'audit_patron', nothing: 'audit_time' },
  sender: {},
  claim: {},
  cursor: {},
  shared: {},
}

interface Condition {
  readonly index: string
  readonly where: string
  readonly values: readonly Value[]
  /**
   * Where the index is a table of its own: the rows that it names, one by one, in no order, and one more than the first page.
   * Sorting in the database takes tables that it makes for that, and costs ten times what the few rows do.
   */
  readonly few?: { sql(using: string | undefined): string; readonly values: readonly Value[] }
}

function condition(library: string, kind: Kind, query: Query): Condition {
  const asked = subjects.filter((subject) => query[subject] !== undefined)
  const [subject = 'nothing'] = asked
  const index = asked.length > 1 ? undefined : answered[kind][subject]
  if (index === undefined) throw unsupported(kind, asked)
  const times: Value[] = []
  let between = ''
  if (query.since !== undefined) between += bound('>=', millis(query.since, 'since'), times)
  if (query.until !== undefined) between += bound('<', millis(query.until, 'until'), times)
  const ids = subject === 'nothing' ? undefined : idsOf(library, kind, subject, query)
  if (ids)
    return {
      index,
      where: `library = ? and id in (${ids.sql})${between}`,
      values: [library, ...ids.values, ...times],
      few: {
        sql: (using) =>
          using === undefined
            ? `select one.* from (${ids.sql}) as found cross join lateral (select seq, stored_at as at, value from ${kind}
                where library = ? and id = found.id${between} limit 1) as one limit ${firstPage + 1}`
            : `select seq, stored_at as at, value from (${ids.sql}) as found, ${kind} as one ${using}
                where library = ? and one.id = found.id${between} limit ${firstPage + 1}`,
        values: [...ids.values, library, ...times],
      },
    }
  const values: Value[] = [library]
  const also = subject === 'nothing' ? '' : ` and ${clause(subject, query, values)}`
  return { index, where: `library = ?${also}${between}`, values: [...values, ...times] }
}

/** What a table of its own finds, each id once. */
function idsOf(
  library: string,
  kind: Kind,
  subject: Subject,
  query: Query,
): { readonly sql: string; readonly values: readonly Value[] } | undefined {
  if (kind === 'patron' && subject === 'address') {
    // Exactly this address: card 7 of two realms are two people.
    const address = query.address as Address
    const sql = 'select patron as id from identity where library = ? and address = ? and realm = ?'
    return { sql, values: [library, addressKey(address), address.realm ?? ''] }
  }
  if (kind === 'decision' && subject === 'about') {
    const about = query.about as NonNullable<Query['about']>
    const sql = 'select decision as id from decision_ref where library = ? and ref = ?'
    const values = [library, refId(about)]
    if (about.source !== 'prm') return { sql, values }
    return { sql: `select ? as id union all ${sql} and decision <> ?`, values: [about.key, ...values, about.key] }
  }
  if (subject === 'wait') {
    const sql = 'select run as id from run_wait where library = ? and wait = ?'
    return { sql, values: [library, query.wait as string] }
  }
  return undefined
}

function bound(operator: string, at: number, values: Value[]): string {
  values.push(at)
  return ` and stored_at ${operator} ?`
}

function clause(subject: Subject, query: Query, values: Value[]): string {
  if (subject === 'address') return addressClause(query.address as Address, values)
  if (subject === 'about') {
    values.push(refId(query.about as NonNullable<Query['about']>))
    return 'about = ?'
  }
  values.push(query[subject] as string)
  return `${columns[subject as keyof typeof columns]} = ?`
}

const columns = {
  patronId: 'patron',
  subjectKey: 'subject_key',
  type: 'type',
  state: 'state',
  providerId: 'provider',
  conversationId: 'conversation',
}

/** What was consented to, sent or said at an address counts also where one of the two does not name a realm. */
function addressClause(address: Address, values: Value[]): string {
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
