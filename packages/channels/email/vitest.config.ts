import type { UserWorkspaceConfig } from 'vitest/config'
import shared from '../../../vitest.shared.ts'

// They wait for connections that are cut off, start processes, and mock a module.
const config: UserWorkspaceConfig = {
  ...shared,
  test: { ...shared.test, isolate: true, testTimeout: 30_000, hookTimeout: 30_000 },
}

export default config
