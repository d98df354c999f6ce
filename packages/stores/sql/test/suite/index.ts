import { commitChecks } from './commit.ts'
import { dropChecks } from './drop.ts'
import { findChecks } from './find.ts'
import { leaseChecks } from './lease.ts'
import { modelChecks } from './model.ts'
import { onceChecks } from './once.ts'
import type { Check, Place, Test } from './place.ts'
import { searchChecks } from './search.ts'
import { transferChecks } from './transfer.ts'
import { workChecks } from './work.ts'

export type { Place, Test } from './place.ts'

/** What every store promises, each sentence a test. `make` gives an empty database. */
export function storeSuite(test: Test, make: () => Place): void {
  const check: Check = (name, run) =>
    test(name, async () => {
      const place = make()
      try {
        await run(place)
      } finally {
        await place.remove()
      }
    })
  commitChecks(check)
  modelChecks(check)
  dropChecks(check)
  searchChecks(check)
  transferChecks(check)
  findChecks(check)
  workChecks(check)
  leaseChecks(check)
  onceChecks(check)
}
