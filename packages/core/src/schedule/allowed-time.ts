// In: a purpose, a patron and a time. Out: the first time that quiet hours, opening hours and caps allow. Pure.
import type { Medium, Own, Shared } from '../contract/index.ts'
import { milliseconds, nextOpen, nextOpening } from '../time/index.ts'
import { capsOf, nextFree } from './frequency-cap.ts'
import { branchOf, quietHours, type Whereabouts } from './place.ts'

/** The rules about windows of time. */
export type Mover = 'quiet' | 'hours' | 'cap'

/**
 * The first moment from `start` on that quiet hours, opening hours and caps leave, and which of them moved it how far; `NaN`
 * where they leave none within a year. `of` is the patron it is about, `here` the recipient.
 */
export function earliestAllowed(
  shared: Pick<Shared, 'library' | 'purposes'>,
  of: Whereabouts & Pick<Own, 'told' | 'purpose'>,
  here: Whereabouts,
  medium: Medium,
  start: number,
): { at: number; moves: ReadonlyMap<Mover, number> } {
  const { library } = shared
  const purpose = shared.purposes[of.purpose]
  const quiet = purpose?.quietHours === 'ignore' ? [] : quietHours(library, here, medium)
  const caps = capsOf(shared, of.purpose)
  const steps: [Mover, (at: number) => number][] = [['quiet', (at) => nextOpen(at, quiet)]]
  if (purpose?.onlyWhileOpen) {
    const place = branchOf(library, of)
    const hours = place?.openingHours ?? library.openingHours
    const opening = {
      ...(hours && { openingHours: hours }),
      closedDays: [...(library.closedDays ?? []), ...(place?.closedDays ?? [])],
    }
    steps.push(['hours', (at) => nextOpening(at, opening, place?.timeZone ?? library.timeZone)])
  }
  if (caps.length > 0) steps.push(['cap', (at) => nextFree(at, of.told ?? [], caps)])
  const moves = new Map<Mover, number>()
  let at = start
  const until = purpose?.onlyWhileOpen ? start + milliseconds('366d') : Number.POSITIVE_INFINITY
  for (let round = 0; round < 366 && at <= until; round++) {
    const before = at
    for (const [rule, next] of steps) {
      const moment = next(at)
      if (moment !== at) moves.set(rule, moment)
      if (Number.isNaN(moment)) return { at: moment, moves }
      at = moment
    }
    if (at === before || steps.length === 1) return { at, moves }
  }
  return { at: Number.NaN, moves: moves.set(purpose?.onlyWhileOpen ? 'hours' : 'quiet', Number.NaN) }
}
