import { defineConfig } from 'tsup'
import shared from '../../tsup.base.ts'

const config: ReturnType<typeof defineConfig> = defineConfig({
  ...shared,
  entry: { index: './src/index.ts', notices: './src/notices.ts', main: './src/main.ts' },
})

export default config
