import { PrmError } from '@prm/core/adapter'
import { type Db, type Dialect, type Session, transaction } from './session.ts'

// Times are whole milliseconds since 1970: they sort right whatever the spelling, and take a quarter of the text's room.
// `value` is the row as JSON; the columns beside it are what is asked for. `seq` is the order of insertion.

/** One step forward. A published step never changes: a new one is added. */
export type Migration = (dialect: Dialect) => readonly string[]

export const migrations: readonly Migration[] = [
  ({ sequence, clustered }) => [
    ...table('patron', sequence),
    // The index of patron.identities. No realm is '', so that it can be a key.
    `create table identity (
      library text not null, address text not null, realm text not null, patron text not null,
      primary key (library, address, realm, patron)) ${clustered}`,

    ...table('consent', sequence, 'address text not null, realm text'),
    'create index consent_address on consent (library, address, stored_at)',

    ...table('interaction', sequence, 'type text not null, patron text, about text, subject_key text'),
    'create index interaction_type on interaction (library, type, stored_at)',
    'create index interaction_patron on interaction (library, patron, stored_at) where patron is not null',
    'create index interaction_about on interaction (library, about, stored_at) where about is not null',
    'create index interaction_subject on interaction (library, subject_key, stored_at) where subject_key is not null',

    ...table('decision', sequence, 'patron text'),
    'create index decision_time on decision (library, stored_at)',
    'create index decision_patron on decision (library, patron, stored_at) where patron is not null',
    // What a decision is about, and the sends it decides beside its own key.
    `create table decision_ref (
      library text not null, ref text not null, decision text not null,
      primary key (library, ref, decision)) ${clustered}`,

    ...table('message', sequence, 'state text not null, address text not null, realm text, provider text, patron text'),
    'create index message_time on message (library, stored_at)',
    'create index message_state on message (library, state, stored_at)',
    'create index message_address on message (library, address, stored_at)',
    'create index message_provider on message (library, provider, stored_at) where provider is not null',
    'create index message_patron on message (library, patron, stored_at) where patron is not null',

    ...table('digest', sequence),
    ...table('cursor', sequence),
    ...table('shared', sequence),

    // `head`: 1 for the first of its group and name that is not dead, and for every job without a group. Only heads are
    // looked through for work, so that a long group costs nothing.
    `create table job (
      seq ${sequence}, library text not null, key text not null, name text not null, grp text, run_at bigint not null,
      head integer not null, dead integer not null default 0, leased_until bigint, token text,
      attempt integer not null default 0, payload text not null, error text)`,
    'create unique index job_key on job (library, key)',
    'create index job_open on job (library, name, head, run_at) where dead = 0',
    'create index job_group on job (library, grp, name, run_at) where grp is not null and dead = 0',
    'create index job_leased on job (library, grp, leased_until) where leased_until is not null',
    'create index job_dead on job (library, name, run_at) where dead = 1',
  ],
  ({ sequence, clustered, json, search }) => [
    'alter table interaction add column address text',
    'alter table interaction add column realm text',
    'alter table interaction add column text text',
    ...search.schema,
    `update interaction set address = ${json} -> 'who' ->> 'scheme' || ':' || (${json} -> 'who' ->> 'value'),
      realm = ${json} -> 'who' ->> 'realm'`,
    'create index interaction_address on interaction (library, address, stored_at) where address is not null',

    'create index digest_time on digest (library, stored_at)',

    ...table('run', sequence, 'patron text, address text, realm text'),
    'create index run_time on run (library, stored_at)',
    'create index run_patron on run (library, patron, stored_at) where patron is not null',
    'create index run_address on run (library, address, stored_at) where address is not null',
    `create table run_wait (
      library text not null, wait text not null, run text not null,
      primary key (library, wait, run)) ${clustered}`,

    ...table('outcome', sequence),
    'create index outcome_time on outcome (library, stored_at)',

    ...table('audit', sequence, 'patron text'),
    'create index audit_time on audit (library, stored_at)',
    'create index audit_patron on audit (library, patron, stored_at) where patron is not null',

    // A library that is being imported, or whose import was cut off; `until`: another may not begin before.
    'create table prm_import (library text primary key, token text not null, until bigint not null)',

    // A whole group is cancelled, its dead jobs too.
    'create index job_dead_group on job (library, grp) where grp is not null and dead = 1',
  ],
  ({ sequence }) => table('sender', sequence),
  ({ sequence }) => table('claim', sequence),
  ({ sequence }) => [
    ...table('conversation', sequence, 'state text not null, address text, realm text, patron text'),
    'create index conversation_state on conversation (library, state, stored_at)',
    'create index conversation_address on conversation (library, address, stored_at) where address is not null',
    'create index conversation_patron on conversation (library, patron, stored_at) where patron is not null',
    ...['interaction', 'message'].flatMap((name) => [
      `alter table ${name} add column conversation text`,
      `create index ${name}_conversation on ${name} (library, conversation, stored_at) where conversation is not null`,
    ]),
  ],
]

function table(name: string, sequence: string, columns?: string): readonly string[] {
  const more = columns === undefined ? '' : `${columns}, `
  return [
    `create table ${name} (
      seq ${sequence}, library text not null, id text not null, version integer not null, stored_at bigint not null,
      ${more}value text not null)`,
    `create unique index ${name}_id on ${name} (library, id)`,
  ]
}

/**
 * Brings the database to the newest version: all steps it lacks in one transaction, so that of two processes that start at
 * once the second finds nothing to do. Throws `config` when the database is newer than this package.
 */
export async function migrate(db: Db, dialect: Dialect, steps: readonly Migration[] = migrations): Promise<void> {
  await transaction(db, dialect, async (tx) => {
    await tx.run('create table if not exists prm_migration (version integer primary key, at text not null)', [])
    const version = await versionOf(tx)
    if (version > steps.length) throw tooNew(version, steps.length)
    for (let next = version; next < steps.length; next++) {
      for (const statement of (steps[next] as Migration)(dialect)) await tx.run(statement, [])
      await tx.run('insert into prm_migration (version, at) values (?, ?)', [next + 1, new Date().toISOString()])
    }
  })
}

async function versionOf(tx: Session): Promise<number> {
  const [row] = await tx.all<{ version: number | null }>('select max(version) as version from prm_migration', [])
  return row?.version ?? 0
}

export function tooNew(version: number, known: number = migrations.length): PrmError {
  return new PrmError(
    'config',
    `The store has schema version ${version}, and this @prm/store-sql knows versions up to ${known}: update @prm, or open the store with the version that wrote it.`,
  )
}
