export { type Migration, migrate, migrations, tooNew } from './schema.ts'
export type { Db, Dialect } from './session.ts'
export { milliseconds, type SqlStore, type SqlStoreOptions, sqlStore } from './store.ts'
