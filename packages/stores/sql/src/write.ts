import { type Batch, type Kind, type Kinds, type Message, PrmError } from '@prm/core/adapter'
import type { Cancelled, Jobs } from './jobs.ts'
import { checked, type Many, millis, notTooLong, rowId, type Table, tableOf } from './kinds.ts'
import { merged } from './message.ts'
import { type PromisedJob, prepareJob } from './promise.ts'
import { inChunks, Overtaken, type Session, type Value } from './session.ts'

/** A batch as its caller gave it, checked and turned to text before it meets those of others. */
export interface Prepared {
  readonly library: string
  readonly unless: readonly { readonly kind: Kind; readonly id: string }[]
  readonly puts: readonly PreparedPut[]
  readonly drops: readonly { readonly kind: Kind; readonly id: string }[]
  readonly cancels: readonly Cancelled[]
  readonly jobs: readonly PromisedJob[]
}

interface PreparedPut {
  readonly kind: Kind
  readonly id: string
  readonly ifVersion: number | undefined
  readonly text: Text
}

/** A value as it is stored: its JSON, its columns, and its side rows. */
export interface Text {
  readonly value: Kinds[Kind]
  readonly json: string
  readonly at: number | undefined
  readonly columns: readonly Value[]
  readonly many: readonly Many[]
}

/** Throws `invalid` for what cannot be stored, so that it fails its own caller and not those it shares a transaction with. */
export function prepare(
  library: string,
  { ifAbsent = [], put = [], delete: drop = [], cancel = [], jobs = [] }: Batch,
): Prepared {
  return {
    library,
    unless: ifAbsent.map(named),
    puts: put.map(({ kind, value, ifVersion, text }) => ({
      kind,
      id: rowId(kind, value),
      ifVersion,
      text: textOf(kind, value, text),
    })),
    drops: drop.map(named),
    cancels: cancel.map((one) =>
      'key' in one ? { key: checked(one.key, 'job') } : { group: checked(one.group, 'job') },
    ),
    jobs: jobs.map((job) => prepareJob(library, job)),
  }
}

function named({ kind, id }: { readonly kind: Kind; readonly id: string }): { kind: Kind; id: string } {
  tableOf(kind)
  return { kind, id: checked(id, kind) }
}

export function textOf(kind: Kind, value: Kinds[Kind], searched?: string): Text {
  const table = tableOf(kind)
  const time = table.time?.(value as never)
  const columns: Value[] = []
  table.values(value as never, columns, searched)
  for (const [i, column] of columns.entries()) {
    const field = table.columns[i] as string
    if (column === null) continue
    if (typeof column !== 'string') {
      throw new PrmError('invalid', `The ${field} of a ${kind} must be text.`, { field })
    }
    if (field !== 'text') notTooLong(column, `The value of ${kind}.${field}`) // which is searched by its words
  }
  const many = table.many?.of(value as never) ?? []
  for (const key of many.flat()) {
    if (typeof key !== 'string') throw new PrmError('invalid', `What a ${kind} is found by must be text.`)
    notTooLong(key, `What a ${kind} is found by`)
  }
  return {
    value,
    json: JSON.stringify(value),
    at: time === undefined ? undefined : millis(time, `the time of a ${kind}`),
    columns,
    many,
  }
}

/** What is known of a row in this transaction: how it stands in the database, and what will be written. */
interface Row {
  readonly library: string
  readonly id: string
  stored: Stored | undefined
  version: number
  put: Text | undefined
  /** What a drop took: whatever is put after it is another row. */
  gone?: Stored | undefined
  /** An accepted batch wanted it not to be there. */
  absent?: boolean
}
interface Stored {
  readonly at: number
  readonly json: string | undefined
  value?: Kinds[Kind]
}

/**
 * Decides the batches in order, each seeing those before it, and writes what the accepted ones leave: a statement or two a
 * kind, however many batches there are. Answers which were written, and whether any job was promised.
 */
export async function write(
  tx: Session,
  batches: readonly Prepared[],
  queue: Jobs,
  clock: () => Date,
): Promise<{ readonly written: readonly boolean[]; readonly promised: boolean }> {
  const rows = await load(tx, batches)
  let jobs: PromisedJob[] = []
  let promised = false
  const written: boolean[] = []
  for (const batch of batches) {
    const whole = accepted(batch, rows)
    written.push(whole)
    if (!whole) continue
    for (const put of batch.puts) apply(rowAt(rows, batch.library, put.kind, put.id), put, clock)
    for (const { kind, id } of batch.drops) drop(rowAt(rows, batch.library, kind, id))
    if (batch.cancels.length > 0) {
      // What was promised before goes too; what is promised from here on stays.
      await queue.promise(tx, jobs)
      jobs = []
      await queue.cancel(tx, batch.library, batch.cancels)
    }
    jobs.push(...batch.jobs)
    promised ||= batch.jobs.length > 0
  }
  for (const [kind, ofKind] of inOrder(rows)) {
    const all = [...ofKind.values()]
    await remove(
      tx,
      kind,
      all.filter((row) => row.gone),
    )
    await store(tx, kind, all, rows, clock)
  }
  await queue.promise(tx, jobs)
  return { written, promised }
}

