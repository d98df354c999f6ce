import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createVitest } from 'vitest/node'
import { circles } from '../check/circles.ts'
import { type Manifest, packages } from '../check/packages.ts'

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
  const projects = vitest.projects.filter((project) => !['engine', 'workspace'].includes(project.name))
  const found = projects.map((project) => [project.config.root, project.name])
  await vitest.close()

  const nameIn = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name
  expect(found.sort()).toEqual(packageFolders().map((folder) => [folder, nameIn(folder)]))
})

test('no package needs itself by way of others, not even for its tests', () => {
  const needs = ({ dependencies, devDependencies, peerDependencies }: Manifest) =>
    Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })
  const graph = new Map(packages.map(({ name, manifest }) => [name, needs(manifest)]))
  expect(circles(graph)).toEqual([])
  expect(graph.get('@prm/store-sqlite')).toContain('@prm/core')
})
