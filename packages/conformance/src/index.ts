export { adapterSuite } from './suite.ts'
export type { AnySimulator, Deviation, Fixtures, Suite, Test } from './words.ts'
