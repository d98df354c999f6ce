import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { type Batch, PrmError, type Put } from '@prm/core'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { collect, drain, fact, job, later } from '../../../conformance/src/store/place.ts'
import { place } from './place.ts'

let here: ReturnType<typeof place>
beforeEach(() => {
  here = place()
})
afterEach(() => here.remove())

/** Of one seed: by chance two words may begin so much alike that the index leaves out what is looked for. */
let state = 7
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
  return Math.floor((state / 4_294_967_296) * below)
}
/** A word that is nowhere else, and of which no part is shared with another. */
const word = (): string => Array.from({ length: 14 }, () => 'abcdefghijklmnopqrstuvwxyz'[random(26)]).join('')

/** Those of the words that are anywhere in the bytes of the files; an index may leave out a beginning shared by neighbours. */
function readable(words: Iterable<string>): string[] {
  const parts = new Set<string>()
  for (const end of ['', '-wal', '-shm']) {
    if (!existsSync(here.file + end)) continue
    const bytes = readFileSync(here.file + end, 'latin1')
    for (let at = 0; at + 9 <= bytes.length; at++) parts.add(bytes.slice(at, at + 9))
  }
  return [...words].filter((one) => parts.has(one.slice(-9)))
}

describe('after a scrub', { timeout: 240_000 }, () => {
  test('nothing that was dropped, overwritten, cancelled or settled is in the bytes of the files', async () => {
    const store = here.open()
    const second = here.open() // open, as another process would be
    await second.scope('main').types()
    const main = store.scope('main')
    const gone = new Set<string>()
    const kept = new Map<string, readonly string[]>()
    const said = (key: string): Put => {
      const [address, matter, type, text, value] = [word(), word(), word(), word(), word()]
      for (const old of kept.get(key) ?? []) gone.add(old)
      kept.set(key, [address, matter, type, text, value])
      const long = 'x'.repeat(random(random(20) === 0 ? 9_000 : 400))
      return {
        kind: 'interaction',
        value: fact(key, { type, who: { scheme: 'tel', value: address }, data: { subjectKey: matter, value, long } }),
        text: `common ${text} words`,
      }
    }
    let next = 0
    for (let round = 0; round < 60; round++) {
      const put = Array.from({ length: 40 }, () => said(`k${next++}`))
      const old = [...kept.keys()]
      for (let i = 0; i < 20; i++) put.push(said(old[random(old.length)] as string))
      const dropped = new Set(Array.from({ length: 20 }, () => old[random(old.length)] as string))
      const batch: Batch = { put, delete: [...dropped].map((key) => ({ kind: 'interaction', id: `koha ${key}` })) }
      await main.commit([batch])
      for (const key of dropped) {
        for (const one of kept.get(key) ?? []) gone.add(one)
        kept.delete(key)
      }
    }
    const [payload, failure, group, key] = [word(), word(), word(), word()]
    await main.commit([{ jobs: [job(key, { payload, group }), job('done', { payload: key })] }])
    await drain(store, async (lease) =>
      lease.job.key === 'done' ? { outcome: { done: true } } : { outcome: { dead: true, error: failure } },
    )
    await main.commit([{ cancel: [{ group }] }])
    for (const one of [payload, failure, group, key]) gone.add(one)

    const living = [...kept.values()].flat()
    assert.equal(readable(living).length, living.length)
    assert.ok(readable(gone).length > 0, 'the test finds nothing before either')
    await main.purge()
    assert.deepEqual(readable(gone), [])
    assert.equal(readable(living).length, living.length)
    const [, , , text] = [...kept.values()][0] as readonly string[]
    assert.equal((await collect(main.search(text as string))).length, 1)
    // The separators of the index's leaves are shortened words: none may be of a word that is gone.
    const database = new DatabaseSync(here.file, { readOnly: true })
    const terms = database
      .prepare('select term from interaction_words_idx')
      .all()
      .map(({ term }) =>
        Buffer.from(term as Uint8Array)
          .toString()
          .slice(1),
      )
    database.close()
    const texts = [...kept.values()].map((words) => words[3] as string)
    assert.deepEqual(
      terms.filter((term) => !['common', 'words', ...texts].some((one) => one.startsWith(term))),
      [],
    )
  })

  test('which waits for a reader of another connection', async () => {
    const main = here.open().scope('main')
    const secret = word()
    await main.commit([{ put: [{ kind: 'cursor', value: { id: 'a', value: secret } }] }])
    const reader = new DatabaseSync(here.file)
    reader.exec('begin')
    reader.prepare('select count(*) from cursor').get()
    await main.commit([{ delete: [{ kind: 'cursor', id: 'a' }] }])
    let over = false
    const scrubbed = main.purge().then(() => {
      over = true
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    assert.equal(over, false)
    await main.commit([{ put: [{ kind: 'cursor', value: { id: 'b', value: later(1) } }] }]) // others go on
    reader.exec('commit')
    await scrubbed
    assert.deepEqual(readable([secret]), [])
    reader.close()
  })

  test('which says so where another writes for too long, and leaves the store as it was', async () => {
    const main = here.open().scope('main')
    await main.commit([{ put: [{ kind: 'cursor', value: { id: 'a', value: 1 } }] }])
    const writer = new DatabaseSync(here.file)
    writer.exec('begin immediate')
    await assert.rejects(main.purge(), (error) => PrmError.is(error) && error.code === 'unavailable')
    writer.exec('rollback')
    writer.close()
    assert.equal((await main.get('cursor', 'a'))?.version, 1)
    await main.purge()
  })
})

test('without a scrub, the room of a row that goes is overwritten at the next checkpoint', async () => {
  const main = here.open().scope('main')
  const [secret, kept] = [word(), word()]
  await main.commit([
    {
      put: [
        { kind: 'cursor', value: { id: 'a', value: secret } },
        { kind: 'cursor', value: { id: 'b', value: kept } },
      ],
    },
  ])
  await main.commit([{ delete: [{ kind: 'cursor', id: 'a' }] }])
  const database = new DatabaseSync(here.file)
  database.exec('pragma wal_checkpoint(truncate)')
  database.close()
  assert.deepEqual(readable([secret, kept]), [kept])
})
