import type { TestProjectConfiguration } from 'vitest/config'
import shared from './vitest.shared.ts'

/** One project a package, named like it, `engine` for the engine on a store, and `workspace` for scripts and examples. */
const projects: TestProjectConfiguration[] = [
  'packages/*/vitest.config.ts',
  'packages/*/*/vitest.config.ts',
  { ...shared, test: { ...shared.test, name: 'engine', include: ['test/**/*.test.ts'] } },
  {
    ...shared,
    test: {
      ...shared.test,
      name: 'workspace',
      include: ['scripts/**/*.test.ts', 'examples/**/*.test.ts'],
      testTimeout: 120_000, // they start processes
    },
  },
]

export default projects
