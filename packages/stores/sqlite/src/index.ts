export { copyOf } from './copy.ts'
export { type Sqlite, type SqliteOptions, type SqliteSettings, sqlite } from './sqlite.ts'
