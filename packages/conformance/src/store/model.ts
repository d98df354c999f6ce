import assert from 'node:assert/strict'
import type { Batch, Job, Put } from '@prm/core/adapter'
import fc from 'fast-check'
import { type Check, collect, cursor, decision, doing, drain, job } from './place.ts'

/** What commit promises, in the plainest code there is. */
class Model {
  readonly rows = new Map<string, { version: number; put: Put }>()
  readonly jobs = new Map<string, Job>()

  commit(batches: readonly Batch[]): boolean[] {
    return batches.map(({ ifAbsent = [], put = [], delete: drop = [], cancel = [], jobs = [] }) => {
      if (ifAbsent.some(({ kind, id }) => this.rows.has(`${kind} ${id}`))) return false
      if (put.some((one) => one.ifVersion !== undefined && one.ifVersion !== this.version(one))) return false
      for (const one of put) this.rows.set(idOf(one), { version: this.version(one) + 1, put: one })
      for (const { kind, id } of drop) this.rows.delete(`${kind} ${id}`)
      for (const [key, { group }] of this.jobs) {
        if (cancel.some((one) => ('key' in one ? one.key === key : one.group === group))) this.jobs.delete(key)
      }
      for (const one of jobs) if (!this.jobs.has(one.key)) this.jobs.set(one.key, one)
      return true
    })
  }
  version(put: Put): number {
    return this.rows.get(idOf(put))?.version ?? 0
  }
}

function payloads({ jobs }: Model): Map<string, unknown> {
  return new Map([...jobs.values()].map(({ key, payload }) => [key, payload]))
}

function idOf({ kind, value }: Put): string {
  return `${kind} ${'id' in value ? value.id : value.key}`
}

const id = fc.constantFrom('a', 'b', 'c')
const version = fc.option(fc.nat(3), { nil: undefined })
const put: fc.Arbitrary<Put> = fc.oneof(
  fc.tuple(id, fc.nat(99), version).map(([key, n, v]) => cursor(key, n, v)),
  fc.tuple(id, fc.subarray(['x', 'y', 'z']), version).map(
    ([key, refs, v]): Put => ({
      kind: 'decision',
      value: decision(key, { about: refs.map((ref) => ({ source: 's', key: ref })) }),
      ...(v === undefined ? {} : { ifVersion: v }),
    }),
  ),
)
const row = fc.record({ kind: fc.constantFrom('cursor' as const, 'decision' as const), id })
const cancel = fc.oneof(fc.record({ key: id }), fc.record({ group: id }))
const batch: fc.Arbitrary<Batch> = fc
  .tuple(
    fc.array(row, { maxLength: 2 }),
    fc.array(put, { maxLength: 3 }),
    fc.array(fc.tuple(id, fc.nat(99), fc.option(id)), { maxLength: 3 }),
    fc.array(row, { maxLength: 1 }),
    fc.array(cancel, { maxLength: 1 }),
  )
  .map(([unless, puts, jobs, drops, cancels]) => ({
    unless,
    put: puts,
    drop: drops,
    cancel: cancels,
    jobs: jobs.map(([key, payload, group]) => job(key, { payload, ...(group === null ? {} : { group }) })),
  }))
/** Several callers a tick, tick after tick. */
const ticks = fc.array(fc.array(fc.array(batch, { maxLength: 3 }), { minLength: 1, maxLength: 4 }), { maxLength: 6 })

export function modelChecks(check: Check): void {
  check('store/model: whatever is committed, by however many, the store is what a plain model is', async (place) => {
    const store = place.open()
    let run = 0
    await fc.assert(
      fc.asyncProperty(ticks, async (all) => {
        const scope = store.scope(`library ${run++}`)
        const model = new Model()
        for (const tick of all) {
          const answers = await Promise.all(tick.map((batches) => scope.commit(batches)))
          assert.deepEqual(
            answers,
            tick.map((batches) => model.commit(batches)),
          )
        }
        for (const [key, { version: expected, put: last }] of model.rows) {
          const found = await scope.get(last.kind, key.slice(last.kind.length + 1))
          assert.deepEqual(found, { value: last.value, version: expected })
        }
        for (const ref of ['x', 'y', 'z']) {
          const about = [...model.rows.values()]
            .map(({ put: last }) => last.value)
            .filter((v) => 'about' in v && v.about)
          const keys = about
            .filter((v) => JSON.stringify(v).includes(`"key":"${ref}"`))
            .map((v) => ('key' in v ? v.key : ''))
          const found = await collect(scope.find('decision', { about: { source: 's', key: ref } }))
          assert.deepEqual(found.map(({ key }) => key).sort(), keys.sort())
        }
        for (const key of ['a', 'b', 'c']) {
          for (const kind of ['cursor', 'decision'] as const) {
            if (!model.rows.has(`${kind} ${key}`)) assert.equal(await scope.get(kind, key), undefined)
          }
        }
        const jobs = await collect(scope.jobs({ state: 'waiting' }))
        assert.deepEqual(new Map(jobs.map(({ key, payload }) => [key, payload])), payloads(model))
        // Each group still has its first, and no more.
        const ran = new Map<string, unknown>()
        const note = doing(({ job: { key, payload } }) => ran.set(key, payload))
        await drain(store, note, { libraries: [`library ${run - 1}`] })
        assert.deepEqual(ran, payloads(model))
      }),
      { numRuns: 150 },
    )
  })
}
