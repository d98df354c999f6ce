// In: a library, a patron, a medium and a time. Out: the first time that quiet hours, opening hours, caps and rates
// allow.
// Promise: pure; the same question has the same answer.
export { earliestAllowed, type Mover } from './allowed-time.ts'
export { capsOf } from './frequency-cap.ts'
export { branchOf, type Whereabouts, zoneOf } from './place.ts'
export { booked, daysWith, dueOf, isRated, type Moment, moved, type Rated, slotIn } from './slots.ts'
