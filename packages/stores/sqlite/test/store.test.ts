import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type OpenOptions, storeSuite } from '@prm/conformance/store'
import { afterAll, describe, test } from 'vitest'
import { sqlite } from '../src/index.ts'
import { storeOn } from '../src/sqlite.ts'
import { struck } from './faults.ts'

const folder = mkdtempSync(join(tmpdir(), 'prm-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a store file', { timeout: 60_000 }, () => {
  const faulty = (dies: boolean) => (database: string, options: OpenOptions, strikes: () => boolean) =>
    storeOn(struck(join(folder, database), strikes, dies), options)
  storeSuite(test, {
    open: (database, options) => sqlite({ ...options, file: join(folder, database) }),
    other: () => sqlite({ memory: true }),
    faults: { fails: faulty(false), 'is the last that the process runs': faulty(true) },
  })
})

describe('a store in memory, with a clock of its own and no count', { timeout: 30_000 }, () => {
  storeSuite(test, {
    open: (_, { clock: _its, ...options }) => ({ ...sqlite({ ...options, memory: true }), transactions: Number.NaN }),
    lacks: {
      processes: 'it is in memory',
      clock: 'its clock is its own',
      transactions: 'it does not count them',
      moment: 'there is no second connection to read by',
    },
  })
})

test('the suite runs in node:test as well, and says in the name why a check is skipped', () => {
  const file = fileURLToPath(new URL('node.ts', import.meta.url))
  const args = [
    '--conditions=@prm/source',
    '--test',
    '--test-reporter=tap',
    '--test-name-pattern=store/(unless|poll|crash)',
    file,
  ]
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const said = execFileSync(process.execPath, args, { encoding: 'utf8', env })
  assert.match(said, /^ *ok \d+ - store\/unless: a batch whose unless is there writes nothing$/m)
  assert.match(said, /^ *ok \d+ - store\/poll skipped: it is in memory$/m)
  assert.match(said, /^ *ok \d+ - store\/crash-… skipped: no faults$/m)
  assert.match(said, /# fail 0/)
})
