// In: the options of a host and its calls. Out: a running host: workers, reads, explanations, replays.
// Promise: wrong options are refused before any call, and every look at a patron is noted.
export { createPrm } from './create.ts'
