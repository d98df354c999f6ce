import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const relatively = (file: string): string => relative(root, file).replaceAll('\\', '/')

/** Lists the files that a script of package.json runs, by the arguments that it gives Vitest. */
async function filesOf(script: string): Promise<readonly string[]> {
  const args = String(scripts[script]).split(' vitest run ')[1]?.replaceAll('"', '').split(' ') ?? []
  const list = [vitest, 'list', '--filesOnly', '--json', ...args]
  const { stdout } = await promisify(execFile)(process.execPath, list, { cwd: root, maxBuffer: 1e8 })
  const files: readonly { readonly file: string }[] = JSON.parse(stdout)
  return files.map(({ file }) => relatively(file)).sort()
}

const elsewhere = new Set(['node_modules', 'dist', 'fixtures', '.toolchain'])
const written = globSync('**/*.test.ts', { cwd: root, exclude: (path) => elsewhere.has(basename(path)) })
  .map((file) => file.replaceAll('\\', '/'))
  .sort()
const long = written.filter((file) => file.endsWith('.long.test.ts'))

test('`npm test` runs every test file but those named .long.test.ts', async () => {
  expect(await filesOf('test')).toEqual(written.filter((file) => !long.includes(file)))
})

test('`npm run test:long` runs every test file named .long.test.ts', async () => {
  expect(await filesOf('test:long')).toEqual(long)
  expect(long).toContain('scripts/test/crash.long.test.ts')
})
