import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Place } from '../../../conformance/src/store/place.ts'
import { type Sqlite, sqlite } from '../src/index.ts'

/** A database file in a folder of its own. */
export function place(): Pick<Place, 'open'> & { readonly file: string; remove(): Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), 'prm-sqlite-'))
  const file = join(folder, 'store.db')
  const opened: Sqlite[] = []
  return {
    file,
    open(options = {}) {
      const store = sqlite({ ...options, file })
      opened.push(store)
      return store
    },
    async remove() {
      await Promise.all(opened.map((store) => store.close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
