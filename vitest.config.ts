import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { PlainCount } from './scripts/plain-count.ts'
import projects from './vitest.workspace.ts'

const config: ViteUserConfig = defineConfig({
  // One worker a core: without it a machine of two cores gets one.
  test: { projects, maxWorkers: '100%', reporters: ['default', new PlainCount()] },
})

export default config
