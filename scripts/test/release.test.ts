import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { published, root, withNeeds } from '../check/packages.ts'
import { askedOf, bumpsOf, manifestWrong, stateOf } from '../publishing.ts'

const ci = { CI: 'true', ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1/token' }

test('a dry run is allowed anywhere, and publishing in CI with an id-token alone', () => {
  expect(askedOf(['--dry-run'], {})).toEqual({ dryRun: true })
  expect(askedOf(['--dry-run'], ci)).toEqual({ dryRun: true })
  expect(askedOf([], ci)).toEqual({ dryRun: false })
  expect(askedOf([], {})).toContain('published by CI only')
  expect(askedOf([], { CI: 'true' })).toContain('id-token: write')
})

test('an argument that is not known is refused, and never publishes', () => {
  expect(askedOf(['--dryrun'], ci)).toContain('usage: npm run release -- --dry-run')
  expect(askedOf(['now'], ci)).toContain('usage: npm run release -- --dry-run')
})

test('the command itself refuses outside CI, before it builds anything', () => {
  const env = { ...process.env, CI: '', ACTIONS_ID_TOKEN_REQUEST_URL: '' }
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(root, 'scripts/release.ts')], {
    encoding: 'utf8',
    env,
  })
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toContain('npm run release -- --dry-run')
})

test('every public package is published with access and provenance', () => {
  const without = published.flatMap(({ name, manifest }) =>
    manifestWrong({ ...manifest, repository: 'here' }).map((one) => `${name}: ${one}`),
  )
  expect(without).toEqual([])
  expect(manifestWrong({ name: 'a', version: '1.0.0', description: '' })).toHaveLength(3)
})

test('a package waits for its version, would be published, or is published already', () => {
  const bumps = bumpsOf(["---\n'@prm/a': patch\n---\n\nA.\n", "---\n'@prm/a': minor\n'@prm/b': patch\n---\n\nB.\n"])
  expect([...bumps]).toEqual([
    ['@prm/a', 'minor'],
    ['@prm/b', 'patch'],
  ])
  const tags = new Set(['@prm/c@1.0.0'])
  expect(stateOf({ name: '@prm/a', version: '0.0.0' }, bumps, tags)).toBe('waits for `changeset version` (minor)')
  expect(stateOf({ name: '@prm/c', version: '1.0.0' }, bumps, tags)).toBe('published already')
  expect(stateOf({ name: '@prm/c', version: '1.1.0' }, bumps, tags)).toBe('would be published')
})

test('a package is packed with what it needs, and with nothing else', () => {
  const names = withNeeds(['@prm/store-sqlite']).map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['@prm/core', '@prm/store-sql', '@prm/store-sqlite']))
  expect(names).not.toContain('@prm/twilio')
})
