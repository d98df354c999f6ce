import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Context, FeedPage, Interaction, Notice, PatronUpdate } from '@prm/core'
import type { BadRow, ContactRow, FileNews, NoticeFilesConfig, NoticeRow, ResultRow, Row } from '../src/index.ts'
import { noticeFiles } from '../src/index.ts'

const roots: string[] = []
// Not `afterAll`: the conformance report makes folders too, without a runner.
process.once('exit', () => {
  for (const root of roots) rmSync(root, { recursive: true, force: true })
})

/** A folder with these files, whole for an hour unless `age` says otherwise (in seconds). */
export function folder(files: { readonly [name: string]: string | Uint8Array }, age = 3600): string {
  const root = mkdtempSync(join(tmpdir(), 'notice-files-'))
  roots.push(root)
  for (const [name, content] of Object.entries(files)) put(join(root, name), content, age)
  return root
}

export function put(path: string, content: string | Uint8Array, age = 3600): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  const then = Date.now() / 1000 - age
  utimesSync(path, then, then)
  return path
}

export interface Log {
  readonly level: string
  readonly message: string
  readonly data?: unknown
}

export interface Looked {
  readonly rows: readonly Row[]
  readonly notices: readonly NoticeRow[]
  readonly contacts: readonly ContactRow[]
  readonly results: readonly ResultRow[]
  readonly bad: readonly BadRow[]
  readonly news: readonly FileNews[]
  readonly batches: readonly FeedPage[]
  readonly facts: readonly Interaction<string, Notice>[]
  readonly people: readonly PatronUpdate[]
  readonly logs: readonly Log[]
}

export function context(logs: Log[] = [], signal: AbortSignal = new AbortController().signal): Context {
  return {
    id: 'notices',
    library: 'demo',
    signal,
    now: () => new Date('2026-11-24T15:00:00Z'),
    log: (level, message, data) => logs.push({ level, message, data }),
  }
}

/** The folder and its own folders: a folder is read one level deep, so each is named. */
export function deep(root: string): string[] {
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return folders.length === 0
    ? [root]
    : [...readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isFile()), ...folders].map(({ name }) =>
        join(root, name),
      )
}

/** One whole look, committed batch by batch. */
export async function look(config: Omit<NoticeFilesConfig, 'region'> & { region?: string }): Promise<Looked> {
  const rows: Row[] = []
  const news: FileNews[] = []
  const batches: FeedPage[] = []
  const logs: Log[] = []
  const files = noticeFiles({
    region: 'US',
    ...config,
    onRow: (row) => rows.push(row),
    onFile: (word) => news.push(word),
  })
  for await (const batch of files.feed.pull(undefined, context(logs))) batches.push(batch)
  const of = <K extends Row['is']>(is: K) => rows.filter((row): row is Extract<Row, { is: K }> => row.is === is)
  return {
    rows,
    notices: of('notice'),
    contacts: of('contact'),
    results: of('result'),
    bad: of('bad'),
    news,
    batches,
    facts: batches.flatMap(({ interactions }) => interactions as Interaction<string, Notice>[]),
    people: batches.flatMap(({ people = [] }) => people),
    logs,
  }
}

/** The row of the only notice file that holds these lines. */
export async function one(
  name: string,
  text: string | Uint8Array,
  config: Partial<NoticeFilesConfig> = {},
): Promise<Looked> {
  return look({ path: dirname(join(folder({ [name]: text }), name)), ...config })
}

/** How a key names a card beside an item: as one hash. */
export function both(...ids: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(ids)).digest('base64url').slice(0, 22)
}
