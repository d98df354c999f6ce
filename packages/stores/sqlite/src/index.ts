export { copyOf } from './copy.ts'
export { type InFile, type InMemory, type Sqlite, type SqliteOptions, type SqliteSettings, sqlite } from './sqlite.ts'
