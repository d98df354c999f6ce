export { copyOf } from './copy.ts'
export { type Sqlite, type SqliteOptions, sqlite } from './sqlite.ts'
