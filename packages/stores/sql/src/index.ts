export { type Migration, migrate, migrations, tooNew } from './schema.ts'
export { type Db, type Dialect, patiently, type Search, type Session, type Value } from './session.ts'
export { milliseconds, type SqlStore, type SqlStoreOptions, sqlStore } from './store.ts'
