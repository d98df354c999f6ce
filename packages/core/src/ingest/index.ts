// In: webhooks, feeds and calls of the host. Out: interactions, people and consents in the store, and the jobs they
// promise.
// Promise: each is checked, stored once, and promised work with it in one transaction.
export { blockThere, consent, refusalBy } from './consent.ts'
export { reportAgain } from './delivery-report.ts'
export { lookUp } from './directory.ts'
export { type Pull, type Pulls, pullFeed } from './feed.ts'
export { laidOver } from './people.ts'
export { record } from './record.ts'
export { followed, returned, turned } from './thread.ts'
export { spelled } from './validate.ts'
export { again, waitedId, waitKey } from './wake.ts'
export { handle } from './webhook.ts'
