import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { PlainCount } from './scripts/plain-count.ts'
import projects from './vitest.workspace.ts'

const config: ViteUserConfig = defineConfig({
  test: { projects, reporters: ['default', new PlainCount()] },
})

export default config
