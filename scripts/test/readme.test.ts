import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
// Below node_modules, where the packages are found as a consumer finds them and git does not look.
const folder = join(root, 'node_modules', '.readme')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Pages that people write; those that the site makes of them have the same blocks. */
const pages = (...patterns: readonly string[]) =>
  globSync(patterns, { cwd: root, exclude: ['docs/packages/**', 'docs/reference/api/**'] })

test('every program of a README compiles', () => {
  const files = pages('README.md', 'docs/**/*.md', 'packages/*/README.md', 'packages/*/*/README.md')
  const programs = files.flatMap((file) => {
    // One that names a file of the examples is compiled where that is.
    const blocks = readFileSync(join(root, file), 'utf8').matchAll(/```ts\n(?!\/\/ examples\/)([\s\S]*?)```/g)
    return [...blocks].map(([, code = ''], index) => ({ name: `${file.replaceAll('/', '-')}-${index}.ts`, code }))
  })
  expect(programs.length).toBeGreaterThan(4)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { name, code } of programs) writeFileSync(join(folder, name), `${code}\nexport {}\n`)
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.base.json',
      compilerOptions: { isolatedDeclarations: false, declaration: false },
      include: ['*.ts'],
      exclude: [],
    }),
  )
  const tsc = join(root, 'node_modules', '.bin', 'tsc')
  const said = (() => {
    try {
      execFileSync(tsc, ['-p', folder], { encoding: 'utf8' })
      return ''
    } catch (error) {
      return (error as { stdout: string }).stdout
    }
  })()
  expect(said).toBe('')
})

test('a block that names a file is that file, which runs in its own test', () => {
  const blocks = pages('docs/**/*.md', 'packages/*/README.md', 'packages/*/*/README.md').flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/```ts\n\/\/ (examples\/\S+)\n([\s\S]*?)```/g)].map(
      (match) => ({ file, match }),
    ),
  )
  expect(blocks.length).toBeGreaterThan(1)
  for (const { file, match } of blocks) {
    const [, name = '', code] = match
    expect(code, `${file}: ${name}`).toBe(readFileSync(join(root, name), 'utf8'))
  }
})
