import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const main = fileURLToPath(new URL('../crash/main.ts', import.meta.url))

/** A short version of `npm run crash`, which ends with another code than 0 where the promise is broken. */
async function crash(...more: readonly string[]) {
  const args = ['--conditions=@prm/source', main, '--kills', '4', '--recipients', '120', '--json', ...more]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout)
}

describe.concurrent('killed again and again', { timeout: 200_000 }, () => {
  test('a host that can ask what went loses nothing and repeats nothing', async () => {
    expect(await crash()).toMatchObject({ kills: 4, lost: 0, duplicate: 0, lookup: true })
  })

  test('hosts that share a file and cannot ask lose nothing, and list all that they repeat', async () => {
    const said = await crash('--workers', '3', '--no-lookup')
    expect(said).toMatchObject({ kills: 4, lost: 0, workers: 3, lookup: false, duplicates_listed: said.duplicate })
    expect(said.duplicate).toBeLessThanOrEqual(4 * said.window)
  })

  test('hosts on PostgreSQL, and that too, lose nothing and repeat nothing', async ({ skip }) => {
    // A seed by which one of the kills is the database's.
    const said = await crash('--store', 'postgres', '--workers', '2', '--seed', '10').catch((error) => error)
    skip(`${said.stderr}`.includes('--store postgres:'), said.stderr)
    expect(said).toMatchObject({ kills: 4, lost: 0, duplicate: 0 })
    expect(said.killed_database).toBeGreaterThan(0)
  })

  test("hosts that run one plan lose nothing and repeat nothing, and the bill is the plan's", async () => {
    const said = await crash('--mode', 'outreach', '--workers', '2')
    expect(said).toMatchObject({ kills: 4, lost: 0, duplicate: 0, bill_equal: true })
    expect(said.run).toMatchObject({ sent: said.recipients, failed: 0, waiting: 0 })
  })

  test('hosts whose machine is put back to a snapshot lose nothing and repeat nothing', async () => {
    const said = await crash('--restore')
    expect(said).toMatchObject({ kills: 4, lost: 0, duplicate: 0 })
    expect(said.forgotten).toBeGreaterThan(0)
  })
})

describe.concurrent('the harness reports', { timeout: 200_000 }, () => {
  test.each([
    ['a look-up that never finds', 'find-nothing', 'duplicate'],
    ['a look-up that finds what is not there', 'find-anything', 'lost'],
    ['a store that forgets that a job was started', 'forget-lease', 'duplicate'],
  ])('%s', async (_, plant, what) => {
    // By this seed one is killed before the provider has the call, one after it, and one after the answer.
    const end = await crash('--plant', plant, '--seed', '7').catch((error) => error)
    expect(end).toMatchObject({ code: 1 })
    expect(JSON.parse(end.stdout)[what]).toBeGreaterThan(0)
  })
})
