import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { PrmError } from '@prm/core/adapter'
import { type Dialect, patiently, type Session } from '@prm/store-sql'
import { type Dialect as KyselyDialect, SqliteDialect } from 'kysely'

type Bound = Parameters<StatementSync['all']>

/** Kysely's own SQLite dialect over node:sqlite, with the statements kept prepared. */
export function kyselyDialect(database: DatabaseSync): KyselyDialect {
  const prepared = new Map<string, Prepared>()
  return new SqliteDialect({
    database: {
      close: () => database.close(),
      prepare(sql: string) {
        const known = prepared.get(sql)
        if (known) return known
        if (prepared.size >= most) prepared.clear()
        const made = prepare(database, sql)
        prepared.set(sql, made)
        return made
      },
    },
  })
}

const most = 500

interface Prepared {
  readonly reader: boolean
  all(values: readonly unknown[]): unknown[]
  run(values: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint }
  iterate(values: readonly unknown[]): IterableIterator<unknown>
}

function prepare(database: DatabaseSync, sql: string): Prepared {
  const statement = database.prepare(sql)
  return {
    reader: statement.columns().length > 0,
    all: (values) => statement.all(...(values as Bound)),
    run: (values) => statement.run(...(values as Bound)),
    // A statement of its own: two open iterators must not share one.
    iterate: (values) => database.prepare(sql).iterate(...(values as Bound)) as IterableIterator<unknown>,
  }
}

export const dialect: Dialect = {
  begin: () => 'begin immediate',
  sequence: 'integer primary key',
  clustered: 'without rowid',
  json: 'value',
  busy: (error) => codeOf(error) === busy,
  using: (index) => `indexed by ${index}`,
  search: {
    // The table's own rows are the text; the index is kept by triggers, as https://www.sqlite.org/fts5.html#external_content_tables
    // has it. No sizes are kept: nothing is ranked by them.
    schema: [
      `create virtual table interaction_words using fts5(
        text, content='interaction', content_rowid='seq', columnsize=0, tokenize='unicode61 remove_diacritics 2')`,
      `create trigger interaction_words_insert after insert on interaction when new.text is not null begin
        insert into interaction_words (rowid, text) values (new.seq, new.text);
      end`,
      `create trigger interaction_words_update after update on interaction when old.text is not new.text begin
        insert into interaction_words (interaction_words, rowid, text)
          select 'delete', old.seq, old.text where old.text is not null;
        insert into interaction_words (rowid, text) select new.seq, new.text where new.text is not null;
      end`,
      `create trigger interaction_words_delete after delete on interaction when old.text is not null begin
        insert into interaction_words (interaction_words, rowid, text) values ('delete', old.seq, old.text);
      end`,
    ],
    matches: 'seq in (select rowid from interaction_words where interaction_words match ?)',
    expression: (words) => words.map((word) => `"${word}"*`).join(' AND '),
  },
  snapshot: 'begin',
  purge: scrub,
}

/**
 * `secure_delete` does not do it alone: where rows moved to another page, copies of them stay in the free room of the old one,
 * and the search index keeps dropped words as separators of its leaves. Both are written anew, then the journal is emptied.
 */
async function scrub(session: Session): Promise<void> {
  await patiently(dialect, () =>
    session.run("insert into interaction_words (interaction_words) values ('rebuild')", []),
  )
  await patiently(dialect, () => session.run('vacuum', []))
  const end = performance.now() + 30_000
  for (;;) {
    const [row] = await session.all<{ busy: number }>('pragma wal_checkpoint(truncate)', [])
    if (row?.busy !== 1) return
    if (performance.now() > end)
      throw new PrmError(
        'unavailable',
        'Somebody reads the store for more than 30 s: what was deleted is still in its journal. Scrub again.',
      )
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

// https://www.sqlite.org/rescode.html
export const busy = 5

/** SQLite's primary result code; the bits above it say more than is needed. */
export function codeOf(error: unknown): number {
  return ((error as { errcode?: number } | null)?.errcode ?? 0) & 0xff
}
