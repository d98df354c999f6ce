export type { NetConfig } from './config.ts'
export { fetchBy } from './fetch.ts'
