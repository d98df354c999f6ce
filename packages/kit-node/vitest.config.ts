import type { UserWorkspaceConfig } from 'vitest/config'
import shared from '../../vitest.shared.ts'

/** What closes the network in other tests stands between node:https and its sockets; these are about those, on loopback. */
const config: UserWorkspaceConfig = { ...shared, test: { ...shared.test, setupFiles: [] } }

export default config
