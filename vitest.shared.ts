import { fileURLToPath } from 'node:url'
import type { UserWorkspaceConfig } from 'vitest/config'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** What every project has: the sources of sibling packages instead of their builds, and a closed network. */
const shared: UserWorkspaceConfig = {
  ssr: { resolve: { conditions: ['@prm/source', 'module', 'node', 'development|production'] } },
  test: {
    environment: 'node',
    // One worker a core: without it a machine of two cores gets one.
    maxWorkers: '100%',
    // The files of a project share what they import: to import it anew for each takes as long as the tests themselves. A
    // project that mocks a module (`vi.mock`) asks for `isolate: true`.
    isolate: false,
    // Node keeps here what it compiled for the processes that tests start: each starts in half the time.
    env: { NODE_COMPILE_CACHE: here('./node_modules/.cache/compiled') },
    // A guard against what hangs, not a measure: machines that do other work beside are slow.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000, interval: 10 } },
    setupFiles: [here('./scripts/test/closed-network.ts')],
  },
}

export default shared
