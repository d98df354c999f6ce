import type { UserWorkspaceConfig } from 'vitest/config'
import shared from '../../../vitest.shared.ts'

// They mock a module.
const config: UserWorkspaceConfig = { ...shared, test: { ...shared.test, isolate: true } }

export default config
