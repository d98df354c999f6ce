import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { defineConfig } from 'tsup'
import { declare } from './scripts/declare.ts'

type Manifest = { exports: Record<string, string | { '@prm/source': string; default: string }> }

// tsup runs in the package's folder; what its manifest exports is what is built.
const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const entry: Record<string, string> = {}
for (const target of Object.values(exports)) {
  if (typeof target === 'object') entry[basename(target.default, '.js')] = target['@prm/source']
}

const config: ReturnType<typeof defineConfig> = defineConfig({
  entry,
  format: 'esm',
  dts: false,
  // One file of declarations a source file: "go to definition" leads to names and comments as they were written.
  onSuccess: async () => declare(entry),
  sourcemap: true,
  clean: true,
  target: 'node22',
  removeNodeProtocol: false, // without it there is no `sqlite`
})

export default config
