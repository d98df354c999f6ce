import { PrmError } from '@prm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { threshold } from '../src/cells.ts'
import { hide } from '../src/index.ts'

/** What stands in the table for anybody to read. */
function published(counts: readonly number[], k: number): string {
  const { cells, total } = hide(counts, k)
  const sum = counts.reduce((a, b) => a + b, 0)
  return JSON.stringify([counts.map((count, at) => (cells[at] ? null : count)), total ? null : sum])
}

/** Every table of so many cells, up to a count. */
function* tables(cells: number, most: number): Generator<number[]> {
  if (cells === 0) return yield []
  for (const rest of tables(cells - 1, most)) for (let count = 0; count <= most; count++) yield [count, ...rest]
}

test.each([
  [3, 3, 9],
  [4, 3, 7],
  [3, 5, 13],
])(
  'of %i cells with k = %i, no count of a few people follows from the rest, also for who knows the rule',
  (size, k, most) => {
    const byWhatIsSeen = Map.groupBy(tables(size, most), (counts) => published(counts, k))
    let hiddenTables = 0
    for (const [, possible] of byWhatIsSeen) {
      const [first = []] = possible
      const { cells } = hide(first, k)
      const edge = possible.some((counts) => counts.some((count) => count >= most - 1))
      for (const [at, hidden] of cells.entries()) {
        const values = new Set(possible.map((counts) => counts[at] ?? 0))
        if (!hidden) expect(values.size).toBe(1)
        else if (!edge && [...values].some((value) => value > 0)) {
          hiddenTables++
          expect(values.size, JSON.stringify(possible)).toBeGreaterThan(1)
        }
      }
    }
    expect(hiddenTables).toBeGreaterThan(20)
  },
)

test('nothing that is shown is one to k − 1, and what is hidden is nobody or enough', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { maxLength: 40 }), fc.constantFrom(3, 5, 10), (counts, k) => {
      const { cells, total } = hide(counts, k)
      const hidden = counts.filter((_, at) => cells[at])
      const sum = hidden.reduce((a, b) => a + b, 0)
      for (const [at, count] of counts.entries()) if (!cells[at] && count > 0) expect(count).toBeGreaterThanOrEqual(k)
      if (sum > 0 && !total) expect(sum).toBeGreaterThanOrEqual(k)
      if (sum > 0 && !total) expect(hidden.length).toBeGreaterThan(1)
    }),
  )
})

test('a threshold of two would tell who is hidden', () => {
  expect(() => threshold(2)).toThrow(PrmError)
  expect(() => threshold(2.5)).toThrow('k: a whole number from 3 on')
  expect([threshold(), threshold(1), threshold(3)]).toEqual([5, 1, 3])
})
