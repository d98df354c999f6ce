import assert from 'node:assert/strict'
import { PrmError } from '@prm/core'
import { migrations } from '@prm/store-sql'
import { afterEach, beforeEach, test } from 'vitest'
import {
  collect,
  cursor,
  decision,
  doing,
  done,
  drain,
  fact,
  job,
  puts,
  sleep,
  until,
} from '../../../conformance/src/store/place.ts'
import { postgres } from '../src/index.ts'
import { type Here, onServer, place } from './place.ts'

let here: Here
beforeEach(async () => {
  here = place()
  await here.made
})
afterEach(() => here.remove())

onServer('a database', { timeout: 30_000 }, () => {
  test('that a newer version has written is refused with what to do, and left as it is', async () => {
    const newer = migrations.length + 1
    await here.ask(`insert into prm.prm_migration (version, at) values (${newer}, 'now')`)
    const says = new RegExp(`version ${newer}.*up to ${migrations.length}.*update @prm`)
    for (const _ of [1, 2]) await assert.rejects(here.open().scope('main').types(), refused('config', says))
    await assert.rejects(
      drain(here.open(), async () => done, { once: false }),
      refused('config', says),
    )
  })

  test('whose queue a newer pg-boss has migrated is refused too', async () => {
    assert.deepEqual(await here.ask('select version from prm_boss.version'), [{ version: 46 }])
    await here.ask('update prm_boss.version set version = version + 1')
    await assert.rejects(here.open().scope('main').types(), refused('config', /pg-boss.*update @prm/))
  })

  test('that cannot be used says why, and no password', async () => {
    const wrong = [
      [here.url.replace(/[^/]*$/, 'nowhere'), 'config', /no such database/],
      [here.url.replace('prm@', 'nobody:hunter2@'), 'config', /user or password/],
      ['postgresql://prm:hunter2@127.0.0.1:1/x', 'unavailable', /no database listens/],
    ] as const
    for (const [url, code, says] of wrong) {
      const store = postgres({ url })
      const error = await store
        .scope('main')
        .types()
        .catch((error) => error)
      refused(code, says)(error)
      assert.doesNotMatch(
        `${error.stack} ${error.cause?.stack} ${JSON.stringify(error)}`,
        /hunter2|127\.0\.0\.1|nobody/,
      )
      await store.close()
    }
  })

  test('of another encoding than UTF8 is refused at once, with what to do', async () => {
    for (const encoding of ['LATIN1', 'SQL_ASCII']) {
      const name = `${encoding.toLowerCase()}_${process.pid}`
      await here.ask(`create database ${name} encoding '${encoding}' locale 'C' template template0`)
      const store = postgres({ url: here.url.replace(/[^/]*$/, name) })
      await assert.rejects(store.scope('main').types(), refused('config', new RegExp(`${encoding}.*UTF8`)))
      await store.close()
      await here.ask(`drop database ${name}`)
    }
  })

  test('is opened by two connections, and one is refused before it waits for itself', async () => {
    for (const connections of [1, 0, 2.5, Number.NaN])
      assert.throws(() => here.open({ connections }), refused('config', /2 at least/))
    assert.deepEqual(await here.empty().open({ connections: 2 }).scope('main').types(), [])
  })

  test('that could only be read for a moment is written to as soon as it may be', async () => {
    const store = here.open({ poll: '20ms' })
    const main = store.scope('main')
    await main.commit([{ jobs: [job('a')] }])
    const name = new URL(here.url).pathname.slice(1)
    const only = `alter database ${name} set default_transaction_read_only`
    await here.ask(`${only} = on`)
    // As after a switchover: new sessions come up on what may only be read.
    await here.ask(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`,
    )
    await assert.rejects(main.commit([{ jobs: [job('b')] }]), refused('unavailable', /may only be read/))
    assert.equal((await collect(main.jobs({ state: 'waiting' }))).length, 1)
    await here.ask(`begin; set transaction read write; ${only} = off; commit`)
    assert.deepEqual(await main.commit([{ jobs: [job('b')] }]), [true])
  })

  test('is shared by stores of other schemas, which see nothing of each other', async () => {
    const [one, two] = [here.open({ schema: 'one' }), here.open({ schema: 'two' })]
    await one.scope('main').commit([{ ...puts(cursor('c', 1)), jobs: [job('j')] }])
    assert.equal(await two.scope('main').get('cursor', 'c'), undefined)
    assert.deepEqual(await two.scope('main').backlog(['deliver']), { waiting: 0 })
    for (const schema of ['A', 'a-b', 'a;b', '', 'x'.repeat(60)])
      assert.throws(() => postgres({ url: here.url, schema }), refused('config', /schema/))
  })

  test('keeps no transaction open while a call to a provider runs', async () => {
    const store = here.open()
    const main = store.scope('main')
    await main.commit([{ jobs: Array.from({ length: 20 }, (_, i) => job(`j${i}`, { group: `g${i % 3}` })) }])
    const open = `select count(*)::int as count from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`
    const seen: unknown[] = []
    await drain(
      store,
      async ({ job: { key } }) => {
        if (key === 'j0') await until(async () => (await here.ask(open))[0]?.count === 0, 'all transactions end')
        seen.push(key)
        return done
      },
      { concurrency: 20 },
    )
    assert.equal(seen.length, 20)
  })

  test('of which nothing is known to the planner yet is not read whole by each claim and each question', async () => {
    const store = here.open()
    const main = store.scope('main')
    await main.types()
    const [queue] = await here.ask(`select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname = 'prm_boss' and tablename in (select table_name from prm_boss.queue where name = 'prm')`)
    for (const table of [queue?.name, 'prm.decision'])
      await here.ask(`alter table ${table} set (autovacuum_enabled = off)`)
    const many = Array.from({ length: 3_000 }, (_, i) => i)
    const asked = async () => {
      const about = many.slice(0, 64).map((i) => ({ source: 'prm', key: `d${i}` }))
      await Promise.all(about.map((one) => collect(main.find('decision', { about: one }))))
    }
    // Until the server keeps a plan, made for empty tables.
    for (let i = 0; i < 10; i++) await asked()
    const puts = many.map((i) => ({ kind: 'decision', value: decision(`d${i}`) }) as const)
    await main.commit([{ put: puts, jobs: many.map((i) => job(`j${i}`, { group: `g${i}` })) }])
    await asked()
    const stop = new AbortController()
    let ran = 0
    const run = async () => {
      if (++ran === 50) stop.abort()
      return done
    }
    await drain(store, run, { concurrency: 10, signal: stop.signal })
    await store.close()
    // A connection tells what it has read when it ends.
    const others = `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
      and backend_type = 'client backend'`
    await until(async () => (await here.ask(others)).length === 0, 'all connections end')
    const read = `select relname, (seq_tup_read + idx_tup_fetch)::int as rows from pg_stat_user_tables
      where relid in ('${queue?.name}'::regclass, 'prm.decision'::regclass)`
    for (const { relname, rows } of await here.ask(read)) assert.ok(Number(rows) < 3_000, `${rows} rows of ${relname}`)
  })

  test('in which somebody keeps a table locked is given up after the time-out, and serves when it is free', async () => {
    const store = here.open({ timeout: '300ms' })
    const main = store.scope('main')
    await main.commit([puts(cursor('a', 1))])
    const release = Promise.withResolvers<void>()
    const locking = here.hold('lock table prm.cursor in access exclusive mode', release.promise)
    await locking.held
    const error = await main.commit([puts(cursor('a', 2))]).catch((error) => error)
    refused('unavailable', /row locked|too long/)(error)
    const read = await main.get('cursor', 'a').catch((error) => error)
    refused('unavailable', /row locked|too long/)(read)
    release.resolve()
    await locking.ended
    assert.deepEqual(await main.commit([puts(cursor('a', 3))]), [true])
    assert.equal((await main.get('cursor', 'a'))?.version, 2)
  })

  test('that takes longer to migrate than a statement may take is migrated', async () => {
    await older(here)
    await here.ask(
      `create function slowly() returns event_trigger language plpgsql as 'begin perform pg_sleep(0.6); end'`,
    )
    await here.ask(
      `create event trigger slowly on ddl_command_start when tag in ('CREATE INDEX') execute function slowly()`,
    )
    const main = here.open({ timeout: '300ms' }).scope('main')
    assert.deepEqual(await main.types(), [])
    assert.deepEqual(await main.commit([puts(cursor('a', 1))]), [true])
    const [row] = await here.ask('select max(version) as version from prm.prm_migration')
    assert.equal(row?.version, migrations.length)
  })

  test('that cannot be migrated yet, since somebody reads a table for long, serves those who are there', async () => {
    const main = here.open({ timeout: '3s' }).scope('main')
    await main.types()
    await older(here)
    const release = Promise.withResolvers<void>()
    const dump = here.hold('lock table prm.message in access share mode', release.promise)
    await dump.held
    const opened = here.open().scope('main').types()
    await until(
      async () =>
        (await here.ask(`select 1 from pg_locks where mode = 'AccessExclusiveLock' and not granted`)).length > 0,
      'somebody would migrate',
    )
    const read = await Promise.allSettled([collect(main.find('message', {}))])
    await assert.rejects(opened, refused('unavailable', /kept a row locked/))
    release.resolve()
    await dump.ended
    assert.deepEqual(read, [{ status: 'fulfilled', value: [] }])
    assert.deepEqual(await here.open().scope('main').types(), [])
  })

  test('whose queue is being vacuumed is opened, and others write meanwhile', async () => {
    const main = here.open({ timeout: '2s' }).scope('main')
    await main.commit([puts(cursor('a', 1))])
    const release = Promise.withResolvers<void>()
    // As a vacuum does.
    const table = `prm_boss.${await queueTable(here)}`
    const locking = here.hold(`lock table ${table} in share update exclusive mode`, release.promise)
    await locking.held
    const opened = here.open({ timeout: '2s' }).scope('main').types()
    const written = sleep(300).then(() => main.commit([{ jobs: [job('x')] }]))
    const ends = await Promise.allSettled([opened, written])
    release.resolve()
    await locking.ended
    assert.deepEqual(ends, [
      { status: 'fulfilled', value: [] },
      { status: 'fulfilled', value: [true] },
    ])
  })

  test('whose columns are of another type now is asked by connections that have nothing prepared for the old', async () => {
    const main = here.open().scope('main')
    let version = 0
    // Each kind of question once, so that its statement is prepared.
    async function used(): Promise<void> {
      await main.commit([{ ...puts(cursor('a', 1)), jobs: [job('j')] }])
      await main.commit([{ cancel: [{ key: 'j' }] }])
      assert.equal((await main.get('cursor', 'a'))?.version, ++version)
    }
    await used()
    await here.ask('alter table prm.cursor alter column version type bigint')
    await here.ask('alter table prm_boss.job alter column retry_count type bigint')
    await used()
  })

  test('keeps of its transactions only the last, also where a process has died, or all tables are published', async () => {
    const store = here.open()
    await here.ask('create publication everything for all tables')
    const count = async (): Promise<unknown> =>
      (await here.ask('select count(*)::int as count from prm.prm_transaction'))[0]?.count
    await here.ask(`insert into prm.prm_transaction values ('died', '3', now() - interval '2 days')`)
    for (let i = 0; i < 250; i++) await store.scope('main').commit([puts(cursor(`${i}`, 0))])
    await store.scope('main').commit([{ jobs: [job('j')], delete: [{ kind: 'cursor', id: '7' }] }])
    await drain(
      store,
      doing(() => {}),
    )
    const kept = Number(await count())
    assert.ok(kept > 0 && kept < 210, `${kept} rows`)
    await here.open().scope('main').types()
    assert.deepEqual(await here.ask(`select 1 from prm.prm_transaction where store = 'died'`), [])
  })

  test('is vacuumed by a scrub: no statement can read what was dropped, and what is kept stays', async () => {
    const store = here.open()
    const main = store.scope('main')
    const keys = Array.from({ length: 300 }, (_, i) => `c${i}`)
    await main.commit([
      {
        put: keys.map((key) => ({ kind: 'interaction', value: fact(key), text: `word${key}` })),
        jobs: keys.map((key) => job(key)),
      },
    ])
    const gone = keys.slice(10)
    await main.commit([
      {
        delete: gone.map((key) => ({ kind: 'interaction', id: `koha ${key}` })),
        cancel: gone.map((key) => ({ key })),
      },
    ])
    await main.purge()
    // What vacuum has left counts as used by nobody: a second one finds nothing that is dead.
    for (const table of ['prm.interaction', `prm_boss.${await queueTable(here)}`]) {
      const [row] = await here.ask(
        `select n_dead_tup::int as dead from pg_stat_all_tables where relid = '${table}'::regclass`,
      )
      assert.equal(row?.dead, 0, table)
    }
    assert.equal((await collect(main.search('word'))).length, 10)
    assert.equal((await main.backlog(['deliver'])).waiting, 10)
  })

  test('whose tables are of another user is told that a scrub does nothing', async () => {
    const owner = here.open()
    await owner.scope('main').types()
    const app = `app_${process.pid}`
    const name = new URL(here.url).pathname.slice(1)
    await here.ask(`create role ${app} login`)
    await here.ask(`grant create on database ${name} to ${app}; grant usage, create on schema prm, prm_boss to ${app};
      grant select, insert, update, delete on all tables in schema prm, prm_boss to ${app}; grant all on all sequences in schema prm, prm_boss to ${app}`)
    const main = here.open({ url: here.url.replace('prm@', `${app}@`) }).scope('main')
    assert.deepEqual(await main.commit([puts(cursor('a', 1))]), [true])
    await assert.rejects(main.purge(), refused('config', /may not vacuum/))
    await owner.scope('main').purge()
    await here.ask(`alter database ${name} owner to ${app}`)
    await main.purge()
    await here.ask(`alter database ${name} owner to prm; drop owned by ${app}; drop role ${app}`)
  })

  test('takes a long text in whose script a character is many letters, and one caller fails no other by it', async () => {
    const main = here.open().scope('main')
    const syllable = (n: number): string => String.fromCodePoint(0xac01 + (n % 11_000))
    const word = (n: number): string => Array.from({ length: 100 }, (_, i) => syllable(n * 7_919 + i)).join('')
    const text = Array.from({ length: 1_480 }, (_, n) => word(n)).join(' ')
    const good = main.commit([puts(cursor('good', 1))])
    const long = main.commit([{ put: [{ kind: 'interaction', value: fact('f'), text }] }])
    assert.deepEqual(await Promise.all([good, long]), [[true], [true]])
    assert.equal((await collect(main.search(`${word(0)} ${word(400)}`))).length, 1)
  })

  test('takes what PostgreSQL has no spelling for, and one caller fails no other by it', async () => {
    const main = here.open().scope('main')
    const address = { scheme: 'tel', value: '+1\0 555' }
    const long = 'x'.repeat(20_000)
    const good = main.commit([puts(cursor('good', 1))])
    const nul = main.commit([
      {
        put: [
          {
            kind: 'interaction',
            value: fact('nul', { type: 'a\0b', who: address, data: { subjectKey: 'm\0' } }),
            text: 'one\0two',
          },
          {
            kind: 'consent',
            value: {
              id: 'c',
              address,
              purpose: '*',
              state: 'denied',
              basis: 'stop',
              at: '2026-11-24T10:00:00.000Z',
              by: 'x',
            },
          },
        ],
        jobs: [
          job('nul', { payload: '\0' }),
          job('far', { runAt: '+010000-01-01T00:00:00.000Z' }),
          job('old', { runAt: '-000001-01-01T00:00:00.000Z' }),
        ],
      },
    ])
    const tooLong = [
      puts(cursor(long, 1)),
      puts({ kind: 'interaction', value: fact('x', { data: { subjectKey: long } }) }),
      puts({ kind: 'decision', value: decision('x', { about: [{ source: 's', key: long }] }) }),
      { jobs: [job(long)] },
      { jobs: [job('x', { group: long })] },
    ]
    const refusals = await Promise.allSettled(tooLong.map((batch) => main.commit([batch])))
    assert.deepEqual(await Promise.all([good, nul]), [[true], [true]])
    for (const one of refusals) {
      assert.ok(one.status === 'rejected')
      refused('invalid', /longer than/)(one.reason)
    }
    assert.equal((await collect(main.find('interaction', { address }))).length, 1)
    assert.deepEqual((await main.get('interaction', 'koha nul'))?.value.who, address)
    assert.equal((await collect(main.search('two'))).length, 1)
    const ran: string[] = []
    await drain(
      here.open(),
      doing(({ job: { key } }) => ran.push(key)),
      { concurrency: 1 },
    )
    assert.deepEqual(ran, ['old', 'nul'])
  })
})

/** As the version before has left it. */
async function older({ ask }: Here): Promise<void> {
  await ask('drop table prm.conversation')
  for (const table of ['message', 'interaction']) await ask(`alter table prm.${table} drop column conversation`)
  await ask('delete from prm.prm_migration where version >= 5')
}

async function queueTable({ ask }: Here): Promise<string> {
  const [row] = await ask("select table_name from prm_boss.queue where name = 'prm'")
  return String(row?.table_name)
}

function refused(code: PrmError['code'], says: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(PrmError.is(error), String(error))
    assert.equal(error.code, code, error.message)
    assert.match(error.message, says)
    return true
  }
}
