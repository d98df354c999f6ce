export { type Postgres, type PostgresOptions, postgres } from './postgres.ts'
