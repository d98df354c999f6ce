// Each published package that changed since its last release is named by a changeset. `changeset status` compares with a
// branch, which a fresh or shallow clone may lack; this asks what the changelogs say.
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { wrong } from './budget.ts'
import { type Package, packages, published, root } from './packages.ts'

const git = (...args: readonly string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()

/** What a user of the package gets. */
const shipped = ['src', 'simulator', 'templates', 'README.md', 'package.json']

/** Whether anything shipped differs from the commit that wrote the changelog; without one there was no release yet. */
function changed({ folder }: Package): boolean {
  const log = `${folder}/CHANGELOG.md`
  if (!existsSync(join(root, log))) return true
  const release = git('log', '-1', '--format=%H', '--', log)
  if (release === '') return false // the release itself is not committed yet
  const paths = shipped.map((name) => `${folder}/${name}`)
  return git('diff', '--name-only', release, '--', ...paths) + git('status', '--porcelain', '--', ...paths) !== ''
}

const named = new Set<string>()
for (const file of globSync('.changeset/*.md', { cwd: root })) {
  if (file.endsWith('README.md')) continue
  const [, head = '', words = ''] =
    /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(readFileSync(join(root, file), 'utf8')) ?? []
  if (words.trim() === '') wrong(`${file} says nothing to the person who upgrades`)
  for (const line of head.split('\n').filter(Boolean)) {
    const [, name = ''] = /^['"](.+)['"]: (?:major|minor|patch)$/.exec(line) ?? []
    if (!packages.some((one) => one.name === name)) wrong(`${file}: "${line}" names no package and bump`)
    named.add(name)
  }
}
for (const one of published)
  if (!named.has(one.name) && changed(one)) wrong(`${one.name} changed and no changeset names it: npx changeset`)
console.log(`${named.size} packages in changesets, ${published.length} published`)
