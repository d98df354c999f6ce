import shared from '../../vitest.shared.ts'

// They start processes.
const config: typeof shared = { ...shared, test: { ...shared.test, testTimeout: 120_000 } }

export default config
