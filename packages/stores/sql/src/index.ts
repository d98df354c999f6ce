export type {
  Backlog,
  Cancelled,
  Claim,
  Ending,
  Held,
  Jobs,
  Line,
  Listed,
  Listing,
  Touched,
} from './jobs.ts'
export type { StoredJob } from './moved.ts'
export type { PromisedJob } from './promise.ts'
export { type Migration, migrate, migrations, tooNew } from './schema.ts'
export {
  type Db,
  type Dialect,
  Overtaken,
  patiently,
  type Search,
  type Session,
  type Shared,
  type Value,
} from './session.ts'
export { milliseconds, type SqlStore, type SqlStoreOptions, sqlStore } from './store.ts'
