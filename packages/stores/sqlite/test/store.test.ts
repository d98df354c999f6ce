import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeSuite } from '@prm/conformance/store'
import { afterAll, describe, test } from 'vitest'
import { sqlite } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'prm-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a store file', { timeout: 30_000 }, () => {
  storeSuite(test, { open: (database, options) => sqlite({ ...options, file: join(folder, database) }) })
})

describe('a store in memory', { timeout: 30_000 }, () => {
  storeSuite(test, {
    open: (_, options) => sqlite(options),
    lacks: { processes: 'it is in memory', moment: 'there is no second connection to read by' },
  })
})
