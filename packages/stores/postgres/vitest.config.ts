import type { UserWorkspaceConfig } from 'vitest/config'
import shared from '../../../vitest.shared.ts'

const config: UserWorkspaceConfig = { ...shared, test: { ...shared.test, globalSetup: ['./test/run.ts'] } }

export default config
