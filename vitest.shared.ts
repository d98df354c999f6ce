import { fileURLToPath } from 'node:url'
import type { UserWorkspaceConfig } from 'vitest/config'

/** What every project has: the sources of sibling packages instead of their builds, and a closed network. */
const shared: UserWorkspaceConfig = {
  ssr: { resolve: { conditions: ['@prm/source', 'module', 'node', 'development|production'] } },
  test: {
    environment: 'node',
    // A guard against what hangs, not a measure: machines that do other work beside are slow.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000, interval: 10 } },
    setupFiles: [fileURLToPath(new URL('./scripts/test/closed-network.ts', import.meta.url))],
  },
}

export default shared
