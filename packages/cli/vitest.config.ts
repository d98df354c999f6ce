import shared from '../../vitest.shared.ts'

// They start processes.
const config: typeof shared = { ...shared, test: { ...shared.test, testTimeout: 240_000 } }

export default config
