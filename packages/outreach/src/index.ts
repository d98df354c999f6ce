export { csvLine } from './cells.ts'
export { outreach } from './outreach.ts'
export { csv, ndjson, patrons, rows, type SourceOptions } from './sources.ts'
export type * from './types.ts'