function accepted({ library, unless, puts }: Prepared, rows: Rows): boolean {
  const none = unless.map(({ kind, id }) => rowAt(rows, library, kind, id))
  if (none.some(({ version }) => version > 0)) return false
  for (const { kind, id, ifVersion } of puts) {
    if (ifVersion !== undefined && ifVersion !== rowAt(rows, library, kind, id).version) return false
  }
  for (const row of none) row.absent = true
  for (const { kind, id, ifVersion } of puts) if (ifVersion === 0) rowAt(rows, library, kind, id).absent = true
  return true
}

function apply(row: Row, { kind, ifVersion, text }: PreparedPut, clock: () => Date): void {
  const before = kind === 'message' && ifVersion === undefined ? currentMessage(row) : undefined
  row.put = before ? textOf(kind, merged(before, text.value as Message, clock().toISOString())) : text
  row.version++
}

function drop(row: Row): void {
  row.gone ??= row.stored
  row.stored = undefined
  row.put = undefined
  row.version = 0
}

function currentMessage({ put, stored }: Row): Message | undefined {
  if (put) return put.value as Message
  return stored && (parsed(stored) as Message | undefined)
}

function parsed(stored: Stored): Kinds[Kind] | undefined {
  if (stored.json !== undefined) stored.value ??= JSON.parse(stored.json) as Kinds[Kind]
  return stored.value
}

// ---- reading what the batches speak of ---------------------------------------------------------------------------

type Rows = Map<Kind, Map<string, Row>>

async function load(tx: Session, batches: readonly Prepared[]): Promise<Rows> {
  const rows: Rows = new Map()
  for (const { library, unless, puts, drops } of batches) {
    for (const { kind, id } of [...unless, ...puts, ...drops]) expect(rows, library, kind, id)
  }
  for (const [kind, ofKind] of inOrder(rows)) {
    // The old value is needed for merging, and to take its side rows away.
    const old = kind === 'message' || tableOf(kind).many ? 'value' : 'null'
    const all = [...ofKind.values()]
    const take = (found: readonly Found[]): void => {
      for (const { library, id, version, at, json } of found) {
        const stored = { at, json: json ?? undefined }
        ofKind.set(keyOf(library, id), { library, id, version, stored, put: undefined })
      }
    }
    if (tx.shared) {
      const ids = all.toSorted(byKey).map(({ library, id }) => [library, id] as const)
      const columns = `r.library, r.id, r.version, r.stored_at as at, ${old === 'null' ? old : `r.${old}`} as json`
      take(await tx.shared.locked<Found>(tx, kind, columns, ids))
      continue
    }
    await inChunks(
      all,
      2,
      (tuples) =>
        `select library, id, version, stored_at as at, ${old} as json from ${kind} where (library, id) in (values ${tuples})`,
      (row, into) => into.push(row.library, row.id),
      async (sql, values) => take(await tx.all<Found>(sql, values)),
    )
  }
  return rows
}

/** Whoever locks rows does so in one order, or two wait for each other. */
function inOrder(rows: Rows): [Kind, Map<string, Row>][] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1))
}
function byKey(a: Row, b: Row): number {
  if (a.library !== b.library) return a.library < b.library ? -1 : 1
  return a.id < b.id ? -1 : 1
}

interface Found {
  readonly library: string
  readonly id: string
  readonly version: number
  readonly at: number
  readonly json: string | null
}

function expect(rows: Rows, library: string, kind: Kind, id: string): void {
  let ofKind = rows.get(kind)
  if (!ofKind) {
    ofKind = new Map()
    rows.set(kind, ofKind)
  }
  const key = keyOf(library, id)
  if (!ofKind.has(key)) ofKind.set(key, { library, id, version: 0, stored: undefined, put: undefined })
}

function rowAt(rows: Rows, library: string, kind: Kind, id: string): Row {
  return rows.get(kind)?.get(keyOf(library, id)) as Row
}

function keyOf(library: string, id: string): string {
  return `${library}\0${id}`
}

// ---- writing what they leave -------------------------------------------------------------------------------------

async function remove(tx: Session, kind: Kind, gone: readonly Row[]): Promise<void> {
  await inChunks(
    gone,
    2,
    (tuples) => `delete from ${kind} where (library, id) in (values ${tuples})`,
    (row, into) => into.push(row.library, row.id),
    async (sql, values) => void (await tx.run(sql, values)),
  )
  const { many } = tableOf(kind)
  if (many) await index(tx, many, gone)
}

