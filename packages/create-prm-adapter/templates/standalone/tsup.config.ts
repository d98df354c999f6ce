import { defineConfig } from 'tsup'

const config: ReturnType<typeof defineConfig> = defineConfig({
  entry: { index: 'src/index.ts', simulator: 'simulator/index.ts' },
  format: 'esm',
  dts: true,
  sourcemap: true,
  clean: true,
  target: 'node22',
})

export default config
