import type { UserWorkspaceConfig } from 'vitest/config'
import shared from '../../../vitest.shared.ts'

// They wait for connections that are cut off, and start processes.
const config: UserWorkspaceConfig = { ...shared, test: { ...shared.test, testTimeout: 30_000, hookTimeout: 30_000 } }

export default config
