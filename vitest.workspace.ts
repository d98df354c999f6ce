import type { TestProjectConfiguration } from 'vitest/config'
import shared from './vitest.shared.ts'

/** One project a package, named like it, and `workspace` for what lies outside the packages. */
const projects: TestProjectConfiguration[] = [
  'packages/*/vitest.config.ts',
  'packages/*/*/vitest.config.ts',
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
