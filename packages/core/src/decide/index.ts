// In: what all decisions of a host share, and what is known for one. Out: to send, to wait or not to send, with every
// reason.
// Promise: pure; the same inputs give the same decision forever. The rules stand in `rules/index.ts`, in order.
export { refusalOf } from './consent.ts'
export { decide } from './decide.ts'
export { excludedBy } from './excluded.ts'
export { channelsOf, preferredMedia } from './media.ts'
export { aboutMinor } from './recipient.ts'
