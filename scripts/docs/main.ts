// npm run docs: makes the pages of packages and of the TypeScript reference, then the static site, then checks every link
// and anchor of it. With `dev` it serves the site while you write; --quick leaves the TypeScript reference as it is.
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../check/packages.ts'
import { kinds } from './kinds.ts'
import { brokenLinks } from './links.ts'

const args = process.argv.slice(2)
const docs = join(root, 'docs')

packagePages()
if (!args.includes('--quick')) {
  rmSync(join(docs, 'reference/api'), { recursive: true, force: true })
  run('typedoc')
}
run('vitepress', args.includes('dev') ? 'dev' : 'build', 'docs')
const broken = [...brokenLinks(join(docs, '.vitepress/dist'))]
for (const line of broken) console.log(`broken: ${line}`)
if (broken.length > 0) process.exit(1)
console.log('docs/.vitepress/dist holds the site.')

/** Copies each package's README to its page. The page names its source, from which its links are read. */
function packagePages(): void {
  mkdirSync(join(docs, 'packages'), { recursive: true })
  for (const file of globSync('*.md', { cwd: join(docs, 'packages') }))
    if (file !== 'index.md') rmSync(join(docs, 'packages', file))
  for (const { packages } of kinds)
    for (const { readme, page } of packages)
      writeFileSync(
        join(docs, 'packages', `${page}.md`),
        `---\nsource: ${readme}\n---\n\n${readFileSync(join(root, readme), 'utf8')}`,
      )
}

function run(command: string, ...rest: readonly string[]): void {
  const shell = process.platform === 'win32'
  const { status } = spawnSync(join(root, 'node_modules/.bin', command), rest, { cwd: root, stdio: 'inherit', shell })
  if (status !== 0) process.exit(status ?? 1)
}
