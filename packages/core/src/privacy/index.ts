// In: a patron, an address, or the age of a row. Out: what is removed, and what is kept and why.
// Promise: what is erased is gone from every table, index, job and provider that can; a STOP outlives its number.

export { erase } from './erase.ts'
export { removeThere } from './erase-at-provider.ts'
export { erasedSince } from './erased-since.ts'
export { expire, expireDaily } from './retention.ts'
