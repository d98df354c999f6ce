// In: the options of a host. Out: what every room below is handed: the engine, jobs, rows, names.
// Promise: each job is named, keyed and filled in one place, so that rooms meet in jobs and not in calls.
export { inTime, measured, settleMs } from './adapter-call.ts'
export { noted } from './audit.ts'
export { type Claimed, claimOf, claimsBy } from './claims.ts'
export { type Engine, forMany, type Gap, type Gaps, leftToOthers, now, type Way, type Written } from './engine.ts'
export { erasedAddress, erasedRow, seal, sealed } from './erased.ts'
export { durationOf, keepId, keepMs, typesOf } from './event-types.ts'
export {
  againJob,
  askJob,
  backJobs,
  deliverJob,
  earlyJobs,
  expireJob,
  flowGroup,
  flowJobs,
  goesOn,
  lateJobs,
  listJobs,
  otherWay,
  outcomeJob,
  outcomeNames,
  pullJob,
  pullNames,
  reportMs,
  resumeJob,
  sweepJob,
} from './jobs.ts'
export { checkJson } from './json.ts'
export {
  collect,
  consentsAt,
  decisionOf,
  factsOf,
  knows,
  patronsAt,
  plannedMs,
  put,
  reachable,
  untold,
} from './lookup.ts'
export { addressId, bulkId, hash, mac, patronId, short } from './names.ts'
export { isRef, mostOfPart, storable, storablePerson, unstorableAt, unstorableIn } from './storable.ts'
