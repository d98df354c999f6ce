import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const main = fileURLToPath(new URL('../crash/main.ts', import.meta.url))

/** A short version of `npm run crash`, which ends with another code than 0 where the promise is broken. */
async function crash(...more: readonly string[]) {
  const args = ['--conditions=@prm/source', main, '--kills', '4', '--recipients', '160', '--json', ...more]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout)
}

test('killed again and again, a host that can ask what went loses nothing and repeats nothing', async () => {
  expect(await crash()).toMatchObject({ kills: 4, lost: 0, duplicate: 0, lookup: true })
}, 200_000)

test('killed one by one, three hosts that cannot ask lose nothing, and list all that they repeat', async () => {
  const said = await crash('--workers', '3', '--no-lookup')
  expect(said).toMatchObject({ kills: 4, lost: 0, workers: 3, lookup: false, duplicates_listed: said.duplicate })
  expect(said.duplicate).toBeLessThanOrEqual(4 * said.window)
}, 200_000)