async function store(tx: Session, kind: Kind, all: readonly Row[], rows: Rows, clock: () => Date): Promise<void> {
  const { columns, many } = tableOf(kind)
  const names = ['library', 'id', 'version', 'stored_at', ...columns, 'value']
  const values = (row: Row, into: Value[]): void => {
    const { columns, json } = row.put as Text
    into.push(row.library, row.id, row.version, storedAt(kind, row, rows, clock), ...columns, json)
  }
  const dirty = all.filter((row) => row.put)
  // Where others write at the same time, only what was there is locked.
  const ours = !tx.shared ? dirty : dirty.filter(({ stored, gone }) => stored || gone)
  // A column that is written has its indexes written anew, also where it stays what it was.
  const every = names.slice(2).join()
  const written = (row: Row) => (row.stored ? changed(kind, row, rows, clock).join() : every)
  for (const [update, some] of Map.groupBy(ours, written)) {
    const set = update.split(',').map((name) => `${name} = excluded.${name}`)
    await insert(tx, kind, names, some, `do update set ${set.join(', ')}`, values)
  }
  if (tx.shared) {
    const fresh = all.filter(({ stored, gone, put, absent }) => !stored && !gone && (put || absent))
    await come(tx, kind, names, fresh, values)
  }
  if (many && dirty.length > 0) await index(tx, many, dirty)
}

/** The columns of a row that are another now, as far as it is known what they were. */
function changed(kind: Kind, row: Row, rows: Rows, clock: () => Date): readonly string[] {
  const { columns, values } = tableOf(kind)
  const { stored, put } = row
  const old = stored && parsed(stored)
  const before: Value[] = []
  if (old) values(old as never, before)
  const others = columns.filter((_, i) => !old || before[i] !== put?.columns[i])
  return ['version', ...(stored?.at === storedAt(kind, row, rows, clock) ? [] : ['stored_at']), ...others, 'value']
}

/**
 * Rows that were not there, in one order, or two wait for each other; they keep the numbers of the order in which they were
 * put. Also those that must not come before this transaction ends: their entry in the index keeps all others waiting.
 */
async function come(
  tx: Session,
  kind: Kind,
  names: readonly string[],
  rows: readonly Row[],
  values: (row: Row, into: Value[]) => void,
): Promise<void> {
  if (rows.length === 0) return
  const sorted = rows.toSorted(byKey)
  const numbers = await numbered(tx, kind, rows, sorted)
  const none = tableOf(kind).columns.map(() => '')
  const inserted = await insert(tx, kind, numbers ? [...names, 'seq'] : names, sorted, 'do nothing', (row, into) => {
    if (row.put) values(row, into)
    else into.push(row.library, row.id, 0, 0, ...none, '')
    if (numbers) into.push(numbers.get(row) as number)
  })
  // Whoever has put one since it was looked for has been quicker.
  if (inserted < rows.length) throw new Overtaken(kind)
  await remove(
    tx,
    kind,
    rows.filter((row) => !row.put),
  )
}

async function numbered(
  tx: Session,
  kind: Kind,
  rows: readonly Row[],
  sorted: readonly Row[],
): Promise<ReadonlyMap<Row, number> | undefined> {
  if (!tx.shared || rows.every((row, i) => row === sorted[i])) return undefined
  const ascending = (await tx.shared.numbers(tx, kind, rows.length)).toSorted((a, b) => a - b)
  return new Map(rows.map((row, i) => [row, ascending[i] as number]))
}

async function insert(
  tx: Session,
  kind: Kind,
  columns: readonly string[],
  rows: readonly Row[],
  conflict: string,
  values: (row: Row, into: Value[]) => void,
): Promise<number> {
  let inserted = 0
  await inChunks(
    rows,
    columns.length,
    (tuples) => `insert into ${kind} (${columns.join(', ')}) values ${tuples} on conflict (library, id) ${conflict}`,
    values,
    async (sql, all) => {
      inserted += await tx.run(sql, all)
    },
  )
  return inserted
}

/**
 * A fact's time is `seen`, a decision's and a consent's `at`, a patron's its latest identity. A message came when it was
 * decided, and keeps that time; a row without a time of its own has that of the machine.
 */
function storedAt(kind: Kind, { library, put, stored }: Row, rows: Rows, clock: () => Date): number {
  const { at, value } = put as Text
  if (kind !== 'message') return at ?? stored?.at ?? clock().getTime()
  const decided = rows.get('decision')?.get(keyOf(library, (value as Message).decision))?.put?.at
  return stored?.at ?? decided ?? (at as number)
}

async function index(
  tx: Session,
  { table, columns, of }: NonNullable<Table<never>['many']>,
  rows: readonly Row[],
): Promise<void> {
  const gone: Value[][] = []
  const come: Value[][] = []
  for (const { library, id, stored, put, gone: dropped } of rows) {
    for (const old of [stored, dropped]) {
      const value = old && parsed(old)
      if (value) gone.push(...entries(library, id, of(value as never)))
    }
    if (put) come.push(...entries(library, id, put.many))
  }
  const width = columns.length + 1
  const names = ['library', ...columns].join(', ')
  const fill = (entry: readonly Value[], into: Value[]): void => void into.push(...entry)
  const send = async (sql: string, values: readonly Value[]): Promise<void> => void (await tx.run(sql, values))
  await inChunks(gone, width, (t) => `delete from ${table} where (${names}) in (values ${t})`, fill, send)
  await inChunks(come, width, (t) => `insert into ${table} (${names}) values ${t} on conflict do nothing`, fill, send)
}

function entries(library: string, id: string, keys: readonly Many[]): Value[][] {
  return keys.map((key) => [library, ...key, id])
}
