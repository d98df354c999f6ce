import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createVitest } from 'vitest/node'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Looks in every folder, not only where the workspace's globs look: a package put too deep must be found. */
function packageFolders(folder: string = join(root, 'packages')): string[] {
  // By hand, since Node's recursive reading follows links, and packages link to each other in a circle.
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !/^(node_modules|dist|fixtures)$/.test(entry.name))
    .flatMap((entry) => {
      if (entry.isDirectory()) return packageFolders(join(folder, entry.name))
      return entry.name === 'package.json' ? [folder] : []
    })
    .sort()
}

test('every package below packages/ is a test project, and every test project is a package', async () => {
  const vitest = await createVitest('test', { root, watch: false })
  const projects = vitest.projects.filter((project) => project.name !== 'workspace')
  const found = projects.map((project) => [project.config.root, project.name])
  await vitest.close()

  const nameIn = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name
  expect(found.sort()).toEqual(packageFolders().map((folder) => [folder, nameIn(folder)]))
})
