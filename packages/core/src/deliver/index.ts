// In: the job of a message that is due. Out: one call to a provider, and its outcome in the store.
// Promise: every attempt ends in exactly one recorded outcome; what may have gone is looked up before it goes again.
export { deliver } from './deliver.ts'
export { again } from './fallback.ts'
export { type Down, downNow, read } from './outage.ts'
export { noteGap } from './restore-gap.ts'
export { ask, sweep } from './status.ts'
