import assert from 'node:assert/strict'
import type { Job } from '@prm/core/adapter'
import fc from 'fast-check'
import { type Check, done, drain, job, later } from './place.ts'

/** Whatever becomes of jobs, in the plainest code there is. */
export function workModelChecks(check: Check): void {
  check('store/work-model: whatever becomes of jobs, the order of work is that of the plain model', async (place) => {
    const store = place.open()
    let run = 0
    await fc.assert(
      fc.asyncProperty(scripts, async ({ jobs, script }) => {
        const library = `library ${run++}`
        for (const some of jobs) await store.scope(library).commit([{ jobs: some }])
        const model = modelOf(jobs.flat())
        let step = 0
        await drain(
          store,
          async ({ job: { key }, attempt }) => {
            const next = script[step++]
            const expected = model.next()
            assert.deepEqual([key, attempt], [expected?.key, expected?.attempt])
            const retryAt = later(next?.ms ?? 0)
            if (next?.what === 'release') {
              model.move(key, retryAt, 0)
              return { outcome: { release: true, runAt: retryAt } }
            }
            if (next?.what === 'retry') {
              model.move(key, retryAt, 1)
              return { outcome: { retryAt, error: 1 } }
            }
            model.done(key)
            if (next?.what === 'dead') return { outcome: { dead: true, error: 1 } }
            if (next?.what !== 'more') return done
            const more = job(`new ${step}`, { runAt: retryAt, ...(next.group === null ? {} : { group: next.group }) })
            model.add(more)
            return { ...done, batches: [{ jobs: [more] }] }
          },
          { libraries: [library], concurrency: 1 },
        )
        assert.equal(model.next(), undefined)
        assert.equal((await store.scope(library).backlog(['deliver'])).waiting, 0)
      }),
      { numRuns: 60 },
    )
  })
}

const group = fc.option(fc.constantFrom('g', 'h'))
const ms = fc.integer({ min: -3, max: 3 })
const scripts = fc.record({
  jobs: fc.array(
    fc.array(
      fc
        .tuple(fc.nat(12), ms, group)
        .map(([n, time, g]) => job(`j${n}`, { runAt: later(time), ...(g === null ? {} : { group: g }) })),
      { maxLength: 5 },
    ),
    { maxLength: 4 },
  ),
  script: fc.array(fc.record({ what: fc.constantFrom('done', 'dead', 'release', 'retry', 'more'), ms, group }), {
    maxLength: 20,
  }),
})

/** One worker with one slot: the oldest of what waits. */
function modelOf(jobs: readonly Job[]) {
  let seq = 0
  const waiting = new Map<string, { key: string; runAt: string; seq: number; attempt: number }>()
  const model = {
    add({ key, runAt }: Job) {
      if (!waiting.has(key)) waiting.set(key, { key, runAt, seq: seq++, attempt: 1 })
    },
    next: () => [...waiting.values()].sort((a, b) => a.runAt.localeCompare(b.runAt) || a.seq - b.seq)[0],
    done: (key: string) => void waiting.delete(key),
    move(key: string, runAt: string, counts: number) {
      const one = waiting.get(key)
      if (one) Object.assign(one, { runAt, attempt: one.attempt + counts })
    },
  }
  for (const one of jobs) model.add(one)
  return model
}
