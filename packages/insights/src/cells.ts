import { PrmError } from '@prm/core'

/** How many stand behind a cell, or `null`: fewer than the threshold, or told by subtraction otherwise. Nobody is 0. */
export type Cell = number | null

export interface Hidden {
  /** Which cells are hidden, in the order of the counts. */
  readonly cells: readonly boolean[]
  /** The total too: no more cells could be hidden beside those that must be. */
  readonly total: boolean
}

/**
 * Which cells of a table may not be shown beside its total, when none may tell of fewer than `k` people: those from 1 to k − 1,
 * and with them the smallest others, equal ones together, until what is hidden could be otherwise, also for who knows this rule.
 */
export function hide(people: readonly number[], k: number): Hidden {
  if (k === 1) return { cells: people.map(() => false), total: false }
  let [sum, size, most] = [0, 0, 0]
  const open = () => size === 0 || (sum >= k && (most >= k || (sum > size && sum < size * (k - 1))))
  for (const count of [...new Set(people)].filter((one) => one > 0).sort((a, b) => a - b)) {
    if (count >= k && open()) break
    const alike = people.filter((one) => one === count).length
    sum += alike * count
    size += alike
    most = count
  }
  return { cells: people.map((count) => count > 0 && count <= most), total: !open() }
}

/** The threshold: 1 hides nothing; 2 would tell a hidden cell to be one person. Throws `config`. */
export function threshold(k = 5): number {
  if (Number.isInteger(k) && (k === 1 || k >= 3)) return k
  throw new PrmError('config', 'k: a whole number from 3 on is expected, or 1 to hide nothing.', { field: 'k' })
}
