import type { UserWorkspaceConfig } from 'vitest/config'
import shared from '../../vitest.shared.ts'

const config: UserWorkspaceConfig = {
  ...shared,
  test: { ...shared.test, testTimeout: 120_000 }, // they start processes
}

export default config
