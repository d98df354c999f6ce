import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OpenOptions, storeSuite } from '@prm/conformance/store'
import { afterAll, describe, test } from 'vitest'
import { sqlite } from '../src/index.ts'
import { storeOn } from '../src/sqlite.ts'
import { struck } from './faults.ts'

const folder = mkdtempSync(join(tmpdir(), 'prm-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a store file', { timeout: 30_000 }, () => {
  const faulty = (dies: boolean) => (database: string, options: OpenOptions, strikes: () => boolean) =>
    storeOn(struck(join(folder, database), strikes, dies), options)
  storeSuite(test, {
    open: (database, options) => sqlite({ ...options, file: join(folder, database) }),
    other: () => sqlite(),
    faults: { fails: faulty(false), 'is the last that the process runs': faulty(true) },
  })
})

describe('a store in memory', { timeout: 30_000 }, () => {
  storeSuite(test, {
    open: (_, options) => sqlite(options),
    lacks: { processes: 'it is in memory', moment: 'there is no second connection to read by' },
  })
})
