import { type Batch, type Kind, type Kinds, type Message, PrmError } from '@prm/core'
import { type Cancelled, cancel } from './jobs.ts'
import { checked, type Many, millis, rowId, type Table, tableOf } from './kinds.ts'
import { merged } from './message.ts'
import { type PromisedJob, prepareJob, promise } from './promise.ts'
import { inChunks, type Session, type Value } from './session.ts'

/** A batch as its caller gave it, checked and turned to text before it meets those of others. */
export interface Prepared {
  readonly library: string
  readonly unless?: { readonly kind: Kind; readonly id: string }
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
export function prepare(library: string, { unless, put = [], drop = [], cancel = [], jobs = [] }: Batch): Prepared {
  return {
    library,
    ...(unless ? { unless: named(unless) } : {}),
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
    if (column === null || typeof column === 'string') continue
    throw new PrmError('invalid', `The ${table.columns[i]} of a ${kind} must be text.`, {
      field: table.columns[i] as string,
    })
  }
  const many = table.many?.of(value as never) ?? []
  if (many.flat().some((key) => typeof key !== 'string'))
    throw new PrmError('invalid', `What a ${kind} is found by must be text.`)
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
}
interface Stored {
  readonly at: number
  readonly json: string | undefined
}

/**
 * Decides the batches in order, each seeing those before it, and writes what the accepted ones leave: a statement or two a
 * kind, however many batches there are. Answers which were written, and whether any job was promised.
 */
export async function write(
  tx: Session,
  batches: readonly Prepared[],
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
      await promise(tx, jobs)
      jobs = []
      await cancel(tx, batch.library, batch.cancels)
    }
    jobs.push(...batch.jobs)
    promised ||= batch.jobs.length > 0
  }
  for (const [kind, ofKind] of rows) {
    const all = [...ofKind.values()]
    await remove(
      tx,
      kind,
      all.filter((row) => row.gone),
    )
    await store(
      tx,
      kind,
      all.filter((row) => row.put),
      rows,
      clock,
    )
  }
  await promise(tx, jobs)
  return { written, promised }
}

function accepted({ library, unless, puts }: Prepared, rows: Rows): boolean {
  if (unless && rowAt(rows, library, unless.kind, unless.id).version > 0) return false
  return puts.every(
    (put) => put.ifVersion === undefined || put.ifVersion === rowAt(rows, library, put.kind, put.id).version,
  )
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
  return stored?.json === undefined ? undefined : JSON.parse(stored.json)
}

// ---- reading what the batches speak of ---------------------------------------------------------------------------

type Rows = Map<Kind, Map<string, Row>>

async function load(tx: Session, batches: readonly Prepared[]): Promise<Rows> {
  const rows: Rows = new Map()
  for (const { library, unless, puts, drops } of batches) {
    if (unless) expect(rows, library, unless.kind, unless.id)
    for (const { kind, id } of [...puts, ...drops]) expect(rows, library, kind, id)
  }
  for (const [kind, ofKind] of rows) {
    // The old value is needed for merging, and to take its side rows away.
    const old = kind === 'message' || tableOf(kind).many ? 'value' : 'null'
    await inChunks(
      [...ofKind.values()],
      2,
      (tuples) =>
        `select library, id, version, stored_at as at, ${old} as json from ${kind} where (library, id) in (values ${tuples})`,
      (row, into) => into.push(row.library, row.id),
      async (sql, values) => {
        for (const found of await tx.all<Found>(sql, values)) {
          const { library, id, version, at, json } = found
          ofKind.set(keyOf(library, id), {
            library,
            id,
            version,
            stored: { at, json: json ?? undefined },
            put: undefined,
          })
        }
      },
    )
  }
  return rows
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

async function store(tx: Session, kind: Kind, dirty: readonly Row[], rows: Rows, clock: () => Date): Promise<void> {
  if (dirty.length === 0) return
  const table = tableOf(kind)
  const columns = ['library', 'id', 'version', 'stored_at', ...table.columns, 'value']
  const updates = columns.slice(2).map((column) => `${column} = excluded.${column}`)
  await inChunks(
    dirty,
    columns.length,
    (tuples) =>
      `insert into ${kind} (${columns.join(', ')}) values ${tuples} on conflict (library, id) do update set ${updates.join(', ')}`,
    (row, into) => {
      const { columns, json } = row.put as Text
      into.push(row.library, row.id, row.version, storedAt(kind, row, rows, clock), ...columns, json)
    },
    async (sql, values) => void (await tx.run(sql, values)),
  )
  if (table.many) await index(tx, table.many, dirty)
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
      if (old?.json !== undefined) gone.push(...entries(library, id, of(JSON.parse(old.json) as never)))
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
