import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createVitest } from 'vitest/node'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Looks in every folder, not only where the workspace's globs look: a package put too deep must be found. */
function packageFolders(): string[] {
  const skip = /(^|\/)(node_modules|dist|fixtures)(\/|$)/
  return readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /(^|\/)package\.json$/.test(file) && !skip.test(file))
    .map((file) => join(root, 'packages', dirname(file)))
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
