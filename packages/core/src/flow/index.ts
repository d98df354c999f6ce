// In: an interaction and the function that a host wrote for it. Out: the steps that it did, slept and waited through.
// Promise: a step that is done is not done again, whatever restarts.
export { runFlow } from './run.ts'
