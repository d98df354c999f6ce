import type { Instant } from '@prm/core'
import type { Filter, Filtered, Row } from './types.ts'

/** Keeps a row that fits all filters, and counts for each what it left. */
export interface Sieve {
  keeps(row: Row): boolean
  counts(): readonly Filtered[]
}

const someIds = 5

export function sieve(filters: readonly Filter[], now: Instant): Sieve {
  const counts = filters.map((filter) => ({ filter, kept: 0, left: 0, samples: [] as string[] }))
  const today = now.slice(0, 10)
  return {
    keeps(row) {
      for (const count of counts) {
        if (fits(count.filter, row, today)) {
          count.kept++
          continue
        }
        count.left++
        if (count.samples.length < someIds) count.samples.push(row.id)
        return false
      }
      return true
    },
    counts: () => counts,
  }
}

function fits(filter: Filter, { fields }: Row, today: string): boolean {
  if ('age' in filter) {
    const age = ageOn(fields.birthdate ?? '', today)
    return age !== undefined && age >= (filter.age.from ?? 0) && age <= (filter.age.to ?? Number.POSITIVE_INFINITY)
  }
  const value = (fields[filter.field] ?? '').toLowerCase()
  const same = (one: string) => one.trim().toLowerCase() === value
  if ('in' in filter) return filter.in.some(same)
  if ('notIn' in filter) return !filter.notIn.some(same)
  if ('has' in filter) return value.split(/[;|]/).some((one) => one.trim() === filter.has.trim().toLowerCase())
  return value !== '' && value >= (filter.from ?? '') && value <= (filter.until ?? '9999')
}

/** Whole years. */
function ageOn(birth: string, today: string): number | undefined {
  if (birth === '') return undefined
  return Number(today.slice(0, 4)) - Number(birth.slice(0, 4)) - (today.slice(5) < birth.slice(5) ? 1 : 0)
}
